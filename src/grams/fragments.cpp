#include "grams/fragments.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_map>

namespace stratagram::grams {
namespace {

// Where each word begins; then one past the end, as if a space followed.
std::vector<size_t> word_starts(std::string_view text) {
  std::vector<size_t> starts{0};
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == ' ') starts.push_back(i + 1);
  }
  starts.push_back(text.size() + 1);
  return starts;
}

size_t num_words(const Candidate& candidate) {
  return static_cast<size_t>(std::ranges::count(candidate.text, ' ')) + 1;
}

}  // namespace

int64_t merge_fragments(double share, std::vector<Candidate>& candidates) {
  std::vector<size_t> by_length(candidates.size());
  for (size_t i = 0; i < by_length.size(); ++i) by_length[i] = i;
  std::ranges::stable_sort(by_length, [&](size_t a, size_t b) {
    return num_words(candidates[a]) > num_words(candidates[b]);
  });

  std::unordered_map<std::string_view, size_t> index_of;
  index_of.reserve(candidates.size());
  for (size_t i = 0; i < candidates.size(); ++i) index_of.emplace(candidates[i].text, i);
  std::vector<int64_t> most_around(candidates.size(), 0);  // the highest count of a longer gram
  std::vector<bool> goes(candidates.size(), false);
  for (const size_t index : by_length) {
    const Candidate& gram = candidates[index];
    if (most_around[index] > 0 &&
        static_cast<double>(most_around[index]) >= share * static_cast<double>(gram.count)) {
      goes[index] = true;
      continue;
    }
    const std::string_view text = gram.text;
    const std::vector<size_t> starts = word_starts(text);
    for (size_t first = 0; first + 1 < starts.size(); ++first) {
      for (size_t last = first + 1; last < starts.size(); ++last) {
        if (last - first + 1 == starts.size()) continue;  // the gram itself
        const size_t begin = starts[first];
        const auto inner = index_of.find(text.substr(begin, starts[last] - 1 - begin));
        if (inner == index_of.end()) continue;
        most_around[inner->second] = std::max(most_around[inner->second], gram.count);
      }
    }
  }

  std::vector<Candidate> stay;
  for (size_t i = 0; i < candidates.size(); ++i) {
    if (!goes[i]) stay.push_back(std::move(candidates[i]));
  }
  const auto num_gone = static_cast<int64_t>(candidates.size() - stay.size());
  candidates = std::move(stay);
  return num_gone;
}

}  // namespace stratagram::grams
