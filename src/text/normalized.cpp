#include "text/normalized.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <memory>
#include <utility>

#include "core/error.h"
#include "core/utf8.h"

namespace stratagram::text {
namespace {

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<int8_t>(c) >= 0; });
}

// First and last of each run of marks younger than Unicode 9. Models were trained on what the older
// tables do, so newer ones would give them other tokens.
constexpr std::pair<char32_t, char32_t> kYoungMarks[] = {
    {0x7fd, 0x7fd},     {0x898, 0x89f},     {0x8ca, 0x8d3},     {0x9fe, 0x9fe},
    {0xc3c, 0xc3c},     {0xd3b, 0xd3c},     {0xeba, 0xeba},     {0x1715, 0x1715},
    {0x1abf, 0x1ace},   {0x1df6, 0x1dfa},   {0xa82c, 0xa82c},   {0x10d24, 0x10d27},
    {0x10eab, 0x10eac}, {0x10efd, 0x10eff}, {0x10f46, 0x10f50}, {0x10f82, 0x10f85},
    {0x11070, 0x11070}, {0x1133b, 0x1133b}, {0x1145e, 0x1145e}, {0x11839, 0x1183a},
    {0x11930, 0x11930}, {0x1193d, 0x1193e}, {0x11943, 0x11943}, {0x119e0, 0x119e0},
    {0x11a34, 0x11a34}, {0x11a47, 0x11a47}, {0x11a99, 0x11a99}, {0x11d42, 0x11d42},
    {0x11d44, 0x11d45}, {0x11d97, 0x11d97}, {0x11f41, 0x11f42}, {0x16ff0, 0x16ff1},
    {0x1e08f, 0x1e08f}, {0x1e130, 0x1e136}, {0x1e2ae, 0x1e2ae}, {0x1e2ec, 0x1e2ef},
    {0x1e4ec, 0x1e4ef}};

// True when no character before `c` can combine with it, so that text may be cut there and each
// side normalised alone.
bool starts_unit(char32_t c) {
  if (c < 0x300) return true;
  const auto code = static_cast<utf8proc_int32_t>(c);
  if (utf8proc_get_property(code)->combining_class != 0) return false;
  switch (utf8proc_category(code)) {
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
      return false;
    default:
      // Hangul vowels and final consonants join the syllable before them.
      return !(c >= 0x1160 && c <= 0x11ff);
  }
}

std::string to_nfc(const std::string& text) {
  utf8proc_uint8_t* composed = nullptr;
  // The library's options are flags of one enum, meant to be combined.
  const auto options = static_cast<utf8proc_option_t>(  // NOLINT(*EnumCastOutOfRange)
      UTF8PROC_STABLE | UTF8PROC_COMPOSE);
  const utf8proc_ssize_t size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                             static_cast<utf8proc_ssize_t>(text.size()),
                                             &composed,
                                             options);
  if (size < 0) fail(ErrorKind::kInternal, "NFC: {}", utf8proc_errmsg(size));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(composed, &std::free);
  return {reinterpret_cast<const char*>(composed), static_cast<size_t>(size)};
}

}  // namespace

bool is_young_mark(char32_t c) {
  return std::any_of(std::begin(kYoungMarks), std::end(kYoungMarks), [&](const auto& run) {
    return c >= run.first && c <= run.second;
  });
}

NormalizedText::NormalizedText(std::string_view original, bool nfc) : original_(original) {
  if (is_ascii(original) || (!nfc && is_valid_utf8(original))) return;
  const auto size = static_cast<int64_t>(original.size());
  int64_t unit_begin = 0;
  bool after_young_mark = false;
  for (int64_t at = 0; at < size;) {
    const Utf8Character c = decode_utf8(original, at);
    const bool is_young = c.code_point >= 0x300 && is_young_mark(c.code_point);
    const bool starts = !nfc || !c.valid || is_young || after_young_mark;
    if (at > unit_begin && (starts || starts_unit(c.code_point))) {
      append(original.substr(unit_begin, at - unit_begin), unit_begin, nfc);
      unit_begin = at;
    }
    after_young_mark = is_young;
    at += static_cast<int64_t>(c.num_bytes);
  }
  append(original.substr(unit_begin), unit_begin, nfc);
  changed_ = text_ != original;
  if (!changed_) {
    text_.clear();
    units_.clear();
  }
}

void NormalizedText::append(std::string_view unit, int64_t original_begin, bool nfc) {
  units_.push_back({static_cast<int64_t>(text_.size()), original_begin});
  if (is_ascii(unit)) {
    text_ += unit;
    return;
  }
  const std::string valid = replace_broken_utf8(unit);
  text_ += nfc ? to_nfc(valid) : valid;
}

Range NormalizedText::original(Range range) const {
  if (!changed_) return range;
  const auto unit_after = [&](int64_t at) {
    return std::upper_bound(units_.begin(), units_.end(), at, [](int64_t value, const Unit& unit) {
      return value < unit.begin;
    });
  };
  const auto first = unit_after(range.begin);
  const int64_t begin = first == units_.begin() ? 0 : std::prev(first)->original_begin;
  if (range.end <= range.begin) return {begin, begin};
  const auto after = unit_after(range.end - 1);
  const int64_t end =
      after == units_.end() ? static_cast<int64_t>(original_.size()) : after->original_begin;
  return {begin, end};
}

}  // namespace stratagram::text
