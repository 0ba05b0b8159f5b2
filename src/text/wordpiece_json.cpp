// Reads the tokenizer.json of a WordPiece tokenizer.
#include <algorithm>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/error.h"
#include "core/file.h"
#include "core/jsonl.h"
#include "text/wordpiece_tables.h"

namespace stratagram::text {
namespace {

using nlohmann::json;
using Tables = WordPieceTokenizer::Tables;

// An object of the kind that is wanted, and nothing else: what another kind does, we do not do.
void want_type(const json& spec, const std::string& type, const std::string& where) {
  const std::string got =
      spec.is_object() ? field_of<std::string>(spec, "type", where) : std::string("none");
  if (got == type) return;
  fail(ErrorKind::kData,
       "{}: wanted {}, got '{}'; only tokenizers as BERT uses them are read here",
       where,
       type,
       got);
}

BertNormalizer normalizer_of(const json& spec, const std::string& where) {
  want_type(spec, "BertNormalizer", where);
  const auto flag = [&](const char* key, bool otherwise) {
    return optional_field_of<bool>(spec, key, where).value_or(otherwise);
  };
  BertNormalizer normalizer{.clean_text = flag("clean_text", true),
                            .handle_chinese_chars = flag("handle_chinese_chars", true),
                            .lowercase = flag("lowercase", true)};
  normalizer.strip_accents = flag("strip_accents", normalizer.lowercase);
  return normalizer;
}

void read_model(const json& model, Tables& tables, const std::string& where) {
  want_type(model, "WordPiece", where);
  const json vocabulary = model.value("vocab", json());
  if (!vocabulary.is_object() || vocabulary.empty()) {
    fail(ErrorKind::kData, "{}: vocab: wanted an object of tokens with their ids", where);
  }
  for (const auto& [spelling, id] : vocabulary.items()) {
    if (!id.is_number_integer()) {
      fail(ErrorKind::kData, "{}: vocab '{}': wanted an id, got {}", where, spelling, id.dump());
    }
    tables.vocabulary[spelling] = checked_token_id(id.get<int64_t>(), spelling, where);
  }
  const auto unknown = field_of<std::string>(model, "unk_token", where);
  const auto found = tables.vocabulary.find(unknown);
  if (found == tables.vocabulary.end()) {
    fail(ErrorKind::kData, "{}: unk_token '{}' is not in its vocab", where, unknown);
  }
  tables.unknown = found->second;
  tables.continuing =
      optional_field_of<std::string>(model, "continuing_subword_prefix", where).value_or("##");
  tables.max_characters =
      optional_field_of<int64_t>(model, "max_input_chars_per_word", where).value_or(100);
  // Cutting a word takes time that grows with the square of its length.
  constexpr int64_t kMostCharacters = 10000;
  if (tables.max_characters < 1 || tables.max_characters > kMostCharacters) {
    fail(ErrorKind::kData,
         "{}: max_input_chars_per_word: wanted 1 to {}, got {}",
         where,
         kMostCharacters,
         tables.max_characters);
  }
}

void read_added(const json& list, Tables& tables, const std::string& where) {
  std::vector<AddedToken> raw;
  std::vector<AddedToken> normalized;
  for (AddedToken& token : parse_added_tokens(list, where)) {
    tables.added[token.content] = token.id;
    if (token.normalized) {
      // It is sought in normalised text, so it is normalised too.
      token.content = tables.normalizer.normalize(token.content);
      normalized.push_back(std::move(token));
    } else {
      raw.push_back(std::move(token));
    }
  }
  tables.raw_tokens = AddedTokenFinder(raw);
  tables.normalized_tokens = AddedTokenFinder(normalized);
}

// [CLS] $A [SEP], whatever the special tokens are; all of the first segment.
void read_template(const json& spec, Tables& tables, const std::string& where) {
  const json items = spec.value("single", json::array());
  const json specials = spec.value("special_tokens", json::object());
  int64_t num_texts = 0;
  for (const json& item : items) {
    const bool is_text = item.is_object() && item.contains("Sequence");
    const json part = item.value(is_text ? "Sequence" : "SpecialToken", json());
    const auto name = field_of<std::string>(part, "id", where + ": single");
    if (field_of<int64_t>(part, "type_id", where + ": single") != 0) {
      fail(
          ErrorKind::kData, "{}: single: '{}': wanted type_id 0, got {}", where, name, part.dump());
    }
    if (is_text) {
      ++num_texts;
      continue;
    }
    const json token = specials.value(name, json());
    for (const int64_t id : field_of<std::vector<int64_t>>(token, "ids", where)) {
      (num_texts == 0 ? tables.prefix : tables.suffix).push_back(checked_token_id(id, name, where));
    }
  }
  if (num_texts != 1) {
    fail(ErrorKind::kData, "{}: single: wanted one text, got {}", where, num_texts);
  }
}

// "sep": ["[SEP]", 102]
int32_t pair_id(const json& spec, const char* key, const std::string& where) {
  const json pair = spec.value(key, json());
  if (!pair.is_array() || pair.size() != 2 || !pair[0].is_string() ||
      !pair[1].is_number_integer()) {
    fail(ErrorKind::kData, "{}: {}: wanted [token, id], got {}", where, key, pair.dump());
  }
  return checked_token_id(pair[1].get<int64_t>(), pair[0].get<std::string>(), where);
}

void read_post_processor(const json& spec, Tables& tables, const std::string& where) {
  if (spec.is_null()) return;
  const auto type = field_of<std::string>(spec, "type", where);
  if (type == "TemplateProcessing") {
    read_template(spec, tables, where);
  } else if (type == "BertProcessing") {
    tables.prefix = {pair_id(spec, "cls", where)};
    tables.suffix = {pair_id(spec, "sep", where)};
  } else {
    fail(ErrorKind::kData,
         "{}: wanted none, TemplateProcessing or BertProcessing, got '{}'",
         where,
         type);
  }
}

void check_ids(Tables& tables, const std::string& where) {
  // An id far beyond the number of tokens is that of a damaged file.
  constexpr int64_t kMaxGaps = 1 << 20;
  const auto limit =
      static_cast<int64_t>(tables.vocabulary.size() + tables.added.size()) + kMaxGaps;
  for (const IdOfPiece* ids : {&tables.vocabulary, &tables.added}) {
    for (const auto& [spelling, id] : *ids) {
      if (id >= limit) {
        fail(ErrorKind::kData,
             "{}: token '{}': id {}: wanted 0 to {}; the file was damaged",
             where,
             spelling,
             id,
             limit - 1);
      }
      tables.vocab_size = std::max<int64_t>(tables.vocab_size, id + 1);
    }
  }
  for (const auto& ids : {tables.prefix, tables.suffix}) {
    for (const int32_t id : ids) {
      if (id < tables.vocab_size) continue;
      fail(ErrorKind::kData,
           "{}: post_processor: id {}: wanted 0 to {}, a token of the vocabulary",
           where,
           id,
           tables.vocab_size - 1);
    }
  }
}

}  // namespace

WordPieceTokenizer WordPieceTokenizer::from_json_file(const std::filesystem::path& file) {
  const std::string where = file.string();
  const json spec = parse_json_object(read_file(file), where);
  try {
    const auto part = [&](const char* key) { return spec.value(key, json()); };
    auto tables = std::make_shared<Tables>();
    read_model(part("model"), *tables, where + ": model");
    tables->normalizer = normalizer_of(part("normalizer"), where + ": normalizer");
    want_type(part("pre_tokenizer"), "BertPreTokenizer", where + ": pre_tokenizer");
    read_added(spec.value("added_tokens", json::array()), *tables, where);
    read_post_processor(part("post_processor"), *tables, where + ": post_processor");
    check_ids(*tables, where);
    return WordPieceTokenizer(std::move(tables));
  } catch (const json::exception& error) {
    fail(ErrorKind::kData, "{}: a field has the wrong type: {}", where, error.what());
  }
}

}  // namespace stratagram::text
