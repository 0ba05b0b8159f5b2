// grams/covered.h -- what occurrences cover together.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "grams/matcher.h"

namespace stratagram::grams {

/// The words that occurrences cover: ranges from left to right, none touching another.
[[nodiscard]] std::vector<Range> covered_words(std::span<const Occurrence> occurrences);

/// How many words that are: the planning words of a text, for all its occurrences.
[[nodiscard]] int64_t num_covered_words(std::span<const Occurrence> occurrences);

}  // namespace stratagram::grams
