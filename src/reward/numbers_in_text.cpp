#include "reward/numbers_in_text.h"

#include <algorithm>
#include <array>

#include "reward/characters.h"

namespace stratagram::reward {
namespace {

constexpr std::string_view kMinus = "\xe2\x88\x92";  // the minus sign of Unicode

bool digit_at(std::string_view text, size_t at) {
  return at < text.size() && is_digit(text[at]);
}

// Bytes of the separator of thousands that ends at `end`, 0 for none: three digits follow it.
size_t separator_before(std::string_view text, size_t end) {
  if (!digit_at(text, end) || !digit_at(text, end + 1) || !digit_at(text, end + 2)) return 0;
  for (const std::string_view sign : {"{,}", ",\\!", "{,}\\!", "\\,"}) {
    if (end <= sign.size() || text.substr(end - sign.size(), sign.size()) != sign) continue;
    if (digit_at(text, end - sign.size() - 1)) return sign.size();
  }
  return 0;
}

// Bytes of "e", "e-" or "E+" that ends at `end`, between digits; 0 for none.
size_t exponent_before(std::string_view text, size_t end) {
  size_t size = 0;
  if (end > 2 && (text[end - 1] == '-' || text[end - 1] == '+')) size = 1;
  if (end < size + 2 || lower(text[end - size - 1]) != 'e') return 0;
  return is_digit(text[end - size - 2]) ? size + 1 : 0;
}

// Start of the run of digits, points and separators that ends before `begin`.
size_t start_of(std::string_view text, size_t begin) {
  bool bar = false;
  bool exponent = false;
  while (begin > 0) {
    const char c = text[begin - 1];
    const bool after_digit = begin >= 2 && is_digit(text[begin - 2]);
    const bool is_bare_point = c == '.' && (begin < 2 || is_space(text[begin - 2]));  // .5
    if (is_digit(c) || ((c == ',' || c == '.') && after_digit) || is_bare_point) {
      --begin;
    } else if (const size_t separator = separator_before(text, begin); separator > 0) {
      begin -= separator;
    } else if (const size_t e = exponent_before(text, begin); e > 0 && !exponent) {
      exponent = true;
      begin -= e;
    } else if (c == '/' && after_digit && !bar) {
      bar = true;
      --begin;
    } else {
      break;
    }
  }
  return begin;
}

size_t with_sign(std::string_view text, size_t begin) {
  size_t sign = begin;
  if (begin > 0 && text[begin - 1] == '-') {
    sign = begin - 1;
  } else if (begin >= kMinus.size() &&
             text.substr(begin - kMinus.size(), kMinus.size()) == kMinus) {
    sign = begin - kMinus.size();
  }
  if (sign == begin || sign == 0) return sign;
  const char before = text[sign - 1];
  constexpr std::string_view kOpeners = "(=$*:[{";
  const bool opens = is_space(before) || kOpeners.find(before) != std::string_view::npos;
  return opens ? sign : begin;
}

}  // namespace

std::optional<Range> last_number(std::string_view text) {
  size_t end = text.size();
  while (end > 0 && !is_digit(text[end - 1])) --end;
  if (end == 0) return std::nullopt;
  const size_t begin = with_sign(text, start_of(text, end));
  return Range{static_cast<int64_t>(begin), static_cast<int64_t>(end)};
}

}  // namespace stratagram::reward
