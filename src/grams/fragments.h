// grams/fragments.h -- grams that are mere pieces of a longer one: of "let me double check", mining
// also finds "me double check", which nobody means.
#pragma once

#include <cstdint>
#include <vector>

#include "grams/candidates.h"

namespace stratagram::grams {

/// Takes out every gram of which at least `share` of the occurrences lie inside one longer gram
/// that stays: count(longer) >= share * count(gram). From the longest to the shortest, so whether a
/// longer one stays is settled before. Keeps the order of those that stay; returns how many went.
/// `share` is above 0; one above 1 takes out none.
int64_t merge_fragments(double share, std::vector<Candidate>& candidates);

}  // namespace stratagram::grams
