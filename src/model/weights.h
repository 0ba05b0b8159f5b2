// model/weights.h -- tensors from files and to files: Hugging Face folders and GGUF.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "model/config.h"
#include "model/transformer.h"

namespace stratagram::model {

struct LoadedModel {
  ModelConfig config;
  Weights weights;  ///< contiguous, on the CPU; no lm_head.weight when the head is tied
  std::filesystem::path path;
  nlohmann::json gguf_metadata;  ///< null for a folder
};

/// Reads a Hugging Face folder (config.json, model.safetensors or its index) or a .gguf file,
/// turned into `dtype`. Throws Error(kData) that says which file and tensor, what was wanted and
/// what came.
[[nodiscard]] LoadedModel load_model_files(const std::filesystem::path& path, at::ScalarType dtype);

/// Normal draws of that standard deviation from streams keyed by tensor name; norms 1, biases 0.
[[nodiscard]] Weights random_weights(const ModelConfig& config,
                                     uint64_t seed,
                                     at::ScalarType dtype,
                                     double standard_deviation = 0.02);

struct SaveOptions {
  at::ScalarType dtype = at::kFloat;
  int64_t max_shard_bytes = int64_t{5} << 30;
  /// A folder whose tokenizer files are copied; empty for none.
  std::filesystem::path tokenizer_from{};
};

/// Writes config.json, generation_config.json and safetensors into an existing folder; loadable by
/// `transformers` 4 and 5. Throws Error(kDevice) on a full disk.
void save_hf_folder(const std::filesystem::path& folder,
                    const ModelConfig& config,
                    const Weights& weights,
                    const SaveOptions& options);

/// Writes named tensors as one safetensors file, atomically.
void save_safetensors(const std::filesystem::path& file, const Weights& tensors);

/// Reads every tensor of a safetensors file in its own dtype.
[[nodiscard]] Weights load_safetensors(const std::filesystem::path& file);

/// "float32", "bfloat16", "float16" or "float64"; throws Error(kConfig) for another name.
[[nodiscard]] at::ScalarType dtype_of_name(const std::string& name);
[[nodiscard]] std::string dtype_name(at::ScalarType dtype);

}  // namespace stratagram::model
