// grams/placebo.h -- a catalogue that stands in for another in everything but meaning: the control
// of a rule that acts on strategic grams (definitions, section 3).
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "grams/matcher.h"

namespace stratagram::grams {

struct Placebo {
  Catalogue catalogue;
  int64_t num_matched = 0;  ///< grams of the original that occur in the texts, each has a partner
  int64_t original_count = 0;  ///< occurrences of those in the texts, overlapping ones too
  int64_t placebo_count = 0;   ///< occurrences of their partners
};

/// Gives each gram of the catalogue that occurs in the texts a random partner: an n-gram of the
/// texts with as many words and about as many occurrences (within a tenth where there is one, else
/// the nearest), none of which shares a word with an occurrence of the catalogue. Grams that never
/// occur mark nothing and get none. `seed` keys the choice; texts and seed decide the result.
/// Throws Error(kData) when no gram occurs, or when the texts hold too few other n-grams.
[[nodiscard]] Placebo make_placebo(const Matcher& matcher,
                                   std::span<const std::string> texts,
                                   uint64_t seed);

}  // namespace stratagram::grams
