// grams/followers.h -- what is written after a strategic gram: the events whose entropy the paper's
// conditional entropy measures (definitions, section 5).
#pragma once

#include <cstdint>
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

}  // namespace stratagram::grams
