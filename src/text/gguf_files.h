// text/gguf_files.h -- the tokenizer inside a GGUF file as the files of a Hugging Face folder, so
// that a checkpoint trained from GGUF can be loaded like any other.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace stratagram::text {

/// Name and content of tokenizer.json and tokenizer_config.json (with the chat template, if the
/// file has one). Throws Error(kData) naming `where` like Tokenizer::from_gguf.
[[nodiscard]] std::map<std::string, std::string> tokenizer_files_of_gguf(
    const nlohmann::json& metadata, const std::string& where);

}  // namespace stratagram::text
