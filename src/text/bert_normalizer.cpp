#include "text/bert_normalizer.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <span>

#include "core/utf8.h"
#include "text/normalized.h"

namespace stratagram::text {
namespace {

struct CharacterRun {
  char32_t first;
  char32_t last;
};

#include "text/bert_characters.inc"

bool is_in(std::span<const CharacterRun> runs, char32_t c) {
  const auto after = std::ranges::upper_bound(runs, c, {}, &CharacterRun::first);
  return after != runs.begin() && c <= std::prev(after)->last;
}

std::u32string code_points_of(std::string_view text) {
  std::u32string points;
  points.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const Utf8Character c = decode_utf8(text, at);
    points += c.code_point;
    at += c.num_bytes;
  }
  return points;
}

std::u32string cleaned(const std::u32string& text) {
  std::u32string kept;
  for (const char32_t c : text) {
    if (is_in(kRemoved, c)) continue;
    kept += is_in(kSpaces, c) ? U' ' : c;
  }
  return kept;
}

std::u32string with_spaces_around_chinese(const std::u32string& text) {
  std::u32string spaced;
  for (const char32_t c : text) {
    if (is_in(kChinese, c)) {
      spaced += {U' ', c, U' '};
    } else {
      spaced += c;
    }
  }
  return spaced;
}

int combining_class(char32_t c) {
  if (c < 0x300 || is_young_mark(c)) return 0;
  return utf8proc_get_property(static_cast<utf8proc_int32_t>(c))->combining_class;
}

void append_decomposed_(std::u32string& text, char32_t c) {
  constexpr char32_t kYoungComposed = 0x11938;  // the one composed character after Unicode 9
  std::array<utf8proc_int32_t, 8> parts{};
  utf8proc_ssize_t size = 0;
  if (c >= 0xc0 && c != kYoungComposed) {
    size = utf8proc_decompose_char(
        static_cast<utf8proc_int32_t>(c), parts.data(), parts.size(), UTF8PROC_DECOMPOSE, nullptr);
  }
  if (size < 1 || size > static_cast<utf8proc_ssize_t>(parts.size())) {
    text += c;
    return;
  }
  for (utf8proc_ssize_t i = 0; i < size; ++i) text += static_cast<char32_t>(parts[i]);
}

// NFD: decomposed, and marks in a row in the order of their classes.
std::u32string decomposed(const std::u32string& text) {
  std::u32string parts;
  for (const char32_t c : text) append_decomposed_(parts, c);
  for (auto at = parts.begin(); at != parts.end();) {
    const auto begin =
        std::find_if(at, parts.end(), [](char32_t c) { return combining_class(c) != 0; });
    at = std::find_if(begin, parts.end(), [](char32_t c) { return combining_class(c) == 0; });
    std::stable_sort(
        begin, at, [](char32_t a, char32_t b) { return combining_class(a) < combining_class(b); });
  }
  return parts;
}

// Character by character, as the reference does it: no final sigma.
std::u32string lower(const std::u32string& text) {
  std::u32string small;
  for (const char32_t c : text) {
    if (c == 0x130) {  // the one letter whose small form is two characters
      small += {U'i', 0x307};
    } else {
      small += static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c)));
    }
  }
  return small;
}

}  // namespace

std::string BertNormalizer::normalize(std::string_view text) const {
  std::u32string points = code_points_of(text);
  if (clean_text) points = cleaned(points);
  if (handle_chinese_chars) points = with_spaces_around_chinese(points);
  if (strip_accents) {
    points = decomposed(points);
    std::erase_if(points, [](char32_t c) { return is_in(kMarks, c); });
  }
  if (lowercase) points = lower(points);
  std::string normal;
  normal.reserve(points.size());
  for (const char32_t c : points) append_utf8_(normal, c);
  return normal;
}

std::vector<std::string_view> bert_words(std::string_view text) {
  std::vector<std::string_view> words;
  size_t begin = 0;  // of the word that is open
  const auto flush = [&](size_t end) {
    if (end > begin) words.push_back(text.substr(begin, end - begin));
  };
  for (size_t at = 0; at < text.size();) {
    const Utf8Character c = decode_utf8(text, at);
    const size_t after = at + c.num_bytes;
    const bool is_punctuation = is_in(kPunctuation, c.code_point);
    if (is_punctuation || is_in(kSpaces, c.code_point)) {
      flush(at);
      if (is_punctuation) words.push_back(text.substr(at, c.num_bytes));
      begin = after;
    }
    at = after;
  }
  flush(text.size());
  return words;
}

}  // namespace stratagram::text
