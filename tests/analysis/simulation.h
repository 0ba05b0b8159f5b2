// tests/analysis/simulation.h -- made-up responses whose every entropy and effect is known: what
// estimators and intervals are held against.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "analysis/aggregate.h"
#include "analysis/bootstrap.h"
#include "analysis/config.h"
#include "analysis/tally.h"
#include "core/stream.h"
#include "grams/catalogue.h"

namespace stratagram::analysis {

inline constexpr size_t kSimulatedGrams = 24;
inline constexpr size_t kSimulatedFollowers = 12;  ///< different words after each gram

/// Shares proportional to 1, 1/2, 1/3, ...
[[nodiscard]] std::vector<double> zipf(size_t num_kinds);

/// In nats.
[[nodiscard]] double entropy_of(const std::vector<double>& shares);

/// The expected Shannon entropy of `draws` independent draws, summed in closed form over the
/// binomial distribution of each kind's count.
[[nodiscard]] double expected_entropy(const std::vector<double>& shares, int64_t draws);

/// Draws one kind. `u` is uniform in [0, 1).
[[nodiscard]] size_t draw_kind(const std::vector<double>& shares, double u);

/// `num_kinds` grams, their roles in turn.
[[nodiscard]] grams::Catalogue simulated_catalogue();

/// Problems of a difficulty and one of three topics. A topic has its own frequencies of grams; a
/// harder problem has more grams, longer responses and fewer correct ones. A response that uses
/// gram 0 is correct more often by kEffect at equal difficulty and length, and a longer one less
/// often.
class Simulation {
 public:
  static constexpr double kEffect = 0.12;

  explicit Simulation(uint64_t seed);

  /// The next problem with this many responses.
  [[nodiscard]] ProblemTally problem(int64_t num_responses);

  [[nodiscard]] std::span<const int32_t> gram_of_pair() const { return pairs_.grams(); }

  /// Shares of the grams among all occurrences of the population.
  [[nodiscard]] static std::vector<double> gram_shares();
  /// Of (gram, follower) pairs.
  [[nodiscard]] static std::vector<double> pair_shares();

 private:
  [[nodiscard]] double uniform() { return stream_.uniform(position_++); }
  void add_response(double difficulty, const std::vector<double>& shares, ProblemTally& tally);

  Stream stream_;
  uint64_t position_ = 0;
  PairIds pairs_;
  grams::Catalogue catalogue_;
};

}  // namespace stratagram::analysis
