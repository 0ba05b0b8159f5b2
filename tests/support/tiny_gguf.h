// tests/support/tiny_gguf.h -- a whole GGUF model of a few kilobytes: header, tokenizer and tensors
// of one layer, in several number formats. Each part can be made wrong.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/support/gguf_bytes.h"

namespace stratagram {

struct GgufTensor {
  std::string name;
  std::vector<uint64_t> shape;  ///< slowest first
  uint32_t type = 0;            ///< 0 F32, 1 F16, 2 Q4_0, 8 Q8_0
};

struct TinyGguf {
  std::string architecture = "llama";  ///< or "qwen3"
  uint32_t num_layers = 1;
  float norm_eps = 1e-5F;
  float rope_theta = 10000.0F;
  std::vector<std::string> tokens{"a", "b", "ab", "<|end|>", "\xc4\xa0"};
  std::vector<GgufTensor> tensors = default_tensors();

  /// Width 32, two query heads and one key head of width 16, feed-forward width 32, five tokens.
  static std::vector<GgufTensor> default_tensors() {
    return {{"token_embd.weight", {5, 32}, 8},
            {"blk.0.attn_norm.weight", {32}, 0},
            {"blk.0.attn_q.weight", {32, 32}, 2},
            {"blk.0.attn_k.weight", {16, 32}, 8},
            {"blk.0.attn_v.weight", {16, 32}, 1},
            {"blk.0.attn_output.weight", {32, 32}, 8},
            {"blk.0.ffn_norm.weight", {32}, 0},
            {"blk.0.ffn_gate.weight", {32, 32}, 8},
            {"blk.0.ffn_up.weight", {32, 32}, 8},
            {"blk.0.ffn_down.weight", {32, 32}, 8},
            {"output_norm.weight", {32}, 0}};
  }

  [[nodiscard]] GgufTensor& tensor(const std::string& name) {
    for (GgufTensor& entry : tensors) {
      if (entry.name == name) return entry;
    }
    return tensors.emplace_back(GgufTensor{.name = name, .shape = {}});
  }

  [[nodiscard]] std::string bytes() const {
    GgufBytes file;
    const auto key = [&](const char* name) { return architecture + "." + name; };
    file.counts(tensors.size(), 17)
        .value("general.architecture", architecture)
        .value(key("embedding_length"), 32U)
        .value(key("block_count"), num_layers)
        .value(key("attention.head_count"), 2U)
        .value(key("attention.head_count_kv"), 1U)
        .value(key("attention.key_length"), 16U)
        .value(key("feed_forward_length"), 32U)
        .value(key("context_length"), 64U)
        .value(key("attention.layer_norm_rms_epsilon"), norm_eps)
        .value(key("rope.freq_base"), rope_theta)
        .value("tokenizer.ggml.model", std::string("gpt2"))
        .value("tokenizer.ggml.pre", std::string("smollm"))
        .value("tokenizer.ggml.tokens", tokens)
        .value("tokenizer.ggml.token_type", token_types())
        .value("tokenizer.ggml.merges", std::vector<std::string>{"a b"})
        .value("tokenizer.ggml.bos_token_id", 3U)
        .value("tokenizer.ggml.add_bos_token", true);
    std::string data;
    for (const GgufTensor& entry : tensors) {
      file.tensor(entry.name, entry.shape, entry.type, data.size());
      data.resize((data.size() + num_bytes(entry) + 31) / 32 * 32, '\1');
    }
    return file.align().raw(data).bytes();
  }

 private:
  [[nodiscard]] std::vector<int32_t> token_types() const {
    std::vector<int32_t> types(tokens.size(), 1);
    if (types.size() > 3) types[3] = 3;
    return types;
  }
  static uint64_t num_bytes(const GgufTensor& entry) {
    uint64_t numel = 1;
    for (const uint64_t size : entry.shape) numel *= size;
    if (entry.type == 2) return numel / 32 * 18;
    if (entry.type == 8) return numel / 32 * 34;
    return entry.type == 1 ? numel * 2 : numel * 4;
  }
};

}  // namespace stratagram
