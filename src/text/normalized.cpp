#include "text/normalized.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "core/error.h"
#include "core/utf8.h"

namespace stratagram::text {
namespace {

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<int8_t>(c) >= 0; });
}

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

NormalizedText::NormalizedText(std::string_view original, bool nfc) : original_(original) {
  if (is_ascii(original) || (!nfc && is_valid_utf8(original))) return;
  const auto size = static_cast<int64_t>(original.size());
  int64_t unit_begin = 0;
  for (int64_t at = 0; at < size;) {
    const Utf8Character c = decode_utf8(original, at);
    if (at > unit_begin && (!nfc || !c.valid || starts_unit(c.code_point))) {
      append(original.substr(unit_begin, at - unit_begin), unit_begin, nfc);
      unit_begin = at;
    }
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
