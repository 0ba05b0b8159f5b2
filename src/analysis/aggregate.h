// analysis/aggregate.h -- sums of tallies over problems, each taken any number of times: what every
// measure is computed from, once as it is and once for each draw of a bootstrap.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "analysis/tally.h"

namespace stratagram::analysis {

/// Sums of products inside problems, of use (1 or 0), log length and correctness (1 or 0), each
/// less its mean in the problem, over labelled responses.
struct UseProducts {
  double use_use = 0;
  double use_correct = 0;
  double use_length = 0;
  int64_t problems = 0;  ///< that hold responses with and without
};

/// A ProblemTally summed, but for what tells problems apart.
struct Aggregate {
  ProblemTally sums;  ///< without its maps and lists
  std::vector<int64_t> grams;
  std::vector<UseTally> uses;
  std::vector<UseProducts> products;  ///< parallel to uses
  double length_length = 0;
  double length_correct = 0;
  std::vector<int64_t> pairs;                     ///< how often each pair came, by gram
  std::vector<std::span<const int64_t>> by_gram;  ///< parts of `pairs`, a gram each
  std::vector<int64_t> entropy_bins;              ///< empty without tokens
  std::vector<int64_t> planning_bins;
};

/// Some tallies to be summed again and again. Not thread-safe.
class Population {
 public:
  /// What is pointed to must outlive the object.
  ///   all_entropies_of  tallies of lens 0, parallel: they alone keep the entropies of all tokens
  Population(std::vector<const ProblemTally*> tallies,
             std::vector<const ProblemTally*> all_entropies_of,
             std::span<const int32_t> gram_of_pair,
             size_t num_grams);
  // Its parts refer to each other.
  Population(const Population&) = delete;
  Population& operator=(const Population&) = delete;

  /// The sums with tally i taken times[i] times; valid until the next call.
  [[nodiscard]] const Aggregate& sum(std::span<const int64_t> times);

  [[nodiscard]] size_t size() const { return tallies_.size(); }

 private:
  void add(size_t index, int64_t times);
  void clear();

  std::vector<const ProblemTally*> tallies_;
  std::vector<const ProblemTally*> all_entropies_of_;
  std::vector<std::vector<int32_t>> followers_;  ///< places in Aggregate::pairs, a list a tally
  Aggregate aggregate_;
};

}  // namespace stratagram::analysis
