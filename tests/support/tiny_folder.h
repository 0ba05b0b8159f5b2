// tests/support/tiny_folder.h -- a model folder small enough that a run of it takes no time,
// written byte by byte and not by the code under test.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>

namespace stratagram {

struct TinyFolderOptions {
  uint64_t seed = 7;
  int64_t vocab_size = 387;  ///< the tokenizer's, which has 387 tokens
  int64_t max_positions = 512;
  nlohmann::json config = {};  ///< merged over config.json
};

/// Makes `folder` with config.json, model.safetensors and tokenizer.json: one Qwen3 layer of width
/// 16 with keyed weights, that ends a response with <|im_end|> (382) and has no chat template.
void write_tiny_folder(const std::filesystem::path& folder, const TinyFolderOptions& options = {});

}  // namespace stratagram
