// judge/option_order.h -- in which order a multiple-choice question shows its options. Models
// prefer some letters, so the order is drawn, and the second asking has no option at its letter of
// the first: a judge that goes by the letter contradicts itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace stratagram::judge {

/// Element i is the number of the option at letter 'A' + i: a permutation of 0 to num_options - 1.
/// Keyed by seed and question; asking is 1 or 2. Throws Error(kInternal) for another asking or
/// fewer than 2 options.
[[nodiscard]] std::vector<size_t> option_order(size_t num_options,
                                               std::string_view question,
                                               int64_t asking,
                                               uint64_t seed);

}  // namespace stratagram::judge
