#include "text/pretokenizer.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/jsonl.h"

namespace stratagram::text {

const char* const kGpt2Pattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";
const char* const kLlama3Pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*)"
    R"(|\s*[\r\n]+|\s+(?!\S)|\s+)";
const char* const kQwen2Pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*)"
    R"(|\s*[\r\n]+|\s+(?!\S)|\s+)";

namespace {

using nlohmann::json;

std::string escaped(const std::string& literal) {
  std::string pattern;
  for (const char c : literal) {
    if (std::string_view("\\^$.|?*+()[]{}#- ").find(c) != std::string_view::npos) pattern += '\\';
    pattern += c;
  }
  return pattern;
}

SplitBehavior behavior_of(const std::string& name, const std::string& where) {
  if (name == "Isolated") return SplitBehavior::kIsolated;
  if (name == "Removed") return SplitBehavior::kRemoved;
  if (name == "MergedWithPrevious") return SplitBehavior::kMergedWithPrevious;
  if (name == "MergedWithNext") return SplitBehavior::kMergedWithNext;
  if (name == "Contiguous") return SplitBehavior::kContiguous;
  fail(
      ErrorKind::kData,
      "{}: pre_tokenizer behavior: wanted Isolated, Removed, MergedWithPrevious, MergedWithNext or "
      "Contiguous, got '{}'",
      where,
      name);
}

void add_split(Pretokenizer& result, const json& spec, const std::string& where) {
  if (spec.value("invert", false)) {
    fail(ErrorKind::kData, "{}: pre_tokenizer Split with invert is not supported", where);
  }
  const json pattern = spec.value("pattern", json());
  std::string text;
  if (pattern.is_object() && pattern.contains("Regex")) {
    text = field_of<std::string>(pattern, "Regex", where);
  } else if (pattern.is_object() && pattern.contains("String")) {
    text = escaped(field_of<std::string>(pattern, "String", where));
  } else {
    fail(ErrorKind::kData,
         "{}: pre_tokenizer Split: wanted a pattern with Regex or String, got {}",
         where,
         pattern.dump());
  }
  const SplitBehavior behavior = behavior_of(field_of<std::string>(spec, "behavior", where), where);
  result.steps.push_back(make_pattern_splitter(text, behavior, where));
}

void add_step(Pretokenizer& result, const json& spec, const std::string& where) {
  const auto type = field_of<std::string>(spec, "type", where + ": pre_tokenizer");
  if (type == "Sequence") {
    const json parts = spec.value("pretokenizers", json::array());
    for (const json& part : parts) add_step(result, part, where);
  } else if (type == "Split") {
    add_split(result, spec, where);
  } else if (type == "Digits") {
    result.steps.push_back(make_digit_splitter(spec.value("individual_digits", false)));
  } else if (type == "ByteLevel") {
    if (spec.value("add_prefix_space", true)) {
      fail(ErrorKind::kData,
           "{}: pre_tokenizer ByteLevel with add_prefix_space is not supported; no Llama, Qwen or "
           "SmolLM tokenizer has it",
           where);
    }
    if (spec.value("use_regex", true)) {
      result.steps.push_back(make_pattern_splitter(kGpt2Pattern, SplitBehavior::kIsolated, where));
    }
  } else {
    fail(
        ErrorKind::kData,
        "{}: pre_tokenizer: wanted Sequence, Split, Digits or ByteLevel, got '{}'; only byte-level "
        "BPE tokenizers are supported",
        where,
        type);
  }
}

}  // namespace

std::vector<Range> Pretokenizer::words(std::string_view text) const {
  std::vector<Range> pieces;
  if (!text.empty()) pieces.push_back({0, static_cast<int64_t>(text.size())});
  for (const auto& step : steps) {
    std::vector<Range> finer;
    finer.reserve(pieces.size() + text.size() / 4);
    for (const Range& piece : pieces) {
      step->split(text, piece, [&](Range part) { finer.push_back(part); });
    }
    pieces = std::move(finer);
  }
  return pieces;
}

Pretokenizer parse_pretokenizer(const json& spec, const std::string& where) {
  Pretokenizer result;
  if (!spec.is_null()) add_step(result, spec, where);
  return result;
}

}  // namespace stratagram::text
