// model/gguf.h -- the header of a GGUF file (versions 2 and 3), checked before any of it is
// believed. Free of torch: the fuzz target links it alone.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "model/config.h"
#include "model/safetensors.h"

namespace stratagram::model {

struct GgufFile {
  nlohmann::json metadata;                     ///< key-values, one flat object
  std::map<std::string, TensorEntry> tensors;  ///< shapes as torch orders them, slowest first
};

/// Of a file given as a whole. Throws Error(kData) naming `where` and the key or tensor for a file
/// cut short, an unknown version or type, counts and offsets outside the file, tensors that
/// overlap.
[[nodiscard]] GgufFile parse_gguf(std::string_view file, const std::string& where);

/// From "llama.block_count" and its kin. The llama3 scaling stands in the tensor rope_freqs.weight,
/// so it is not read here. Throws Error(kData) naming `where` and the key.
[[nodiscard]] ModelConfig config_from_gguf(const GgufFile& file, const std::string& where);

/// The Hugging Face name of a GGUF tensor, e.g. "blk.3.ffn_up.weight"; empty for a tensor that a
/// model does not keep ("rope_freqs.weight"). Throws Error(kData) naming `where` and the tensor.
[[nodiscard]] std::string hf_name_of_gguf(const std::string& name, const std::string& where);

}  // namespace stratagram::model
