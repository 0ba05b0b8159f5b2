// model/bert_config.h -- config.json of BERT encoders, as sentence encoders are made of. Free of
// torch.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

namespace stratagram::model {

/// Counts are at least 1; width is a multiple of num_heads.
struct BertConfig {
  int64_t vocab_size = 0;
  int64_t width = 0;       ///< D
  int64_t num_layers = 0;  ///< L
  int64_t num_heads = 0;
  int64_t mlp_width = 0;
  int64_t max_positions = 0;
  int64_t num_segments = 0;
  double norm_eps = 1e-12;
  friend bool operator==(const BertConfig&, const BertConfig&) = default;
};

/// Throws Error(kData) naming `where`, the key, what was wanted and what came, for another
/// architecture and for options that are not supported: an activation other than gelu (the exact
/// one), positions other than absolute, decoders.
[[nodiscard]] BertConfig parse_bert_config(const nlohmann::json& spec, const std::string& where);

/// Name (without "bert." before it) and shape of every tensor that the forward pass uses.
[[nodiscard]] std::vector<std::pair<std::string, std::vector<int64_t>>> bert_tensors(
    const BertConfig& config);

}  // namespace stratagram::model
