// reward/characters.h -- classes of ASCII characters and words, whatever the locale.
#pragma once

#include <cstddef>
#include <string_view>

#include "math/characters.h"

namespace stratagram::reward {

/// White space; a tie of LaTeX is none here.
constexpr bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

using math::is_digit;
using math::is_letter;

constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

/// Whether a word in lower case stands at `at`, in any case.
inline bool starts_with(std::string_view text, size_t at, std::string_view lower_word) {
  if (text.size() < at + lower_word.size()) return false;
  for (size_t i = 0; i < lower_word.size(); ++i) {
    if (lower(text[at + i]) != lower_word[i]) return false;
  }
  return true;
}

inline bool ends_word(std::string_view text, size_t at) {
  return at >= text.size() || !is_letter(text[at]);
}

/// Of Markdown, and quotation marks.
constexpr bool is_markup(char c) {
  return c == '*' || c == '_' || c == '`' || c == '"' || c == '\'';
}

}  // namespace stratagram::reward
