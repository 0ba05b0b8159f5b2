// model/lanes.h -- sixteen floats at a time, for the CPU kernels. The compiler turns
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

/// Eight of them, a register of AVX2. Vectors wider than the machine's are kept in memory, so loops
/// whose sums must not be take this one where has_avx2_alone().
using Lanes8 = float __attribute__((vector_size(32)));

template <typename V>
constexpr int64_t kLanesOf = sizeof(V) / sizeof(float);

/// Integers with as many lanes as V: words, and halves of words.
template <typename V>
struct IntegersOf;
template <>
struct IntegersOf<Lanes> {
  using Words = LaneBits;
  using Halves = LaneHalves;
};
template <>
struct IntegersOf<Lanes8> {
  using Words = uint32_t __attribute__((vector_size(32)));
  using Halves = uint16_t __attribute__((vector_size(16)));
};

constexpr LaneInts kLanePlaces = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

/// Of each lane a where the mask, which a comparison gives, is set, else b. On vectors wider than
/// the machine's GCC makes sixteen scalars of the operator ?:, but not of this.
STRATAGRAM_INLINE Lanes where(LaneInts mask, Lanes a, Lanes b) {
  return std::bit_cast<Lanes>((mask & std::bit_cast<LaneInts>(a)) |
                              (~mask & std::bit_cast<LaneInts>(b)));
}

/// As many numbers as V has lanes.
template <typename V>
STRATAGRAM_INLINE V load_as(const float* from) {
  V x;
  std::memcpy(&x, from, sizeof x);
  return x;
}

/// Of bfloat16.
template <typename V>
STRATAGRAM_INLINE V load_as(const uint16_t* from) {
  typename IntegersOf<V>::Halves halves;
  std::memcpy(&halves, from, sizeof halves);
  return std::bit_cast<V>(__builtin_convertvector(halves, typename IntegersOf<V>::Words) << 16);
}

/// The first `count` (0 to as many as V has) from memory, zeros after them.
template <typename V, typename T>
STRATAGRAM_INLINE V load_as(const T* from, int64_t count) {
  if (count == kLanesOf<V>) return load_as<V>(from);
  T padded[kLanesOf<V>] = {};
  std::memcpy(padded, from, count * sizeof(T));
  return load_as<V>(padded);
}

template <typename T>
STRATAGRAM_INLINE Lanes load_lanes(const T* from) {
  return load_as<Lanes>(from);
}

/// The first `count` (0 to 16) from memory, zeros after them.
template <typename T>
STRATAGRAM_INLINE Lanes load_lanes(const T* from, int64_t count) {
  return load_as<Lanes>(from, count);
}

STRATAGRAM_INLINE void store_lanes(float* to, Lanes x) {
  std::memcpy(to, &x, sizeof x);
}

/// To bfloat16 in the upper halves, to the nearest, ties to even; not-a-number stays one. The lower
/// halves hold anything.
STRATAGRAM_INLINE LaneBits rounded_bits(Lanes x) {
  const auto bits = std::bit_cast<LaneBits>(x);
  const LaneBits rounded = bits + 0x7FFFU + ((bits >> 16) & 1U);
  const Lanes quiet = std::bit_cast<Lanes>(LaneBits{} + 0x7FC00000U);
  return std::bit_cast<LaneBits>(where(x == x, std::bit_cast<Lanes>(rounded), quiet));
}

/// Words of the upper halves of both: of `low` in their lower halves, of `high` in their upper
/// ones.
STRATAGRAM_INLINE LaneBits upper_halves(LaneBits low, LaneBits high) {
  return (low >> 16) | (high & 0xFFFF0000U);
}

STRATAGRAM_INLINE void store_words(void* to, LaneBits words) {
  std::memcpy(to, &words, sizeof words);
}

/// To bfloat16.
STRATAGRAM_INLINE void store_lanes(uint16_t* to, Lanes x) {
  const LaneHalves halves = __builtin_convertvector(rounded_bits(x) >> 16, LaneHalves);
  std::memcpy(to, &halves, sizeof halves);
}

template <typename T>
STRATAGRAM_INLINE void store_lanes(T* to, Lanes x, int64_t count) {
  if (count == kLanes) return store_lanes(to, x);
  T padded[kLanes];
  store_lanes(padded, x);
  std::memcpy(to, padded, count * sizeof(T));
}

/// Numbers of a row that are taken at once.
constexpr int64_t kPairLanes = 2 * kLanes;

/// 32 numbers that lie side by side: of floats the first sixteen and the others, of bfloat16 those
/// in even places and those in odd ones, which takes a shift where their order takes five shuffles.
/// Numbers of one type meet their like; what becomes of a sum is the same for every instruction
/// set.
struct LanePair {
  Lanes half[2];
};

/// Which numbers of the 32 a half holds.
template <typename T>
STRATAGRAM_INLINE LaneInts pair_places(int half) {
  return sizeof(T) == sizeof(uint16_t) ? kLanePlaces * 2 + half : kLanePlaces + half * 16;
}

STRATAGRAM_INLINE LanePair load_pair(const float* from) {
  return {load_lanes(from), load_lanes(from + kLanes)};
}

STRATAGRAM_INLINE LanePair load_pair(const uint16_t* from) {
  LaneBits words;
  std::memcpy(&words, from, sizeof words);
  return {std::bit_cast<Lanes>(words << 16), std::bit_cast<Lanes>(words & 0xFFFF0000U)};
}

