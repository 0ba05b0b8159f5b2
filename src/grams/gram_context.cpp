#include "grams/gram_context.h"

namespace stratagram::grams {

Context context_of(std::string_view text,
                   std::span<const Range> words,
                   size_t first,
                   size_t num_words) {
  const auto begin = static_cast<size_t>(words[first].begin);
  const auto end = static_cast<size_t>(words[first + num_words - 1].end);
  size_t from = begin;
  for (size_t i = first; i > 0 && first - i < kContextWords; --i) {
    const auto start = static_cast<size_t>(words[i - 1].begin);
    if (begin - start > kContextBytes) break;
    from = start;
  }
  size_t to = end;
  for (size_t i = first + num_words; i < words.size(); ++i) {
    const auto stop = static_cast<size_t>(words[i].end);
    if (i - first - num_words >= kContextWords || stop - end > kContextBytes) break;
    to = stop;
  }
  return {.before = std::string(text.substr(from, begin - from)),
          .gram = std::string(text.substr(begin, end - begin)),
          .after = std::string(text.substr(end, to - end))};
}

}  // namespace stratagram::grams
