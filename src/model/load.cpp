#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>
#include <fmt/format.h>

#include <cmath>
#include <cstring>
#include <map>
#include <set>
#include <utility>

#include "core/error.h"
#include "core/file.h"
#include "core/jsonl.h"
#include "core/stream.h"
#include "model/dequant.h"
#include "model/gguf.h"
#include "model/hf_config.h"
#include "model/weights.h"

namespace stratagram::model {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

at::ScalarType dtype_of_safetensors(const std::string& name, const std::string& where) {
  if (name == "F32") return at::kFloat;
  if (name == "F16") return at::kHalf;
  if (name == "BF16") return at::kBFloat16;
  if (name == "F64") return at::kDouble;
  if (name == "I64") return at::kLong;
  fail(ErrorKind::kData, "{}: dtype: wanted F32, F16, BF16 or F64, got '{}'", where, name);
}

// The tensor in memory of its own: the mapping ends with the file.
at::Tensor tensor_of(const MappedFile& file, const TensorEntry& entry) {
  const std::string where = fmt::format("{}: tensor '{}'", file.path().string(), entry.name);
  const auto options = at::TensorOptions().dtype(dtype_of_safetensors(entry.dtype, where));
  at::Tensor tensor = at::empty(entry.shape, options);
  const std::string_view bytes = file.bytes().substr(entry.begin, entry.end - entry.begin);
  if (!bytes.empty()) std::memcpy(tensor.mutable_data_ptr(), bytes.data(), bytes.size());
  return tensor;
}

/// The safetensors files of a folder, and for each tensor that an index names its file.
struct Shards {
  std::set<std::string> files;
  std::map<std::string, std::string> file_of_tensor;
};

Shards find_shards(const fs::path& folder) {
  if (fs::exists(folder / "model.safetensors")) return {{"model.safetensors"}, {}};
  const fs::path index = folder / "model.safetensors.index.json";
  if (!fs::exists(index)) {
    fail(ErrorKind::kData,
         "{}: wanted model.safetensors or model.safetensors.index.json, found neither; weights in "
         "other formats (pytorch_model.bin) are not read",
         folder.string());
  }
  const json map = parse_json_object(read_file(index), index.string()).value("weight_map", json());
  if (!map.is_object() || map.empty()) {
    fail(ErrorKind::kData, "{}: wanted an object weight_map; fetch it again", index.string());
  }
  Shards shards;
  for (const auto& [name, file] : map.items()) {
    const std::string shard = file.is_string() ? file.get<std::string>() : "";
    if (shard.empty() || fs::path(shard).filename() != shard) {
      fail(ErrorKind::kData,
           "{}: weight_map '{}': wanted a file name in the same folder, got {}",
           index.string(),
           name,
           file.dump());
    }
    if (!fs::exists(folder / shard)) {
      fail(ErrorKind::kData,
           "{}: names the file '{}', which is not in the folder; fetch it",
           index.string(),
           shard);
    }
    shards.files.insert(shard);
    shards.file_of_tensor[name] = shard;
  }
  return shards;
}

// Tensors that some exporters write though the model has no use for them.
bool is_superfluous(const std::string& name, const ModelConfig& config) {
  return (config.tied_head && name == "lm_head.weight") || name.ends_with("rotary_emb.inv_freq");
}

/// What a configuration wants of its weights.
class WantedTensors {
 public:
  WantedTensors(const ModelConfig& config, std::string where) : where_(std::move(where)) {
    for (auto& [name, shape] : expected_tensors(config)) shapes_.emplace(name, std::move(shape));
  }

  // Before a tensor's bytes are read: it has a place in the model, and just this shape.
  void check(const std::string& file,
             const std::string& name,
             const std::vector<int64_t>& shape) const {
    const auto wanted = shapes_.find(name);
    if (wanted == shapes_.end()) {
      fail(ErrorKind::kData,
           "{}: tensor '{}' {} has no place in a model of this configuration",
           file,
           name,
           shape_text(shape));
    }
    if (wanted->second != shape) {
      fail(ErrorKind::kData,
           "{}: tensor '{}': wanted {}, as its configuration says, got {}",
           file,
           name,
           shape_text(wanted->second),
           shape_text(shape));
    }
  }

  void check_complete(const Weights& weights) const {
    for (const auto& [name, shape] : shapes_) {
      if (weights.contains(name)) continue;
      fail(ErrorKind::kData,
           "{}: tensor '{}' {} is missing; the weights were cut short or belong to another "
           "configuration",
           where_,
           name,
           shape_text(shape));
    }
  }

