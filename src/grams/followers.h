// grams/followers.h -- what is written after a strategic gram: the events whose entropy the paper's
// conditional entropy measures (definitions, section 5).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "grams/matcher.h"

namespace stratagram::grams {

struct Follower {
  int64_t gram = 0;  ///< index in the catalogue
  std::string key;   ///< the following words, one space between them
};

/// For each counted occurrence the next `num_words` words outside all occurrences, numbers written
/// as <num>; an occurrence with fewer such words after it gives none.
[[nodiscard]] std::vector<Follower> followers(const Matcher& matcher,
                                              std::string_view text,
                                              int64_t num_words);

/// The words that are read after an occurrence, as places in the text's word sequence.
struct FollowerPlaces {
  int64_t gram = 0;
  std::vector<int64_t> words;
};

/// followers() without their words.
///   matches      of one text, which has total_words words
[[nodiscard]] std::vector<FollowerPlaces> follower_places(const Matches& matches,
                                                          int64_t total_words,
                                                          int64_t num_words);

/// A word as it stands in a follower's key: numbers as <num>.
[[nodiscard]] std::string_view follower_word(std::string_view word);

/// 1 on words inside an occurrence, one a word.
[[nodiscard]] std::vector<uint8_t> planning_words(std::span<const Occurrence> all,
                                                  int64_t total_words);

}  // namespace stratagram::grams
