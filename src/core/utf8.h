// core/utf8.h -- decoding UTF-8 one character at a time, tolerant of broken bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace stratagram {

struct Utf8Character {
  char32_t code_point = 0;  ///< U+FFFD where the bytes are broken
  size_t num_bytes = 0;     ///< at least 1 unless the text is at its end
  bool valid = true;
};

/// The character that starts at `offset` (< text.size()). A broken sequence is taken as Unicode's
/// "maximal subpart" (as Python, Rust and ICU do), so replacement gives the same text everywhere.
[[nodiscard]] Utf8Character decode_utf8(std::string_view text, size_t offset);

/// Appends the UTF-8 form of a code point to `text`.
void append_utf8_(std::string& text, char32_t code_point);

/// The text with each broken sequence replaced by U+FFFD.
[[nodiscard]] std::string replace_broken_utf8(std::string_view text);

[[nodiscard]] bool is_valid_utf8(std::string_view text);

}  // namespace stratagram
