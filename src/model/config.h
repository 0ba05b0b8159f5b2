// model/config.h -- what a dense decoder-only model is, as one value that all families share.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

namespace stratagram::model {

enum class Family { kLlama, kQwen2, kQwen3 };

/// How rotary frequencies are changed for longer contexts.
struct RopeScaling {
  std::string kind = "none";  ///< "none", "linear" or "llama3"
  double factor = 1.0;        ///< linear and llama3: frequencies are divided by it
  double low_freq_factor = 1.0;
  double high_freq_factor = 4.0;
  int64_t original_max_positions = 8192;
  friend bool operator==(const RopeScaling&, const RopeScaling&) = default;
};

/// Read from the model's own files, once. Counts are at least 1; num_heads is a multiple of
/// num_kv_heads.
struct ModelConfig {
  Family family = Family::kLlama;
  int64_t vocab_size = 0;
  int64_t width = 0;         ///< D
  int64_t num_layers = 0;    ///< L
  int64_t num_heads = 0;     ///< Q
  int64_t num_kv_heads = 0;  ///< K
  int64_t head_width = 0;    ///< H; need not be width / num_heads
  int64_t mlp_width = 0;
  int64_t max_positions = 0;
  double rope_theta = 10000.0;
  double norm_eps = 1e-6;
  RopeScaling rope{};
  bool tied_head = false;  ///< the head is the embedding; no lm_head.weight then
  bool qkv_bias = false;
  bool o_bias = false;
  bool qk_norm = false;  ///< RMSNorm over each head of queries and keys, before RoPE
  std::vector<int32_t> end_token_ids{};
  std::optional<int32_t> bos_token_id{};
  std::optional<int32_t> pad_token_id{};
  friend bool operator==(const ModelConfig&, const ModelConfig&) = default;
};

}  // namespace stratagram::model
