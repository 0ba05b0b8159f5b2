#include "grams/followers.h"

#include <algorithm>

#include "grams/normaliser.h"

namespace stratagram::grams {
namespace {

bool is_number(std::string_view word) {
  return !word.empty() &&
         std::all_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::vector<Follower> followers(const Matcher& matcher, std::string_view text, int64_t num_words) {
  const Matches matches = matcher.find(text);
  const std::vector<Word> words = normalise(text);
  std::vector<bool> planning(words.size(), false);
  for (const Occurrence& occurrence : matches.all) {
    for (int64_t w = occurrence.words.begin; w < occurrence.words.end; ++w) planning[w] = true;
  }
  std::vector<Follower> found;
  for (const Occurrence& occurrence : matches.counted) {
    Follower follower{.gram = occurrence.gram, .key = ""};
    int64_t taken = 0;
    for (size_t w = occurrence.words.end; w < words.size() && taken < num_words; ++w) {
      if (planning[w]) continue;
      if (taken++ > 0) follower.key += ' ';
      follower.key += is_number(words[w].text) ? "<num>" : words[w].text;
    }
    if (taken == num_words) found.push_back(std::move(follower));
  }
  return found;
}

}  // namespace stratagram::grams
