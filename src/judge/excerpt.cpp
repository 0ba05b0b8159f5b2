#include "judge/excerpt.h"

#include <fmt/format.h>

#include "core/utf8.h"

namespace stratagram::judge {
namespace {

bool continues_a_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

// The last place at or before `at` where a character begins.
size_t boundary_before(std::string_view text, size_t at) {
  while (at > 0 && at < text.size() && continues_a_character(text[at])) --at;
  return at;
}

size_t boundary_after(std::string_view text, size_t at) {
  while (at < text.size() && continues_a_character(text[at])) ++at;
  return at;
}

}  // namespace

std::string one_line(std::string_view text, size_t max_bytes) {
  std::string line;
  bool wants_space = false;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= ' ' || byte == 0x7F) {
      wants_space = !line.empty();
      continue;
    }
    if (line.size() > max_bytes) break;
    if (wants_space) line += ' ';
    wants_space = false;
    line += c;
  }
  if (line.size() > max_bytes) {
    line = line.substr(0, boundary_before(line, max_bytes)) + "...";
  }
  return replace_broken_utf8(line);
}

Shortened shorten_middle(std::string_view text, size_t max_bytes) {
  if (text.size() <= max_bytes) return {.text = std::string(text)};
  const size_t head = boundary_before(text, max_bytes / 2);
  const size_t tail = boundary_after(text, text.size() - max_bytes / 2);
  const size_t missing = tail - head;
  return {.text = fmt::format("{}\n[... {} bytes left out here ...]\n{}",
                              text.substr(0, head),
                              missing,
                              text.substr(tail)),
          .num_left_out = missing};
}

}  // namespace stratagram::judge