 private:
  std::string where_;
  std::map<std::string, std::vector<int64_t>> shapes_;
};

void check_index(const Shards& shards,
                 const std::map<std::string, std::string>& found,
                 const fs::path& folder) {
  for (const auto& [name, shard] : shards.file_of_tensor) {
    const auto actual = found.find(name);
    if (actual != found.end() && actual->second == shard) continue;
    fail(ErrorKind::kData,
         "{}: says that '{}' is in {}, which does not hold it; fetch both again",
         (folder / "model.safetensors.index.json").string(),
         name,
         shard);
  }
}

LoadedModel load_folder(const fs::path& folder, at::ScalarType dtype) {
  LoadedModel model{
      .config = read_hf_config(folder), .weights = {}, .path = folder, .gguf_metadata = {}};
  const WantedTensors wanted(model.config, folder.string());
  const Shards shards = find_shards(folder);
  std::map<std::string, std::string> found;
  for (const std::string& shard : shards.files) {
    const MappedFile file(folder / shard);
    const std::string where = file.path().string();
    for (const auto& [name, entry] : parse_safetensors(file.bytes(), where)) {
      if (!found.emplace(name, shard).second) {
        fail(ErrorKind::kData, "{}: tensor '{}' stands in another shard too", where, name);
      }
      if (is_superfluous(name, model.config)) continue;
      wanted.check(where, name, entry.shape);
      model.weights[name] = tensor_of(file, entry).to(dtype);
    }
  }
  check_index(shards, found, folder);
  wanted.check_complete(model.weights);
  return model;
}

at::Tensor dequantized(const MappedFile& file, const TensorEntry& entry) {
  at::Tensor tensor = at::empty(entry.shape, at::TensorOptions().dtype(at::kFloat));
  dequantize(block_format(entry.dtype),
             file.bytes().substr(entry.begin, entry.end - entry.begin),
             tensor.mutable_data_ptr<float>());
  return tensor;
}

// llama.cpp stores Llama's query and key rows so that the two halves of each head alternate; the
// half-rotation layout wants them one after the other.
at::Tensor without_interleaving(const at::Tensor& rows, int64_t num_heads) {
  const int64_t half = rows.size(0) / num_heads / 2;
  return rows.reshape({num_heads, half, 2, -1}).transpose(1, 2).reshape(rows.sizes()).contiguous();
}

// The llama3 scaling is stored as divisors of the frequencies. Its parameters are those of
// Llama 3.1 and later but for the factor, which is the largest divisor.
void read_rope_divisors(const at::Tensor& divisors_F,
                        ModelConfig& config,
                        const std::string& where) {
  const std::vector<double> plain = rope_frequencies(config);
  bool fits = divisors_F.dim() == 1 && divisors_F.numel() == static_cast<int64_t>(plain.size());
  if (fits) config.rope = {.kind = "llama3", .factor = divisors_F.max().item<double>()};
  const std::vector<double> scaled = rope_frequencies(config);
  for (size_t i = 0; fits && i < plain.size(); ++i) {
    const double divisor = divisors_F[static_cast<int64_t>(i)].item<double>();
    fits = std::abs(plain[i] / divisor / scaled[i] - 1.0) < 1e-4;
  }
  if (!fits) {
    fail(ErrorKind::kData,
         "{}: tensor 'rope_freqs.weight' is no llama3 scaling from 8192 positions with factors 1 "
         "and "
         "4; other scalings are not supported",
         where);
  }
}

LoadedModel load_gguf(const fs::path& path, at::ScalarType dtype) {
  const MappedFile file(path);
  const std::string where = path.string();
  GgufFile header = parse_gguf(file.bytes(), where);
  LoadedModel model{.config = config_from_gguf(header, where),
                    .weights = {},
                    .path = path,
                    .gguf_metadata = std::move(header.metadata)};
  const bool interleaved = model.config.family == Family::kLlama;
  const WantedTensors wanted(model.config, where);
  for (const auto& [gguf_name, entry] : header.tensors) {
    const std::string name = hf_name_of_gguf(gguf_name, where);
    if (name.empty()) {
      read_rope_divisors(dequantized(file, entry), model.config, where);
      continue;
    }
    wanted.check(where, name, entry.shape);
    at::Tensor tensor = dequantized(file, entry);
    const auto heads = name.find(".q_proj.") != std::string::npos   ? model.config.num_heads
                       : name.find(".k_proj.") != std::string::npos ? model.config.num_kv_heads
                                                                    : 0;
    if (interleaved && heads > 0) tensor = without_interleaving(tensor, heads);
    model.weights[name] = tensor.to(dtype);
  }
  wanted.check_complete(model.weights);
  return model;
}

}  // namespace

LoadedModel load_model_files(const fs::path& path, at::ScalarType dtype) {
  if (!fs::exists(path)) {
    fail(ErrorKind::kData,
         "{}: no such model; wanted a Hugging Face folder, a .gguf file or hub:owner/name",
         path.string());
  }
  return fs::is_directory(path) ? load_folder(path, dtype) : load_gguf(path, dtype);
}

Weights load_safetensors(const fs::path& path) {
  const MappedFile file(path);
  Weights tensors;
  for (const auto& [name, entry] : parse_safetensors(file.bytes(), path.string())) {
    tensors[name] = tensor_of(file, entry);
  }
  return tensors;
}

Weights random_weights(const ModelConfig& config,
                       uint64_t seed,
                       at::ScalarType dtype,
                       double standard_deviation) {
  Weights weights;
  const auto options = at::TensorOptions().dtype(at::kFloat);
  for (const auto& [name, shape] : expected_tensors(config)) {
    if (name.ends_with(".bias")) {
      weights[name] = at::zeros(shape, options).to(dtype);
    } else if (shape.size() == 1) {
      weights[name] = at::ones(shape, options).to(dtype);
    } else {
      const Stream stream({.seed = seed, .purpose = "weights", .problem = hash_name(name)});
      at::Tensor tensor = at::empty(shape, options);
      auto* values = tensor.mutable_data_ptr<float>();
      for (int64_t i = 0; i < tensor.numel(); ++i) {
        values[i] = static_cast<float>(standard_deviation * stream.normal(i));
      }
      weights[name] = tensor.to(dtype);
    }
  }
  return weights;
}

}  // namespace stratagram::model
