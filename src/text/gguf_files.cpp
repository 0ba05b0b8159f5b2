#include "text/gguf_files.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "core/error.h"
#include "core/jsonl.h"
#include "text/pretokenizer.h"
#include "text/tokenizer.h"

namespace stratagram::text {
namespace {

using nlohmann::json;

constexpr int64_t kControl = 3;
constexpr int64_t kUserDefined = 4;

json split(const char* pattern) {
  return {{"type", "Split"},
          {"pattern", {{"Regex", pattern}}},
          {"behavior", "Isolated"},
          {"invert", false}};
}

json byte_level(bool use_regex) {
  return {{"type", "ByteLevel"},
          {"add_prefix_space", false},
          {"trim_offsets", true},
          {"use_regex", use_regex}};
}

json pretokenizer_of(const std::string& pre) {
  json steps = json::array();
  if (pre == "smollm") {
    steps = {{{"type", "Digits"}, {"individual_digits", true}}, byte_level(true)};
  } else if (pre == "gpt-2") {
    return byte_level(true);
  } else {
    steps = {split(pre == "qwen2" ? kQwen2Pattern : kLlama3Pattern), byte_level(false)};
  }
  return {{"type", "Sequence"}, {"pretokenizers", steps}};
}

json post_processor_of(const json& metadata,
                       const std::vector<std::string>& tokens,
                       const std::string& where) {
  if (!optional_field_of<bool>(metadata, "tokenizer.ggml.add_bos_token", where).value_or(false)) {
    return nullptr;
  }
  const auto id = field_of<int64_t>(metadata, "tokenizer.ggml.bos_token_id", where);
  const std::string& name = tokens.at(static_cast<size_t>(id));
  return {{"type", "TemplateProcessing"},
          {"single",
           {{{"SpecialToken", {{"id", name}, {"type_id", 0}}}},
            {{"Sequence", {{"id", "A"}, {"type_id", 0}}}}}},
          {"pair", json::array()},
          {"special_tokens", {{name, {{"id", name}, {"ids", {id}}, {"tokens", {name}}}}}}};
}

}  // namespace

std::map<std::string, std::string> tokenizer_files_of_gguf(const json& metadata,
                                                           const std::string& where) {
  (void)Tokenizer::from_gguf(metadata, where);  // every check that reading makes
  const auto tokens = field_of<std::vector<std::string>>(metadata, "tokenizer.ggml.tokens", where);
  const auto types =
      optional_field_of<std::vector<int64_t>>(metadata, "tokenizer.ggml.token_type", where)
          .value_or(std::vector<int64_t>(tokens.size(), 1));
  const auto pre = field_of<std::string>(metadata, "tokenizer.ggml.pre", where);
  json vocabulary = json::object();
  json added = json::array();
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (types[i] == kControl || types[i] == kUserDefined) {
      added.push_back({{"id", i},
                       {"content", tokens[i]},
                       {"single_word", false},
                       {"lstrip", false},
                       {"rstrip", false},
                       {"normalized", false},
                       {"special", types[i] == kControl}});
    }
    // Added tokens too: `tokenizers` gives one that the vocabulary lacks a new id, whatever its
    // own.
    vocabulary[tokens[i]] = i;
  }
  const json tokenizer = {{"version", "1.0"},
                          {"truncation", nullptr},
                          {"padding", nullptr},
                          {"added_tokens", added},
                          {"normalizer", pre == "qwen2" ? json{{"type", "NFC"}} : json(nullptr)},
                          {"pre_tokenizer", pretokenizer_of(pre)},
                          {"post_processor", post_processor_of(metadata, tokens, where)},
                          {"decoder", byte_level(true)},
                          {"model",
                           {{"type", "BPE"},
                            {"dropout", nullptr},
                            {"unk_token", nullptr},
                            {"continuing_subword_prefix", nullptr},
                            {"end_of_word_suffix", nullptr},
                            {"fuse_unk", false},
                            {"byte_fallback", false},
                            {"ignore_merges", pre.starts_with("llama")},
                            {"vocab", vocabulary},
                            {"merges", metadata.at("tokenizer.ggml.merges")}}}};
  json config = {{"tokenizer_class", "PreTrainedTokenizerFast"}};
  for (const char* name : {"bos", "eos"}) {
    const auto id = optional_field_of<int64_t>(
        metadata, std::string("tokenizer.ggml.") + name + "_token_id", where);
    if (id && *id >= 0 && *id < static_cast<int64_t>(tokens.size())) {
      config[std::string(name) + "_token"] = tokens[*id];
    }
  }
  if (const auto chat =
          optional_field_of<std::string>(metadata, "tokenizer.chat_template", where)) {
    config["chat_template"] = *chat;
  }
  return {{"tokenizer.json", tokenizer.dump() + "\n"},
          {"tokenizer_config.json", config.dump(2) + "\n"}};
}

}  // namespace stratagram::text
