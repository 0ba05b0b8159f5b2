#include "tests/support/tiny_folder.h"

#include <cstring>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "core/stream.h"

namespace stratagram {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int64_t kWidth = 16;
constexpr int64_t kMlp = 24;
constexpr int64_t kHead = 8;
constexpr int64_t kHeads = 2;

struct Shape {
  std::string name;
  std::vector<int64_t> sizes;
};

std::vector<Shape> shapes(int64_t vocab_size) {
  const std::string layer = "model.layers.0.";
  return {{"model.embed_tokens.weight", {vocab_size, kWidth}},
          {layer + "input_layernorm.weight", {kWidth}},
          {layer + "self_attn.q_proj.weight", {kHeads * kHead, kWidth}},
          {layer + "self_attn.k_proj.weight", {kHead, kWidth}},
          {layer + "self_attn.v_proj.weight", {kHead, kWidth}},
          {layer + "self_attn.o_proj.weight", {kWidth, kHeads * kHead}},
          {layer + "self_attn.q_norm.weight", {kHead}},
          {layer + "self_attn.k_norm.weight", {kHead}},
          {layer + "post_attention_layernorm.weight", {kWidth}},
          {layer + "mlp.gate_proj.weight", {kMlp, kWidth}},
          {layer + "mlp.up_proj.weight", {kMlp, kWidth}},
          {layer + "mlp.down_proj.weight", {kWidth, kMlp}},
          {"model.norm.weight", {kWidth}}};
}

std::string safetensors(const TinyFolderOptions& options) {
  json header;
  std::string data;
  for (const auto& [name, sizes] : shapes(options.vocab_size)) {
    const Stream stream(
        {.seed = options.seed, .purpose = "tiny folder", .problem = hash_name(name)});
    int64_t numel = 1;
    for (const int64_t size : sizes) numel *= size;
    const size_t begin = data.size();
    for (int64_t i = 0; i < numel; ++i) {
      const double mean = sizes.size() == 1 ? 1.0 : 0.0;
      const auto value = static_cast<float>(mean + 0.3 * stream.normal(static_cast<uint64_t>(i)));
      data.append(reinterpret_cast<const char*>(&value), sizeof value);
    }
    header[name] = {{"dtype", "F32"}, {"shape", sizes}, {"data_offsets", {begin, data.size()}}};
  }
  const std::string text = header.dump();
  const uint64_t length = text.size();
  std::string file(sizeof length, '\0');
  std::memcpy(file.data(), &length, sizeof length);
  return file + text + data;
}

}  // namespace

void write_tiny_folder(const fs::path& folder, const TinyFolderOptions& options) {
  json config = {{"model_type", "qwen3"},
                 {"vocab_size", options.vocab_size},
                 {"hidden_size", kWidth},
                 {"num_hidden_layers", 1},
                 {"num_attention_heads", kHeads},
                 {"num_key_value_heads", 1},
                 {"head_dim", kHead},
                 {"intermediate_size", kMlp},
                 {"max_position_embeddings", options.max_positions},
                 {"tie_word_embeddings", true},
                 {"eos_token_id", 382}};
  if (options.config.is_object()) config.update(options.config);
  fs::create_directories(folder);
  std::ofstream(folder / "config.json") << config.dump(1) << "\n";
  std::ofstream(folder / "model.safetensors", std::ios::binary) << safetensors(options);
  fs::copy_file(fs::path(STRATAGRAM_TEST_DATA) / "text/qwen2/tokenizer.json",
                folder / "tokenizer.json",
                fs::copy_options::overwrite_existing);
}

}  // namespace stratagram
