// core/stream.h -- randomness as a pure function of a key.
//
// There is no global seed and no state: draw number `position` of a stream depends on its key
// alone, so batch size, order, number of processes and resuming change no draw. The generator is
// Philox4x32-10 (Salmon et al., 2011, "Parallel random numbers: as easy as 1, 2, 3").
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace stratagram {

/// Names a stream. Two keys that differ in any field give independent streams.
struct StreamKey {
  uint64_t seed = 0;         ///< the run's seed
  std::string_view purpose;  ///< what the draws are for, e.g. "rollout", "shuffle"
  uint64_t step = 0;
  uint64_t problem = 0;  ///< usually hash_name(problem id)
  uint64_t sample = 0;
};

/// FNV-1a, 64 bits: a stable number for a name.
[[nodiscard]] uint64_t hash_name(std::string_view name);

/// Spreads every bit of a number over all of it (SplitMix64's finaliser, a bijection).
[[nodiscard]] uint64_t mix_bits(uint64_t bits);

/// One block of Philox4x32-10; exposed for the known-answer test.
[[nodiscard]] std::array<uint32_t, 4> philox4x32(std::array<uint32_t, 4> counter,
                                                 std::array<uint32_t, 2> key);

/// Immutable, so safe to share between threads.
class Stream {
 public:
  explicit Stream(const StreamKey& key);

  /// 64 uniform bits.
  [[nodiscard]] uint64_t bits(uint64_t position) const;
  /// Uniform in [0, 1), with 53 random bits.
  [[nodiscard]] double uniform(uint64_t position) const;
  /// Uniform in [0, bound), without modulo bias beyond 2^-64. bound >= 1, else Error(kInternal).
  [[nodiscard]] uint64_t below(uint64_t bound, uint64_t position) const;
  /// Standard normal (Box-Muller on the two halves of one block).
  [[nodiscard]] double normal(uint64_t position) const;

 private:
  [[nodiscard]] std::array<uint32_t, 4> block(uint64_t position) const;
  std::array<uint32_t, 2> key_;
  uint64_t nonce_;
};

/// Fisher-Yates with draws 0 .. items.size()-2 of the stream.
template <typename T>
void shuffle_(std::vector<T>& items, const Stream& stream) {
  for (size_t i = items.size(); i > 1; --i) {
    const size_t j = stream.below(i, items.size() - i);
    std::swap(items[i - 1], items[j]);
  }
}

}  // namespace stratagram
