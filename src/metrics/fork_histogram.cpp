#include "metrics/fork_histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

#include "core/error.h"

namespace stratagram::metrics {
namespace {

// The upper 15 bits of a positive float are its exponent and 6 bits of its mantissa, so that the
// bins of equal ratio are consecutive numbers.
constexpr uint32_t kDropped = 17;
constexpr float kLowest = 0x1p-20F;

uint16_t bin_of(float entropy) {
  if (entropy <= kLowest) return 0;
  const uint32_t first = std::bit_cast<uint32_t>(kLowest) >> kDropped;
  const uint32_t bin = (std::bit_cast<uint32_t>(entropy) >> kDropped) - first;
  return static_cast<uint16_t>(std::min<uint32_t>(bin, EntropyHistogram::kNumBins - 1));
}

}  // namespace

void EntropyHistogram::add(float entropy) {
  STRATAGRAM_CHECK(std::isfinite(entropy), "histogram: an entropy of {}", entropy);
  const uint16_t number = bin_of(entropy);
  auto found = std::ranges::lower_bound(bins_, number, {}, &Bin::number);
  if (found == bins_.end() || found->number != number) found = bins_.insert(found, {number, 0});
  ++found->count;
}

void EntropyHistogram::add_to(std::span<int64_t> bins, int64_t times) const {
  for (const Bin& bin : bins_) bins[bin.number] += times * bin.count;
}

ForkShares fork_shares(std::span<const int64_t> all,
                       std::span<const int64_t> planning,
                       double share) {
  ForkShares shares;
  const auto total = std::accumulate(all.begin(), all.end(), int64_t{0});
  const auto num_planning = std::accumulate(planning.begin(), planning.end(), int64_t{0});
  if (total == 0) return shares;
  const double wanted = std::ceil(share * static_cast<double>(total));
  double left = wanted;
  double both = 0;
  for (size_t bin = all.size(); bin-- > 0 && left > 0;) {
    if (all[bin] == 0) continue;
    const auto here = static_cast<double>(all[bin]);
    const double taken = std::min(left, here);
    both += static_cast<double>(planning[bin]) * (taken / here);
    left -= taken;
  }
  if (num_planning > 0) shares.high_given_planning = both / static_cast<double>(num_planning);
  if (wanted > 0) shares.planning_given_high = both / wanted;
  return shares;
}

}  // namespace stratagram::metrics
