#include "model/bert_config.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/jsonl.h"

namespace stratagram::model {
namespace {

using nlohmann::json;

// Far above any model; a damaged number would ask for more names of tensors than fit in memory.
constexpr int64_t kMaxLayers = 4096;

void refuse_unsupported(const json& spec, const std::string& where) {
  const auto want = [&](const char* key, const char* wanted) {
    const auto got = optional_field_of<std::string>(spec, key, where).value_or(wanted);
    if (got == wanted) return;
    fail(ErrorKind::kData,
         "{}: {}: wanted {}, got '{}', which is not supported",
         where,
         key,
         wanted,
         got);
  };
  const auto type = optional_field_of<std::string>(spec, "model_type", where).value_or("");
  if (type != "bert") {
    fail(ErrorKind::kData,
         "{}: model_type: wanted bert, got '{}'; sentence encoders of other architectures are not "
         "supported",
         where,
         type);
  }
  want("hidden_act", "gelu");
  want("position_embedding_type", "absolute");
  for (const char* key : {"is_decoder", "add_cross_attention"}) {
    if (optional_field_of<bool>(spec, key, where).value_or(false)) {
      fail(ErrorKind::kData, "{}: {} = true is not supported", where, key);
    }
  }
}

void check(const BertConfig& config, const std::string& where) {
  const auto within = [&](const char* name, int64_t value, int64_t most) {
    if (value >= 1 && value <= most) return;
    fail(ErrorKind::kData, "{}: {}: wanted 1 to {}, got {}", where, name, most, value);
  };
  constexpr int64_t kMost = std::numeric_limits<int32_t>::max();
  within("vocab_size", config.vocab_size, kMost);
  within("hidden_size", config.width, kMost);
  within("num_hidden_layers", config.num_layers, kMaxLayers);
  within("num_attention_heads", config.num_heads, kMost);
  within("intermediate_size", config.mlp_width, kMost);
  within("max_position_embeddings", config.max_positions, kMost);
  within("type_vocab_size", config.num_segments, kMost);
  if (config.width % config.num_heads != 0) {
    fail(ErrorKind::kData,
         "{}: hidden_size {} is not a multiple of num_attention_heads {}",
         where,
         config.width,
         config.num_heads);
  }
  if (!std::isfinite(config.norm_eps) || config.norm_eps <= 0) {
    fail(ErrorKind::kData,
         "{}: layer_norm_eps: wanted a number above 0, got {}",
         where,
         config.norm_eps);
  }
}

}  // namespace

BertConfig parse_bert_config(const json& spec, const std::string& where) {
  refuse_unsupported(spec, where);
  BertConfig config{
      .vocab_size = field_of<int64_t>(spec, "vocab_size", where),
      .width = field_of<int64_t>(spec, "hidden_size", where),
      .num_layers = field_of<int64_t>(spec, "num_hidden_layers", where),
      .num_heads = field_of<int64_t>(spec, "num_attention_heads", where),
      .mlp_width = field_of<int64_t>(spec, "intermediate_size", where),
      .max_positions = field_of<int64_t>(spec, "max_position_embeddings", where),
      .num_segments = optional_field_of<int64_t>(spec, "type_vocab_size", where).value_or(2),
      .norm_eps = optional_field_of<double>(spec, "layer_norm_eps", where).value_or(1e-12)};
  check(config, where);
  return config;
}

std::vector<std::pair<std::string, std::vector<int64_t>>> bert_tensors(const BertConfig& config) {
  const int64_t width = config.width;
  std::vector<std::pair<std::string, std::vector<int64_t>>> tensors;
  const auto add_norm = [&](const std::string& name) {
    tensors.emplace_back(name + ".weight", std::vector{width});
    tensors.emplace_back(name + ".bias", std::vector{width});
  };
  const auto add_linear = [&](const std::string& name, int64_t out, int64_t in) {
    tensors.emplace_back(name + ".weight", std::vector{out, in});
    tensors.emplace_back(name + ".bias", std::vector{out});
  };
  tensors.emplace_back("embeddings.word_embeddings.weight", std::vector{config.vocab_size, width});
  tensors.emplace_back("embeddings.position_embeddings.weight",
                       std::vector{config.max_positions, width});
  tensors.emplace_back("embeddings.token_type_embeddings.weight",
                       std::vector{config.num_segments, width});
  add_norm("embeddings.LayerNorm");
  for (int64_t i = 0; i < config.num_layers; ++i) {
    const std::string layer = fmt::format("encoder.layer.{}.", i);
    for (const char* part : {"query", "key", "value"}) {
      add_linear(layer + "attention.self." + part, width, width);
    }
    add_linear(layer + "attention.output.dense", width, width);
    add_norm(layer + "attention.output.LayerNorm");
    add_linear(layer + "intermediate.dense", config.mlp_width, width);
    add_linear(layer + "output.dense", width, config.mlp_width);
    add_norm(layer + "output.LayerNorm");
  }
  return tensors;
}

}  // namespace stratagram::model
