// metrics/fork_histogram.h -- fork shares of tokens that are seen once: counts by entropy in place
// of the entropies themselves.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "metrics/statistics.h"

namespace stratagram::metrics {

/// Tokens counted by entropy, in bins of 1/64 of a factor of two from 2^-20 to 32 nats; what lies
/// below or above counts in the first or last one. Not thread-safe.
class EntropyHistogram {
 public:
  static constexpr size_t kNumBins = 1600;

  /// Throws Error(kInternal) for an entropy that is not finite.
  void add(float entropy);

  /// Adds each count `times` times to `bins`, which has kNumBins items.
  void add_to(std::span<int64_t> bins, int64_t times) const;

  [[nodiscard]] bool empty() const { return bins_.empty(); }

 private:
  struct Bin {
    uint16_t number = 0;
    int64_t count = 0;
  };
  std::vector<Bin> bins_;  ///< those that are not empty, ascending
};

/// As metrics::fork_shares of the single tokens, but for the one bin in which the threshold falls:
/// of its tokens a share counts as high, the same one of planning and other tokens. The bin is
/// 1.6 % wide at most, so the shares are off by less than the tokens of that bin are of all.
///   all, planning  counts of kNumBins bins; those of planning tokens are part of all
[[nodiscard]] ForkShares fork_shares(std::span<const int64_t> all,
                                     std::span<const int64_t> planning,
                                     double share);

}  // namespace stratagram::metrics
