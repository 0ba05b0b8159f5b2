#include "grams/tag.h"

#include <algorithm>

namespace stratagram::grams {
namespace {

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

// True when text[begin, end) holds a byte that is no white space.
bool has_ink(std::string_view text, int64_t begin, int64_t end) {
  for (int64_t i = begin; i < end; ++i) {
    if (!is_space(text[i])) return true;
  }
  return false;
}

// The tokens that share ink with some bytes; `from` is a token at or before the first of them.
Range tokens_of(std::string_view text,
                const std::vector<Range>& byte_ranges,
                Range bytes,
                size_t from) {
  Range tokens;
  bool found = false;
  for (size_t t = from; t < byte_ranges.size() && byte_ranges[t].begin < bytes.end; ++t) {
    const int64_t begin = std::max(byte_ranges[t].begin, bytes.begin);
    const int64_t end = std::min(byte_ranges[t].end, bytes.end);
    if (begin >= end || !has_ink(text, begin, end)) continue;
    if (!found) tokens.begin = static_cast<int64_t>(t);
    found = true;
    tokens.end = static_cast<int64_t>(t) + 1;
  }
  return tokens;
}

// First token whose bytes end beyond `byte`.
size_t first_token_beyond(const std::vector<Range>& byte_ranges, int64_t byte) {
  const auto found = std::partition_point(byte_ranges.begin(),
                                          byte_ranges.end(),
                                          [&](const Range& range) { return range.end <= byte; });
  return static_cast<size_t>(found - byte_ranges.begin());
}

}  // namespace

std::vector<uint8_t> planning_mask(std::span<const Occurrence> all,
                                   std::string_view text,
                                   const std::vector<Range>& byte_ranges) {
  std::vector<uint8_t> mask(byte_ranges.size(), 0);
  for (const Occurrence& occurrence : all) {
    const size_t from = first_token_beyond(byte_ranges, occurrence.bytes.begin);
    for (size_t t = from; t < byte_ranges.size() && byte_ranges[t].begin < occurrence.bytes.end;
         ++t) {
      const int64_t begin = std::max(byte_ranges[t].begin, occurrence.bytes.begin);
      const int64_t end = std::min(byte_ranges[t].end, occurrence.bytes.end);
      if (begin < end && has_ink(text, begin, end)) mask[t] = 1;
    }
  }
  return mask;
}

Tagging tag(const Matcher& matcher, std::string_view text, const std::vector<Range>& byte_ranges) {
  const Matches matches = matcher.find(text);
  Tagging tagging{.mask = planning_mask(matches.all, text, byte_ranges), .spans = {}};
  for (const Occurrence& occurrence : matches.counted) {
    const size_t from = first_token_beyond(byte_ranges, occurrence.bytes.begin);
    tagging.spans.push_back({.tokens = tokens_of(text, byte_ranges, occurrence.bytes, from),
                             .gram = matcher.catalogue().grams[occurrence.gram].text});
  }
  return tagging;
}

}  // namespace stratagram::grams
