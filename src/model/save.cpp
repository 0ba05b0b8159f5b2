#include <fmt/format.h>

#include <array>
#include <cstring>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/file.h"
#include "model/hf_config.h"
#include "model/weights.h"

namespace stratagram::model {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::array<const char*, 10> kTokenizerFiles = {"tokenizer.json",
                                                         "tokenizer_config.json",
                                                         "special_tokens_map.json",
                                                         "added_tokens.json",
                                                         "vocab.json",
                                                         "merges.txt",
                                                         "chat_template.jinja",
                                                         "chat_template.json",
                                                         "LICENSE",
                                                         "NOTICE"};

std::string safetensors_dtype(at::ScalarType dtype) {
  switch (dtype) {
    case at::kFloat:
      return "F32";
    case at::kBFloat16:
      return "BF16";
    case at::kHalf:
      return "F16";
    case at::kDouble:
      return "F64";
    case at::kLong:
      return "I64";
    default:
      fail(ErrorKind::kInternal, "safetensors: no dtype for {}", c10::toString(dtype));
  }
}

// Splits tensors, in order of name, into files of at most `max_bytes` (a larger tensor is alone).
std::vector<Weights> shards_of(const Weights& weights, at::ScalarType dtype, int64_t max_bytes) {
  std::vector<Weights> shards(1);
  int64_t bytes = 0;
  for (const auto& [name, tensor] : weights) {
    const auto size = tensor.numel() * static_cast<int64_t>(c10::elementSize(dtype));
    if (bytes > 0 && bytes + size > max_bytes) {
      shards.emplace_back();
      bytes = 0;
    }
    bytes += size;
    shards.back()[name] = tensor;
  }
  return shards;
}

Weights converted(const Weights& weights, at::ScalarType dtype) {
  Weights result;
  for (const auto& [name, tensor] : weights) result[name] = tensor.detach().to(at::kCPU, dtype);
  return result;
}

void write_json(const fs::path& file, const json& content) {
  write_file_atomically(file, content.dump(2) + "\n");
}

void write_configs(const fs::path& folder, const ModelConfig& config, at::ScalarType dtype) {
  const json spec = to_hf_config(config, dtype_name(dtype));
  write_json(folder / "config.json", spec);
  json generation = json::object();
  for (const char* key : {"bos_token_id", "eos_token_id", "pad_token_id"}) {
    if (spec.contains(key)) generation[key] = spec.at(key);
  }
  write_json(folder / "generation_config.json", generation);
}

}  // namespace

at::ScalarType dtype_of_name(const std::string& name) {
  if (name == "float32") return at::kFloat;
  if (name == "bfloat16") return at::kBFloat16;
  if (name == "float16") return at::kHalf;
  if (name == "float64") return at::kDouble;
  fail(ErrorKind::kConfig, "dtype: wanted float32, bfloat16, float16 or float64, got '{}'", name);
}

std::string dtype_name(at::ScalarType dtype) {
  for (const char* name : {"float32", "bfloat16", "float16", "float64"}) {
    if (dtype_of_name(name) == dtype) return name;
  }
  fail(ErrorKind::kInternal, "dtype {} has no name in a config file", c10::toString(dtype));
}

void save_safetensors(const fs::path& file, const Weights& tensors) {
  json header = {{"__metadata__", {{"format", "pt"}}}};
  uint64_t offset = 0;
  std::vector<at::Tensor> contents;
  for (const auto& [name, tensor] : tensors) {
    contents.push_back(tensor.detach().cpu().contiguous());
    const uint64_t end = offset + contents.back().nbytes();
    header[name] = {{"dtype", safetensors_dtype(tensor.scalar_type())},
                    {"shape", tensor.sizes().vec()},
                    {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');  // data starts at a multiple of 8
  write_file_atomically(file, [&](std::ostream& out) {
    const uint64_t size = text.size();
    std::array<char, sizeof size> size_bytes{};
    std::memcpy(size_bytes.data(), &size, sizeof size);
    out.write(size_bytes.data(), size_bytes.size());
    out << text;
    for (const at::Tensor& tensor : contents) {
      out.write(static_cast<const char*>(tensor.const_data_ptr()),
                static_cast<std::streamsize>(tensor.nbytes()));
    }
  });
}

void save_hf_folder(const fs::path& folder,
                    const ModelConfig& config,
                    const Weights& weights,
                    const SaveOptions& options) {
  write_configs(folder, config, options.dtype);
  const std::vector<Weights> shards = shards_of(weights, options.dtype, options.max_shard_bytes);
  if (shards.size() == 1) {
    save_safetensors(folder / "model.safetensors", converted(weights, options.dtype));
  } else {
    json map = json::object();
    int64_t total = 0;
    for (size_t i = 0; i < shards.size(); ++i) {
      const std::string name =
          fmt::format("model-{:05}-of-{:05}.safetensors", i + 1, shards.size());
      const Weights shard = converted(shards[i], options.dtype);
      for (const auto& [tensor_name, tensor] : shard) {
        map[tensor_name] = name;
        total += static_cast<int64_t>(tensor.nbytes());
      }
      save_safetensors(folder / name, shard);
    }
    write_json(folder / "model.safetensors.index.json",
               {{"metadata", {{"total_size", total}}}, {"weight_map", map}});
  }
  if (options.tokenizer_from.empty()) return;
  for (const char* name : kTokenizerFiles) {
    const fs::path source = options.tokenizer_from / name;
    if (fs::exists(source)) write_file_atomically(folder / name, read_file(source));
  }
}

}  // namespace stratagram::model
