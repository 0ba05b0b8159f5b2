#include "model/hf_config.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/file.h"
#include "core/jsonl.h"

namespace stratagram::model {
namespace {

using nlohmann::json;

struct FamilyNames {
  Family family;
  const char* model_type;
  const char* architecture;
};
constexpr FamilyNames kFamilies[] = {{Family::kLlama, "llama", "LlamaForCausalLM"},
                                     {Family::kQwen2, "qwen2", "Qwen2ForCausalLM"},
                                     {Family::kQwen3, "qwen3", "Qwen3ForCausalLM"}};

// Far above any model; a damaged number would ask for more names of tensors than fit in memory.
constexpr int64_t kMaxLayers = 4096;

template <typename T>
T value_or(const json& spec, const char* key, const T& fallback, const std::string& where) {
  return optional_field_of<T>(spec, key, where).value_or(fallback);
}

Family family_of(const json& spec, const std::string& where) {
  const auto type = value_or<std::string>(spec, "model_type", "", where);
  for (const FamilyNames& names : kFamilies) {
    if (type == names.model_type) return names.family;
  }
  const json architectures = spec.value("architectures", json::array());
  fail(ErrorKind::kData,
       "{}: model_type: wanted llama, qwen2 or qwen3, got '{}' (architectures {}); other "
       "architectures are not supported",
       where,
       type,
       architectures.dump());
}

// transformers 4 has rope_theta at the top and rope_scaling beside it; 5 has both in
// rope_parameters.
void read_rope(const json& spec, ModelConfig& config, const std::string& where) {
  const char* key = spec.contains("rope_parameters") ? "rope_parameters" : "rope_scaling";
  json scaling = spec.value(key, json());
  if (!scaling.is_object()) scaling = json::object();
  const std::string here = fmt::format("{}: {}", where, key);
  const double theta = value_or<double>(spec, "rope_theta", 10000.0, where);
  config.rope_theta = value_or<double>(scaling, "rope_theta", theta, here);
  const auto old_name = value_or<std::string>(scaling, "type", "default", here);
  const auto type = value_or<std::string>(scaling, "rope_type", old_name, here);
  if (type == "default") return;
  if (type != "linear" && type != "llama3") {
    fail(ErrorKind::kData,
         "{}: rope_type: wanted default, linear or llama3, got '{}', which is not supported",
         here,
         type);
  }
  config.rope.kind = type;
  config.rope.factor = field_of<double>(scaling, "factor", here);
  if (type == "llama3") {
    config.rope.low_freq_factor = field_of<double>(scaling, "low_freq_factor", here);
    config.rope.high_freq_factor = field_of<double>(scaling, "high_freq_factor", here);
    config.rope.original_max_positions =
        field_of<int64_t>(scaling, "original_max_position_embeddings", here);
  }
}

void refuse_unsupported(const json& spec, const std::string& where) {
  const auto activation = value_or<std::string>(spec, "hidden_act", "silu", where);
  if (activation != "silu") {
    fail(ErrorKind::kData, "{}: hidden_act: wanted silu, got '{}'", where, activation);
  }
  if (value_or<bool>(spec, "use_sliding_window", false, where)) {
    fail(ErrorKind::kData, "{}: use_sliding_window = true is not supported", where);
  }
  if (value_or<bool>(spec, "mlp_bias", false, where)) {
    fail(ErrorKind::kData, "{}: mlp_bias = true is not supported", where);
  }
  if (spec.contains("quantization_config") && !spec.at("quantization_config").is_null()) {
    fail(ErrorKind::kData,
         "{}: quantization_config: quantised safetensors are not supported; take the unquantised "
         "model or a GGUF file",
         where);
  }
}

std::vector<int32_t> ids_of(const json& value, const std::string& where) {
  std::vector<int32_t> ids;
  for (const json& id : value.is_array() ? value : json::array({value})) {
    if (!id.is_number_integer()) {
      fail(ErrorKind::kData, "{}: eos_token_id: wanted an id, got {}", where, id.dump());
    }
    ids.push_back(checked_token_id(id.get<int64_t>(), "eos_token_id", where));
  }
  return ids;
}

std::optional<int32_t> optional_id(const json& spec, const char* key, const std::string& where) {
  const auto id = optional_field_of<int64_t>(spec, key, where);
  if (!id) return std::nullopt;
  return checked_token_id(*id, key, where);
}

}  // namespace

int64_t divided_head_width(const ModelConfig& config, const std::string& where) {
  if (config.num_heads < 1) return 0;  // check_model_config names it
  if (config.width % config.num_heads != 0) {
    fail(ErrorKind::kData,
         "{}: hidden_size {} is not a multiple of num_attention_heads {}, and no head_dim is given",
         where,
         config.width,
         config.num_heads);
  }
  return config.width / config.num_heads;
}

int32_t checked_token_id(int64_t id, const char* key, const std::string& where) {
  if (id < std::numeric_limits<int32_t>::min() || id > std::numeric_limits<int32_t>::max()) {
    fail(ErrorKind::kData, "{}: {}: wanted an id, got {}", where, key, id);
  }
  return static_cast<int32_t>(id);
}

const char* family_name(Family family) {
  return kFamilies[static_cast<int>(family)].model_type;
}

void check_model_config(const ModelConfig& config, const std::string& where) {
  const auto want = [&](bool holds, const std::string& what) {
    if (!holds) fail(ErrorKind::kData, "{}: {}", where, what);
  };
  const auto within = [&](const char* name, int64_t value, int64_t most) {
    want(value >= 1 && value <= most, fmt::format("{}: wanted 1 to {}, got {}", name, most, value));
  };
  const auto positive = [&](const char* name, int64_t value) {
    within(name, value, std::numeric_limits<int32_t>::max());
  };
  const auto above_zero = [&](const char* name, double value) {
    want(std::isfinite(value) && value > 0,
         fmt::format("{}: wanted a number above 0, got {}", name, value));
  };
  positive("vocab_size", config.vocab_size);
  positive("hidden_size", config.width);
  within("num_hidden_layers", config.num_layers, kMaxLayers);
  positive("num_attention_heads", config.num_heads);
  positive("num_key_value_heads", config.num_kv_heads);
  positive("head_dim", config.head_width);
  positive("intermediate_size", config.mlp_width);
  positive("max_position_embeddings", config.max_positions);
  want(config.num_heads % config.num_kv_heads == 0,
       fmt::format("num_attention_heads {} is not a multiple of num_key_value_heads {}",
                   config.num_heads,
                   config.num_kv_heads));
  want(config.head_width % 2 == 0,
       fmt::format("head_dim: wanted an even number, got {}", config.head_width));
  above_zero("rms_norm_eps", config.norm_eps);
  above_zero("rope_theta", config.rope_theta);
  above_zero("rope factor", config.rope.factor);
  if (config.rope.kind == "llama3") {
    above_zero("rope low_freq_factor", config.rope.low_freq_factor);
    above_zero("rope high_freq_factor", config.rope.high_freq_factor);
    positive("rope original_max_position_embeddings", config.rope.original_max_positions);
    want(config.rope.high_freq_factor > config.rope.low_freq_factor,
         "rope: high_freq_factor must be above low_freq_factor");
  }
}

ModelConfig parse_hf_config(const json& spec, const std::string& where) {
  if (!spec.is_object()) fail(ErrorKind::kData, "{}: wanted a JSON object", where);
  ModelConfig config;
  config.family = family_of(spec, where);
  refuse_unsupported(spec, where);
  config.vocab_size = field_of<int64_t>(spec, "vocab_size", where);
  config.width = field_of<int64_t>(spec, "hidden_size", where);
  config.num_layers = field_of<int64_t>(spec, "num_hidden_layers", where);
  config.num_heads = field_of<int64_t>(spec, "num_attention_heads", where);
  config.num_kv_heads = value_or<int64_t>(spec, "num_key_value_heads", config.num_heads, where);
  config.mlp_width = field_of<int64_t>(spec, "intermediate_size", where);
  config.max_positions = value_or<int64_t>(spec, "max_position_embeddings", 2048, where);
  config.norm_eps = value_or<double>(spec, "rms_norm_eps", 1e-6, where);
  // Qwen3's configuration class has 128 where the file is silent; the others divide.
  const auto head_width = optional_field_of<int64_t>(spec, "head_dim", where);
  const bool has_default = config.family == Family::kQwen3;
  config.head_width = head_width    ? *head_width
                      : has_default ? 128
                                    : divided_head_width(config, where);
  read_rope(spec, config, where);
  config.tied_head = value_or<bool>(spec, "tie_word_embeddings", false, where);
  config.qk_norm = config.family == Family::kQwen3;
  const bool bias = value_or<bool>(spec, "attention_bias", false, where);
  config.qkv_bias = config.family == Family::kQwen2 || bias;
  config.o_bias = config.family != Family::kQwen2 && bias;
  if (const json end = spec.value("eos_token_id", json()); !end.is_null()) {
    config.end_token_ids = ids_of(end, where);
  }
  config.bos_token_id = optional_id(spec, "bos_token_id", where);
  config.pad_token_id = optional_id(spec, "pad_token_id", where);
  check_model_config(config, where);
  return config;
}

ModelConfig read_hf_config(const std::filesystem::path& folder) {
  const auto parse = [](const std::filesystem::path& file) {
    return parse_json_object(read_file(file), file.string());
  };
  const std::filesystem::path file = folder / "config.json";
  ModelConfig config = parse_hf_config(parse(file), file.string());
  // Chat models end a turn with a token that only generation_config.json may name.
  const std::filesystem::path generation = folder / "generation_config.json";
  if (std::filesystem::exists(generation)) {
    const json end = parse(generation).value("eos_token_id", json());
    if (!end.is_null()) config.end_token_ids = ids_of(end, generation.string());
  }
  return config;
}

json to_hf_config(const ModelConfig& config, const std::string& dtype) {
  const FamilyNames& names = kFamilies[static_cast<int>(config.family)];
  json spec = {{"architectures", {names.architecture}},
               {"model_type", names.model_type},
               {"vocab_size", config.vocab_size},
               {"hidden_size", config.width},
               {"num_hidden_layers", config.num_layers},
               {"num_attention_heads", config.num_heads},
               {"num_key_value_heads", config.num_kv_heads},
               {"head_dim", config.head_width},
               {"intermediate_size", config.mlp_width},
               {"max_position_embeddings", config.max_positions},
               {"rms_norm_eps", config.norm_eps},
               {"rope_theta", config.rope_theta},
               {"tie_word_embeddings", config.tied_head},
               {"hidden_act", "silu"},
               {"torch_dtype", dtype}};
  if (config.family != Family::kQwen2) spec["attention_bias"] = config.o_bias;
  // Both spellings: transformers 4 reads rope_theta and rope_scaling, 5 reads rope_parameters.
  json rope = {{"rope_type", config.rope.kind == "none" ? "default" : config.rope.kind}};
  if (config.rope.kind != "none") rope["factor"] = config.rope.factor;
  if (config.rope.kind == "llama3") {
    rope["low_freq_factor"] = config.rope.low_freq_factor;
    rope["high_freq_factor"] = config.rope.high_freq_factor;
    rope["original_max_position_embeddings"] = config.rope.original_max_positions;
  }
  if (config.rope.kind != "none") spec["rope_scaling"] = rope;
  rope["rope_theta"] = config.rope_theta;
  spec["rope_parameters"] = rope;
  if (config.end_token_ids.size() == 1) {
    spec["eos_token_id"] = config.end_token_ids[0];
  } else if (!config.end_token_ids.empty()) {
    spec["eos_token_id"] = config.end_token_ids;
  }
  if (config.bos_token_id) spec["bos_token_id"] = *config.bos_token_id;
  if (config.pad_token_id) spec["pad_token_id"] = *config.pad_token_id;
  return spec;
}

}  // namespace stratagram::model
