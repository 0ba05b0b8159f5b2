#include "grams/opaque.h"

#include <algorithm>

namespace stratagram::grams {
namespace {

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

size_t OpaqueFinder::paragraph_end(size_t at) {
  if (at < paragraph_end_) return paragraph_end_;
  for (size_t line = text_.find('\n', at); line != std::string_view::npos;
       line = text_.find('\n', line + 1)) {
    size_t next = line + 1;
    while (next < text_.size() &&
           (text_[next] == ' ' || text_[next] == '\t' || text_[next] == '\r')) {
      ++next;
    }
    if (next < text_.size() && text_[next] == '\n') return paragraph_end_ = line;
  }
  return paragraph_end_ = text_.size();
}

size_t OpaqueFinder::end_of_delimited(size_t at, std::string_view closing, size_t& none_before) {
  const size_t limit = paragraph_end(at);
  if (limit <= none_before) return at;
  const size_t found = text_.substr(0, limit).find(closing, at + 2);
  if (found == std::string_view::npos) {
    none_before = limit;
    return at;
  }
  return found + closing.size();
}

size_t OpaqueFinder::end_of_dollars(size_t at) {
  if (text_.substr(at, 2) == "$$") return end_of_delimited(at, "$$", no_double_dollar_before_);
  const size_t limit = paragraph_end(at);
  if (at + 1 >= limit || is_space(text_[at + 1]) || limit <= no_dollar_before_) return at;
  for (size_t close = text_.find('$', at + 1); close < limit; close = text_.find('$', close + 1)) {
    const bool after_space = is_space(text_[close - 1]);
    const bool before_digit = close + 1 < text_.size() && is_digit(text_[close + 1]);
    if (!after_space && !before_digit && close > at + 1) return close + 1;
  }
  no_dollar_before_ = limit;
  return at;
}

size_t OpaqueFinder::matching_brace(size_t at) {
  if (braces_.empty()) {
    braces_.assign(text_.size(), 0);
    std::vector<size_t> open;
    for (size_t i = 0; i < text_.size(); ++i) {
      if (text_[i] == '{') {
        open.push_back(i);
      } else if (text_[i] == '}' && !open.empty()) {
        braces_[open.back()] = static_cast<int32_t>(i);
        open.pop_back();
      }
    }
  }
  return static_cast<size_t>(braces_[at]);
}

// \name, then any number of {...} and [...] right behind it.
size_t OpaqueFinder::end_of_command(size_t at) {
  constexpr size_t kLongestOption = 64;
  size_t end = at + 1;
  while (end < text_.size() && is_letter(text_[end])) ++end;
  if (end == at + 1) return at;
  while (end < text_.size()) {
    if (text_[end] == '{') {
      const size_t close = matching_brace(end);
      if (close == 0) break;
      end = close + 1;
    } else if (text_[end] == '[') {
      const size_t close = text_.substr(end, kLongestOption).find(']');
      if (close == std::string_view::npos) break;
      end += close + 1;
    } else {
      break;
    }
  }
  return end;
}

size_t OpaqueFinder::end_of(size_t at) {
  const char c = text_[at];
  if (c == '$') return end_of_dollars(at);
  if (c == '`' && text_.substr(at, 3) == "```") {
    const size_t close = text_.find("```", at + 3);
    return close == std::string_view::npos ? text_.size() : close + 3;
  }
  if (c != '\\' || at + 1 >= text_.size()) return at;
  if (text_[at + 1] == '(') return end_of_delimited(at, "\\)", no_round_before_);
  if (text_[at + 1] == '[') return end_of_delimited(at, "\\]", no_square_before_);
  return end_of_command(at);
}

}  // namespace stratagram::grams
