// Reads tokenizer.json.
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/file.h"
#include "core/jsonl.h"
#include "text/tokenizer_tables.h"

namespace stratagram::text {
namespace {

using nlohmann::json;

// A text field that must be empty or absent, because what it asks for is not supported.
void want_unset(const json& object, const char* key, const std::string& where) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null() || *found == "" || *found == false) return;
  fail(ErrorKind::kData, "{}: '{}' = {} is not supported", where, key, found->dump());
}

void read_model(const json& model, TokenizerParts& parts, const std::string& where) {
  const std::string type = model.value("type", "BPE");
  if (type != "BPE") {
    fail(ErrorKind::kData,
         "{}: model type: wanted BPE (byte-level), got '{}'; only tokenizers as GPT-2, Llama 3, "
         "Qwen "
         "and SmolLM2 use them are supported",
         where,
         type);
  }
  want_unset(model, "continuing_subword_prefix", where + ": model");
  want_unset(model, "end_of_word_suffix", where + ": model");
  want_unset(model, "byte_fallback", where + ": model");
  want_unset(model, "dropout", where + ": model");
  const json vocabulary = model.value("vocab", json());
  if (!vocabulary.is_object()) fail(ErrorKind::kData, "{}: model: wanted a vocab object", where);
  for (const auto& [spelling, id] : vocabulary.items()) {
    if (!id.is_number_integer()) {
      fail(ErrorKind::kData, "{}: vocab '{}': wanted an id, got {}", where, spelling, id.dump());
    }
    parts.vocabulary.emplace_back(spelling, checked_token_id(id.get<int64_t>(), spelling, where));
  }
  const json merges = model.value("merges", json());
  if (!merges.is_array()) fail(ErrorKind::kData, "{}: model: wanted an array of merges", where);
  for (const json& merge : merges) {
    if (merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string()) {
      parts.merges.emplace_back(merge[0].get<std::string>(), merge[1].get<std::string>());
      continue;
    }
    const std::string text = merge.is_string() ? merge.get<std::string>() : "";
    const size_t space = text.find(' ');
    if (space == std::string::npos || text.find(' ', space + 1) != std::string::npos) {
      fail(ErrorKind::kData,
           "{}: merge {}: wanted two tokens, as \"a b\" or [\"a\", \"b\"], got {}",
           where,
           parts.merges.size(),
           merge.dump());
    }
    parts.merges.emplace_back(text.substr(0, space), text.substr(space + 1));
  }
  parts.ignore_merges = model.value("ignore_merges", false);
}

void read_normalizer(const json& spec, TokenizerParts& parts, const std::string& where) {
  if (spec.is_null()) return;
  const auto type = field_of<std::string>(spec, "type", where + ": normalizer");
  if (type == "NFC") {
    parts.nfc = true;
  } else if (type == "Sequence") {
    const json steps = spec.value("normalizers", json::array());
    for (const json& step : steps) read_normalizer(step, parts, where);
  } else {
    fail(ErrorKind::kData, "{}: normalizer: wanted NFC or none, got '{}'", where, type);
  }
}

void read_template(const json& spec, TokenizerParts& parts, const std::string& where) {
  const std::string here = where + ": post_processor";
  const json items = spec.value("single", json::array());
  bool before = true;
  for (const json& item : items) {
    if (item.contains("Sequence")) {
      before = false;
      continue;
    }
    const auto name = field_of<std::string>(item.value("SpecialToken", json()), "id", here);
    const json tokens = spec.value("special_tokens", json::object());
    const json token = tokens.value(name, json());
    for (const int64_t id : field_of<std::vector<int64_t>>(token, "ids", here)) {
      (before ? parts.prefix : parts.suffix).push_back(id);
    }
  }
}

void read_post_processor(const json& spec, TokenizerParts& parts, const std::string& where) {
  if (spec.is_null()) return;
  const auto type = field_of<std::string>(spec, "type", where + ": post_processor");
  if (type == "ByteLevel") return;  // trims offsets only
  if (type == "TemplateProcessing") {
    read_template(spec, parts, where);
  } else if (type == "Sequence") {
    const json steps = spec.value("processors", json::array());
    for (const json& step : steps) read_post_processor(step, parts, where);
  } else {
    fail(ErrorKind::kData,
         "{}: post_processor: wanted ByteLevel, TemplateProcessing or a Sequence, got '{}'",
         where,
         type);
  }
}

bool is_byte_level(const json& spec) {
  if (!spec.is_object()) return false;
  if (spec.value("type", "") == "ByteLevel") return true;
  const json steps = spec.value("decoders", json::array());
  for (const json& step : steps) {
    if (is_byte_level(step)) return true;
  }
  return false;
}

}  // namespace

Tokenizer Tokenizer::from_json_file(const std::filesystem::path& file) {
  const std::string where = file.string();
  const json spec = parse_json_object(read_file(file), where);
  try {
    TokenizerParts parts;
    read_model(spec.value("model", json::object()), parts, where);
    parts.added = parse_added_tokens(spec.value("added_tokens", json::array()), where);
    read_normalizer(spec.value("normalizer", json()), parts, where);
    parts.pretokenizer = parse_pretokenizer(spec.value("pre_tokenizer", json()), where);
    read_post_processor(spec.value("post_processor", json()), parts, where);
    if (!is_byte_level(spec.value("decoder", json()))) {
      fail(ErrorKind::kData, "{}: decoder: wanted ByteLevel; this is no byte-level BPE", where);
    }
    return Tokenizer(std::make_shared<const Tables>(std::move(parts), where));
  } catch (const json::exception& error) {
    fail(ErrorKind::kData, "{}: a field has the wrong type: {}", where, error.what());
  }
}

}  // namespace stratagram::text
