// model/hf_config.h -- config.json of Hugging Face folders, read in the spellings of transformers 4
// and 5, and written so that both load it. Free of torch.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "model/config.h"

namespace stratagram::model {

/// Throws Error(kData) naming `where`, the key, what was wanted and what came, for an architecture
/// or an option that is not supported.
[[nodiscard]] ModelConfig parse_hf_config(const nlohmann::json& spec, const std::string& where);

/// Reads config.json and, for the end tokens, generation_config.json where there is one.
[[nodiscard]] ModelConfig read_hf_config(const std::filesystem::path& folder);

/// dtype: "float32", "bfloat16" or "float16".
[[nodiscard]] nlohmann::json to_hf_config(const ModelConfig& config, const std::string& dtype);

/// Width of one head where the file names none. Throws Error(kData) naming `where` when the heads
/// do not divide the width.
[[nodiscard]] int64_t divided_head_width(const ModelConfig& config, const std::string& where);

/// A token id. Throws Error(kData) naming `where` and `key` for one that does not fit 32 bits.
[[nodiscard]] int32_t checked_token_id(int64_t id, const char* key, const std::string& where);

/// "llama", "qwen2" or "qwen3", as `model_type` and GGUF's `general.architecture` have it.
[[nodiscard]] const char* family_name(Family family);

/// Throws Error(kData) naming `where` when counts do not fit together, or a number is not finite or
/// out of its range.
void check_model_config(const ModelConfig& config, const std::string& where);

}  // namespace stratagram::model
