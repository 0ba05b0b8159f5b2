// judge/excerpt.h -- long texts cut short, never inside a character.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace stratagram::judge {

/// One line for messages and lists: control characters and runs of white space become one space,
/// what is beyond `max_bytes` "...". Broken UTF-8 is replaced.
[[nodiscard]] std::string one_line(std::string_view text, size_t max_bytes);

struct Shortened {
  std::string text;
  size_t num_left_out = 0;  ///< bytes; 0: the text is whole
};

/// Keeps the beginning and the end, half of `max_bytes` each, with a line between them that says
/// how much is missing.
[[nodiscard]] Shortened shorten_middle(std::string_view text, size_t max_bytes);

}  // namespace stratagram::judge
