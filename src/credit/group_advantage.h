// credit/group_advantage.h -- what one response is worth beside its siblings.
#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace stratagram::credit {

/// One advantage a reward, by definitions, section 3:
///   group_mean     R_i - mean_j R_j
///   group_std      (R_i - mean) / (s + 1e-6), s the standard deviation with n - 1 in the divisor
///                  (our choice: the GRPO paper says "std" alone)
///   leave_one_out  R_i - mean_{j != i} R_j
/// Exactly zero for all when all rewards are equal, whatever their rounding; so for a group of one.
/// Throws Error(kConfig) for another name, Error(kNumeric) for a reward that is not finite.
[[nodiscard]] std::vector<double> group_advantages(std::span<const double> rewards,
                                                   std::string_view baseline);

}  // namespace stratagram::credit
