#include "grams/covered.h"

#include <algorithm>

namespace stratagram::grams {

std::vector<Range> covered_words(std::span<const Occurrence> occurrences) {
  std::vector<Range> words;
  words.reserve(occurrences.size());
  for (const Occurrence& occurrence : occurrences) words.push_back(occurrence.words);
  std::ranges::sort(words, {}, &Range::begin);
  std::vector<Range> merged;
  for (const Range& range : words) {
    if (merged.empty() || range.begin > merged.back().end) {
      merged.push_back(range);
    } else {
      merged.back().end = std::max(merged.back().end, range.end);
    }
  }
  return merged;
}

int64_t num_covered_words(std::span<const Occurrence> occurrences) {
  int64_t count = 0;
  for (const Range& range : covered_words(occurrences)) count += range.end - range.begin;
  return count;
}

}  // namespace stratagram::grams
