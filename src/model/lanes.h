// model/lanes.h -- sixteen floats at a time, for the CPU kernels of this folder. The compiler turns
// the type into the vectors of the instruction set it compiles for; see core/cpu_clones.h.
//
// Sums that run lane by lane have an order of their own, so every instruction set adds alike; only
// fused multiply-adds may round differently.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

#include "core/cpu_clones.h"

namespace stratagram::model {

constexpr int64_t kLanes = 16;

using Lanes = float __attribute__((vector_size(64)));
using LaneBits = uint32_t __attribute__((vector_size(64)));
using LaneInts = int32_t __attribute__((vector_size(64)));
using LaneHalves = uint16_t __attribute__((vector_size(32)));

STRATAGRAM_INLINE Lanes load_lanes(const float* from) {
  Lanes x;
  std::memcpy(&x, from, sizeof x);
  return x;
}

/// Of bfloat16.
STRATAGRAM_INLINE Lanes load_lanes(const uint16_t* from) {
  LaneHalves halves;
  std::memcpy(&halves, from, sizeof halves);
  return std::bit_cast<Lanes>(__builtin_convertvector(halves, LaneBits) << 16);
}

/// The first `count` (0 to 16) from memory, zeros after them.
template <typename T>
STRATAGRAM_INLINE Lanes load_lanes(const T* from, int64_t count) {
  if (count == kLanes) return load_lanes(from);
  T padded[kLanes] = {};
  std::memcpy(padded, from, count * sizeof(T));
  return load_lanes(padded);
}

STRATAGRAM_INLINE void store_lanes(float* to, Lanes x) {
  std::memcpy(to, &x, sizeof x);
}

/// To bfloat16, to the nearest, ties to even; not-a-number stays one.
STRATAGRAM_INLINE void store_lanes(uint16_t* to, Lanes x) {
  const auto bits = std::bit_cast<LaneBits>(x);
  const LaneBits rounded = bits + 0x7FFFU + ((bits >> 16) & 1U);
  const auto is_number = std::bit_cast<LaneBits>(x == x);
  const LaneBits kept = (rounded & is_number) | ((bits | 0x400000U) & ~is_number);
  const LaneHalves halves = __builtin_convertvector(kept >> 16, LaneHalves);
  std::memcpy(to, &halves, sizeof halves);
}

template <typename T>
STRATAGRAM_INLINE void store_lanes(T* to, Lanes x, int64_t count) {
  if (count == kLanes) return store_lanes(to, x);
  T padded[kLanes];
  store_lanes(padded, x);
  std::memcpy(to, padded, count * sizeof(T));
}

/// In a fixed order: halves onto halves.
STRATAGRAM_INLINE float sum_of(Lanes x) {
  float lanes[kLanes];
  store_lanes(lanes, x);
  for (int64_t width = kLanes / 2; width > 0; width /= 2) {
    for (int64_t l = 0; l < width; ++l) lanes[l] += lanes[l + width];
  }
  return lanes[0];
}

/// e^x, within 2 units in the last place for x in [-87, 88]; 0 below, and infinity above 88.8. By
/// x = n ln 2 + r (Cody and Waite's reduction) and a polynomial in r with the coefficients of
/// Cephes' expf.
STRATAGRAM_INLINE Lanes exp_lanes(Lanes x) {
  constexpr float kLog2E = 1.44269504088896341F;
  constexpr float kLn2High = 0.693359375F;
  constexpr float kLn2Low = -2.12194440e-4F;
  const Lanes highest = Lanes{} + 89.0F;
  const Lanes lowest = Lanes{} - 87.3F;
  const LaneInts too_low = x < lowest;
  const Lanes bounded = x > highest ? highest : (too_low ? lowest : x);
  const Lanes shifted = bounded * kLog2E + 12582912.0F;  // 1.5 * 2^23: rounds to an integer
  const Lanes n = shifted - 12582912.0F;
  const Lanes r = (bounded - n * kLn2High) - n * kLn2Low;
  Lanes p = r * 1.9875691500e-4F + 1.3981999507e-3F;
  p = p * r + 8.3334519073e-3F;
  p = p * r + 4.1665795894e-2F;
  p = p * r + 1.6666665459e-1F;
  p = p * r + 5.0000001201e-1F;
  p = p * (r * r) + r + 1.0F;
  // In two factors: 2^128 alone is no float.
  const LaneInts whole = __builtin_convertvector(n, LaneInts);
  const LaneInts half = whole >> 1;
  const auto power = [](LaneInts k) __attribute__((always_inline)) {
    return std::bit_cast<Lanes>((k + 127) << 23);
  };
  const Lanes result = p * power(half) * power(whole - half);
  return too_low ? Lanes{} : result;
}

}  // namespace stratagram::model
