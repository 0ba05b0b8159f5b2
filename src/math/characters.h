// math/characters.h -- classes of ASCII characters, whatever the locale.
#pragma once

namespace stratagram::math {

constexpr bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// White space, and the tie of LaTeX.
constexpr bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r') || c == '~';
}

}  // namespace stratagram::math
