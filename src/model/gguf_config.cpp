#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "core/error.h"
#include "core/jsonl.h"
#include "model/gguf.h"
#include "model/hf_config.h"

namespace stratagram::model {
namespace {

using nlohmann::json;

constexpr std::array<std::pair<const char*, const char*>, 15> kLayerParts = {{
    {"attn_norm.weight", "input_layernorm.weight"},
    {"attn_q.weight", "self_attn.q_proj.weight"},
    {"attn_k.weight", "self_attn.k_proj.weight"},
    {"attn_v.weight", "self_attn.v_proj.weight"},
    {"attn_output.weight", "self_attn.o_proj.weight"},
    {"attn_q.bias", "self_attn.q_proj.bias"},
    {"attn_k.bias", "self_attn.k_proj.bias"},
    {"attn_v.bias", "self_attn.v_proj.bias"},
    {"attn_output.bias", "self_attn.o_proj.bias"},
    {"attn_q_norm.weight", "self_attn.q_norm.weight"},
    {"attn_k_norm.weight", "self_attn.k_norm.weight"},
    {"ffn_norm.weight", "post_attention_layernorm.weight"},
    {"ffn_gate.weight", "mlp.gate_proj.weight"},
    {"ffn_up.weight", "mlp.up_proj.weight"},
    {"ffn_down.weight", "mlp.down_proj.weight"},
}};

Family family_of(const std::string& architecture, const std::string& where) {
  for (const Family family : {Family::kLlama, Family::kQwen2, Family::kQwen3}) {
    if (architecture == family_name(family)) return family;
  }
  fail(ErrorKind::kData,
       "{}: general.architecture: wanted llama, qwen2 or qwen3, got '{}'; other architectures are "
       "not supported",
       where,
       architecture);
}

}  // namespace

std::string hf_name_of_gguf(const std::string& name, const std::string& where) {
  if (name == "token_embd.weight") return "model.embed_tokens.weight";
  if (name == "output_norm.weight") return "model.norm.weight";
  if (name == "output.weight") return "lm_head.weight";
  if (name == "rope_freqs.weight") return "";
  const size_t dot = name.find('.', 4);
  if (name.starts_with("blk.") && dot != std::string::npos) {
    for (const auto& [gguf, hf] : kLayerParts) {
      if (name.compare(dot + 1, std::string::npos, gguf) == 0) {
        return fmt::format("model.layers.{}.{}", name.substr(4, dot - 4), hf);
      }
    }
  }
  fail(ErrorKind::kData,
       "{}: tensor '{}' has no place in a dense Llama, Qwen2 or Qwen3 model",
       where,
       name);
}

ModelConfig config_from_gguf(const GgufFile& file, const std::string& where) {
  const json& metadata = file.metadata;
  const auto architecture = field_of<std::string>(metadata, "general.architecture", where);
  ModelConfig config;
  config.family = family_of(architecture, where);
  const auto key = [&](const char* name) { return architecture + "." + name; };
  const auto count = [&](const char* name) {
    return field_of<int64_t>(metadata, key(name), where);
  };
  config.width = count("embedding_length");
  config.num_layers = count("block_count");
  config.num_heads = count("attention.head_count");
  config.num_kv_heads = optional_field_of<int64_t>(metadata, key("attention.head_count_kv"), where)
                            .value_or(config.num_heads);
  config.mlp_width = count("feed_forward_length");
  config.max_positions = count("context_length");
  config.norm_eps = field_of<double>(metadata, key("attention.layer_norm_rms_epsilon"), where);
  config.rope_theta =
      optional_field_of<double>(metadata, key("rope.freq_base"), where).value_or(10000.0);
  const auto head_width = optional_field_of<int64_t>(metadata, key("attention.key_length"), where);
  config.head_width = head_width ? *head_width : divided_head_width(config, where);
  const auto scaling =
      optional_field_of<std::string>(metadata, key("rope.scaling.type"), where).value_or("none");
  if (scaling == "linear") {
    config.rope.kind = "linear";
    config.rope.factor = field_of<double>(metadata, key("rope.scaling.factor"), where);
  } else if (scaling != "none") {
    fail(ErrorKind::kData,
         "{}: {}: wanted none or linear, got '{}', which is not supported",
         where,
         key("rope.scaling.type"),
         scaling);
  }
  const auto embedding = file.tensors.find("token_embd.weight");
  if (embedding == file.tensors.end() || embedding->second.shape.size() != 2) {
    fail(ErrorKind::kData, "{}: tensor 'token_embd.weight' [V, D] is missing", where);
  }
  config.vocab_size = embedding->second.shape[0];
  config.tied_head = !file.tensors.contains("output.weight");
  config.qkv_bias = file.tensors.contains("blk.0.attn_q.bias");
  config.o_bias = file.tensors.contains("blk.0.attn_output.bias");
  config.qk_norm = config.family == Family::kQwen3;
  for (const char* end : {"tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id"}) {
    const auto id = optional_field_of<int64_t>(metadata, end, where);
    if (!id) continue;
    const int32_t known = checked_token_id(*id, end, where);
    auto& ends = config.end_token_ids;
    if (std::find(ends.begin(), ends.end(), known) == ends.end()) ends.push_back(known);
  }
  const auto optional_id = [&](const char* name) -> std::optional<int32_t> {
    const auto id = optional_field_of<int64_t>(metadata, name, where);
    if (!id) return std::nullopt;
    return checked_token_id(*id, name, where);
  };
  config.bos_token_id = optional_id("tokenizer.ggml.bos_token_id");
  config.pad_token_id = optional_id("tokenizer.ggml.padding_token_id");
  check_model_config(config, where);
  return config;
}

}  // namespace stratagram::model
