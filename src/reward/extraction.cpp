#include "reward/extraction.h"

#include <algorithm>
#include <array>
#include <utility>

namespace stratagram::reward {
namespace {

using Finder = std::optional<Range> (*)(std::string_view);

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

Range trimmed(std::string_view text, Range range) {
  while (range.begin < range.end && is_space(text[range.begin])) ++range.begin;
  while (range.end > range.begin && is_space(text[range.end - 1])) --range.end;
  return range;
}

Range range_of(size_t begin, size_t end) {
  return {static_cast<int64_t>(begin), static_cast<int64_t>(end)};
}

// The last of a word in a text, ASCII letters compared without case.
size_t rfind_ignoring_case(std::string_view text, std::string_view lower) {
  if (text.size() < lower.size()) return std::string_view::npos;
  const auto equal = [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 32) : a) == b;
  };
  const auto found = std::find_end(text.begin(), text.end(), lower.begin(), lower.end(), equal);
  return found == text.end() ? std::string_view::npos : static_cast<size_t>(found - text.begin());
}

// Position after the brace that closes the one at `open`; npos when none does.
size_t after_closing_brace(std::string_view text, size_t open) {
  int64_t depth = 0;
  for (size_t i = open; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      ++i;  // \{ and \} are not brackets of the command
    } else if (text[i] == '{') {
      ++depth;
    } else if (text[i] == '}' && --depth == 0) {
      return i + 1;
    }
  }
  return std::string_view::npos;
}

std::optional<Range> find_boxed(std::string_view text) {
  // From the last command backwards; an unclosed one was cut off, so the one before it counts. A
  // bounded number of tries keeps "\boxed{\boxed{..." linear.
  size_t limit = text.size();
  for (int tries = 0; tries < 16; ++tries) {
    size_t at = std::string_view::npos;
    size_t size = 0;
    for (const std::string_view command : {"\\boxed", "\\fbox"}) {
      const size_t found = text.substr(0, limit).rfind(command);
      if (found != std::string_view::npos && (at == std::string_view::npos || found > at)) {
        at = found;
        size = command.size();
      }
    }
    if (at == std::string_view::npos) return std::nullopt;
    size_t begin = at + size;
    while (begin < text.size() && is_space(text[begin])) ++begin;
    if (begin < text.size() && text[begin] == '{') {
      const size_t end = after_closing_brace(text, begin);
      if (end != std::string_view::npos) return range_of(begin + 1, end - 1);
    } else if (begin < text.size() && begin > at + size) {
      size_t end = begin;
      while (end < text.size() && !is_space(text[end]) && text[end] != '$') ++end;
      if (end > begin) return range_of(begin, end);
    }
    limit = at;
  }
  return std::nullopt;
}

std::optional<Range> find_answer_tag(std::string_view text) {
  const size_t close = text.rfind("</answer>");
  if (close == std::string_view::npos) return std::nullopt;
  const size_t open = text.substr(0, close).rfind("<answer>");
  if (open == std::string_view::npos) return std::nullopt;
  return range_of(open + 8, close);
}

// End of a sentence: a line break, or a full stop that is not inside a number.
size_t end_of_sentence(std::string_view text, size_t begin) {
  for (size_t i = begin; i < text.size(); ++i) {
    if (text[i] == '\n') return i;
    if (text[i] == '.' && (i + 1 == text.size() || is_space(text[i + 1]))) return i;
  }
  return text.size();
}

std::optional<Range> find_phrase(std::string_view text) {
  size_t best = std::string_view::npos;
  for (const std::string_view phrase : {"answer is", "answer:", "answer =", "answer equals"}) {
    const size_t at = rfind_ignoring_case(text, phrase);
    if (at == std::string_view::npos) continue;
    const size_t after = at + phrase.size();
    if (after < text.size() && is_letter(text[after])) continue;
    if (best == std::string_view::npos || after > best) best = after;
  }
  if (best == std::string_view::npos) return std::nullopt;
  while (best < text.size() && (is_space(text[best]) || text[best] == ':' || text[best] == '*')) {
    if (text[best] == '\n') return std::nullopt;
    ++best;
  }
  Range range = trimmed(text, range_of(best, end_of_sentence(text, best)));
  while (range.end > range.begin && text[range.end - 1] == '*') --range.end;
  return range;
}

std::optional<Range> find_hashes(std::string_view text) {
  const size_t at = text.rfind("####");
  if (at == std::string_view::npos) return std::nullopt;
  return range_of(at + 4, std::min(text.find('\n', at), text.size()));
}

std::optional<Range> find_last_number(std::string_view text) {
  size_t end = text.size();
  while (end > 0 && !is_digit(text[end - 1])) --end;
  if (end == 0) return std::nullopt;
  size_t begin = end;
  // Digits with separators, decimals and one fraction bar between them.
  bool bar = false;
  while (begin > 0) {
    const char c = text[begin - 1];
    if (is_digit(c)) {
      --begin;
      continue;
    }
    const bool after_digit = begin >= 2 && is_digit(text[begin - 2]);
    const bool is_separator = (c == ',' || c == '.') && after_digit;
    const bool is_bare_point = c == '.' && (begin < 2 || is_space(text[begin - 2]));  // .5
    if (is_separator || is_bare_point) {
      --begin;
    } else if (c == '/' && after_digit && !bar) {
      bar = true;
      --begin;
    } else {
      break;
    }
  }
  // A minus belongs to the number where nothing stands before it that it could be subtracted from.
  if (begin > 0 && text[begin - 1] == '-' &&
      (begin == 1 || is_space(text[begin - 2]) || text[begin - 2] == '(' ||
       text[begin - 2] == '=' || text[begin - 2] == '$')) {
    --begin;
  }
  return range_of(begin, end);
}

constexpr std::array<std::pair<const char*, Finder>, 5> kRules = {{
    {"boxed", find_boxed},
    {"answer_tag", find_answer_tag},
    {"phrase", find_phrase},
    {"hashes", find_hashes},
    {"last_number", find_last_number},
}};

}  // namespace

std::optional<Extraction> extract(std::string_view response,
                                  const std::vector<std::string>& rules) {
  for (const std::string& rule : rules) {
    for (const auto& [name, find] : kRules) {
      if (rule != name) continue;
      const std::optional<Range> found = find(response);
      if (!found) continue;
      const Range bytes = trimmed(response, *found);
      if (bytes.begin == bytes.end) continue;
      return Extraction{
          .answer = std::string(response.substr(bytes.begin, bytes.end - bytes.begin)),
          .bytes = bytes,
          .rule = rule};
    }
  }
  return std::nullopt;
}

std::vector<std::string> extraction_rules() {
  std::vector<std::string> names;
  names.reserve(kRules.size());
  for (const auto& [name, find] : kRules) names.emplace_back(name);
  return names;
}

}  // namespace stratagram::reward
