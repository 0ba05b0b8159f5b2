// Reads the tokenizer inside a GGUF file's key-values.
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/jsonl.h"
#include "text/tokenizer_tables.h"

namespace stratagram::text {
namespace {

using nlohmann::json;

// Values of tokenizer.ggml.token_type that matter here.
constexpr int64_t kControl = 3;
constexpr int64_t kUserDefined = 4;

// What `tokenizer.ggml.pre` stands for.
void set_pretokenizer(const std::string& name, TokenizerParts& parts, const std::string& where) {
  auto& steps = parts.pretokenizer.steps;
  const auto add = [&](const char* pattern) {
    steps.push_back(make_pattern_splitter(pattern, SplitBehavior::kIsolated, where));
  };
  if (name == "gpt-2") {
    add(kGpt2Pattern);
  } else if (name == "smollm") {
    steps.push_back(make_digit_splitter(/*individual=*/true));
    add(kGpt2Pattern);
  } else if (name == "llama-bpe" || name == "llama3" || name == "llama-v3") {
    add(kLlama3Pattern);
    parts.ignore_merges = true;
  } else if (name == "qwen2") {
    parts.nfc = true;
    add(kQwen2Pattern);
  } else {
    fail(ErrorKind::kData,
         "{}: tokenizer.ggml.pre: wanted gpt-2, smollm, llama-bpe or qwen2, got '{}'",
         where,
         name);
  }
}

}  // namespace

Tokenizer Tokenizer::from_gguf(const json& metadata, const std::string& where) {
  const auto model = field_of<std::string>(metadata, "tokenizer.ggml.model", where);
  if (model != "gpt2") {
    fail(ErrorKind::kData,
         "{}: tokenizer.ggml.model: wanted gpt2 (byte-level BPE), got '{}'",
         where,
         model);
  }
  TokenizerParts parts;
  const auto tokens = field_of<std::vector<std::string>>(metadata, "tokenizer.ggml.tokens", where);
  auto types = optional_field_of<std::vector<int64_t>>(metadata, "tokenizer.ggml.token_type", where)
                   .value_or(std::vector<int64_t>(tokens.size(), 1));
  if (types.size() != tokens.size()) {
    fail(ErrorKind::kData,
         "{}: tokenizer.ggml.token_type: wanted {} values, one a token, got {}",
         where,
         tokens.size(),
         types.size());
  }
  for (size_t i = 0; i < tokens.size(); ++i) {
    const auto id = static_cast<int32_t>(i);
    if (types[i] == kControl || types[i] == kUserDefined) {
      parts.added.push_back({.id = id, .content = tokens[i], .special = types[i] == kControl});
    } else {
      parts.vocabulary.emplace_back(tokens[i], id);
    }
  }
  for (const std::string& merge :
       field_of<std::vector<std::string>>(metadata, "tokenizer.ggml.merges", where)) {
    const size_t space = merge.find(' ');
    if (space == std::string::npos) {
      fail(ErrorKind::kData, "{}: tokenizer.ggml.merges: wanted \"a b\", got '{}'", where, merge);
    }
    parts.merges.emplace_back(merge.substr(0, space), merge.substr(space + 1));
  }
  set_pretokenizer(field_of<std::string>(metadata, "tokenizer.ggml.pre", where), parts, where);
  if (optional_field_of<bool>(metadata, "tokenizer.ggml.add_bos_token", where).value_or(false)) {
    parts.prefix.push_back(field_of<int64_t>(metadata, "tokenizer.ggml.bos_token_id", where));
  }
  return Tokenizer(std::make_shared<const Tables>(std::move(parts), where));
}

}  // namespace stratagram::text