/// The first `count` (0 to 32) from memory, zeros after them.
template <typename T>
STRATAGRAM_INLINE LanePair load_pair(const T* from, int64_t count) {
  if (count == kPairLanes) return load_pair(from);
  T padded[kPairLanes] = {};
  std::memcpy(padded, from, count * sizeof(T));
  return load_pair(padded);
}

STRATAGRAM_INLINE void store_pair(float* to, const LanePair& x) {
  store_lanes(to, x.half[0]);
  store_lanes(to + kLanes, x.half[1]);
}

/// To bfloat16, as store_lanes() rounds.
STRATAGRAM_INLINE void store_pair(uint16_t* to, const LanePair& x) {
  store_words(to, upper_halves(rounded_bits(x.half[0]), rounded_bits(x.half[1])));
}

template <typename T>
STRATAGRAM_INLINE void store_pair(T* to, const LanePair& x, int64_t count) {
  if (count == kPairLanes) return store_pair(to, x);
  T padded[kPairLanes];
  store_pair(padded, x);
  std::memcpy(to, padded, count * sizeof(T));
}

/// Floats, in the places that numbers of T would have in a pair.
template <typename T>
STRATAGRAM_INLINE LanePair in_places_of(const LanePair& x) {
  if constexpr (sizeof(T) == sizeof(float)) return x;
  const Lanes& a = x.half[0];
  const Lanes& b = x.half[1];
  return {__builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30),
          __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31)};
}

/// Joins the lower and the upper half of all lanes, of what comes of it, and so on, down to one.
template <typename Join>
STRATAGRAM_INLINE float folded(Lanes x, const Join& join) {
  using Lanes4 = float __attribute__((vector_size(16)));
  const Lanes8 of8 = join(__builtin_shufflevector(x, x, 0, 1, 2, 3, 4, 5, 6, 7),
                          __builtin_shufflevector(x, x, 8, 9, 10, 11, 12, 13, 14, 15));
  const Lanes4 of4 = join(__builtin_shufflevector(of8, of8, 0, 1, 2, 3),
                          __builtin_shufflevector(of8, of8, 4, 5, 6, 7));
  const Lanes4 of2 = join(of4, __builtin_shufflevector(of4, of4, 2, 3, 0, 1));
  return join(of2, __builtin_shufflevector(of2, of2, 1, 0, 3, 2))[0];
}

STRATAGRAM_INLINE float sum_of(Lanes x) {
  return folded(x, [](auto a, auto b) __attribute__((always_inline)) { return a + b; });
}

/// Of numbers.
STRATAGRAM_INLINE float highest_of(Lanes x) {
  return folded(x, [](auto a, auto b) __attribute__((always_inline)) { return a > b ? a : b; });
}

constexpr float kLog2E = 1.44269504088896341F;
/// Added to a float, 1.5 * 2^23 leaves its nearest integer in the last bits.
constexpr float kToInteger = 12582912.0F;

/// 2^n for n in [-127, 128], 0 for the lowest and infinity for the highest. `shifted` is n +
/// kToInteger.
STRATAGRAM_INLINE Lanes power_of_two(Lanes shifted) {
  return std::bit_cast<Lanes>((std::bit_cast<LaneBits>(shifted) << 23) + 0x3F800000U);
}

/// e^x, within 2 units in the last place for x in [-87, 88]; 0 below -87.7, and infinity
/// above 88.4. By x = n ln 2 + r (Cody and Waite's reduction) and a polynomial in r with the
/// coefficients of Cephes' expf.
STRATAGRAM_INLINE Lanes exp_lanes(Lanes x) {
  constexpr float kLn2High = 0.693359375F;
  constexpr float kLn2Low = -2.12194440e-4F;
  const Lanes lowest = Lanes{} - 88.0F;
  const Lanes highest = Lanes{} + 89.0F;
  // Not-a-number passes both.
  const Lanes above = where(lowest > x, lowest, x);
  const Lanes bounded = where(highest < above, highest, above);
  const Lanes shifted = bounded * kLog2E + kToInteger;
  const Lanes n = shifted - kToInteger;
  const Lanes r = (bounded - n * kLn2High) - n * kLn2Low;
  Lanes p = r * 1.9875691500e-4F + 1.3981999507e-3F;
  p = p * r + 8.3334519073e-3F;
  p = p * r + 4.1665795894e-2F;
  p = p * r + 1.6666665459e-1F;
  p = p * r + 5.0000001201e-1F;
  p = p * (r * r) + r + 1.0F;
  return p * power_of_two(shifted);
}

/// 2^x for x up to 127, within 2 units in the last place above -126; 0 below -126.5. By an integer
/// and a polynomial in what is left, with the coefficients of Cephes' exp2f.
STRATAGRAM_INLINE Lanes exp2_lanes(Lanes x) {
  const Lanes lowest = Lanes{} - 127.0F;
  const Lanes bounded = where(lowest > x, lowest, x);
  const Lanes shifted = bounded + kToInteger;
  const Lanes r = bounded - (shifted - kToInteger);
  Lanes p = r * 1.535336188319500e-4F + 1.339887440266574e-3F;
  p = p * r + 9.618437357674640e-3F;
  p = p * r + 5.550332471162809e-2F;
  p = p * r + 2.402264791363012e-1F;
  p = p * r + 6.931472028550421e-1F;
  p = p * r + 1.0F;
  return p * power_of_two(shifted);
}

}  // namespace stratagram::model
