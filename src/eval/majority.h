// eval/majority.h -- votes of samples on an answer (definitions, section 6): clusters of equivalent
// answers, and how often the vote of k samples is right.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace stratagram::eval {

/// Whether two answers mean the same. Need not be transitive.
using SameAnswer = std::function<bool(const std::string& a, const std::string& b)>;

/// Number of the cluster of each answer, from 0 by first appearance; none for no answer. An answer
/// joins the first cluster whose first answer it is the same as, else it opens one, so the result
/// depends on the order alone.
[[nodiscard]] std::vector<std::optional<int64_t>> cluster_answers(
    std::span<const std::optional<std::string>> answers, const SameAnswer& same);

/// The samples of one problem, in their order.
struct Ballot {
  std::vector<std::optional<int64_t>> votes{};  ///< cluster of each sample's answer; none: abstains
  std::vector<bool> is_right{};                 ///< by cluster
};

/// The mean, over all subsets of k of the samples, of whether the subset's vote is right. The vote
/// is the largest cluster, of equally large ones that whose first vote in the subset comes first;
/// samples without an answer abstain, and a subset of only those is wrong. Exact, by counting
/// subsets: with k the number of samples it is the vote of all, 0 or 1. Throws Error(kConfig)
/// unless 1 <= k <= the number of samples.
[[nodiscard]] double majority_at_k(const Ballot& ballot, int64_t k);

}  // namespace stratagram::eval
