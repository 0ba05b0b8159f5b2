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

std::vector<uint8_t> planning_words(std::span<const Occurrence> all, int64_t total_words) {
  std::vector<uint8_t> mask(static_cast<size_t>(total_words), 0);
  for (const Occurrence& occurrence : all) {
    for (int64_t w = occurrence.words.begin; w < occurrence.words.end; ++w) mask[w] = 1;
  }
  return mask;
}

std::vector<FollowerPlaces> follower_places(const Matches& matches,
                                            int64_t total_words,
                                            int64_t num_words) {
  std::vector<FollowerPlaces> found;
  if (matches.counted.empty()) return found;
  const std::vector<uint8_t> planning = planning_words(matches.all, total_words);
  for (const Occurrence& occurrence : matches.counted) {
    FollowerPlaces places{.gram = occurrence.gram, .words = {}};
    for (int64_t w = occurrence.words.end;
         w < total_words && static_cast<int64_t>(places.words.size()) < num_words;
         ++w) {
      if (planning[w] == 0) places.words.push_back(w);
    }
    if (static_cast<int64_t>(places.words.size()) == num_words) found.push_back(std::move(places));
  }
  return found;
}

std::string_view follower_word(std::string_view word) {
  return is_number(word) ? std::string_view("<num>") : word;
}

std::vector<Follower> followers(const Matcher& matcher, std::string_view text, int64_t num_words) {
  const std::vector<Word> words = normalise(text);
  std::vector<Follower> found;
  for (const FollowerPlaces& places :
       follower_places(matcher.find(text), static_cast<int64_t>(words.size()), num_words)) {
    Follower& follower = found.emplace_back(Follower{.gram = places.gram, .key = ""});
    for (const int64_t w : places.words) {
      if (w != places.words.front()) follower.key += ' ';
      follower.key += follower_word(words[w].text);
    }
  }
  return found;
}

}  // namespace stratagram::grams
