#include "train/masters.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros_like.h>
#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <limits>
#include <vector>

namespace stratagram::train {
namespace {

struct Halves {
  at::Tensor weights, lower;
};

Halves split(const at::Tensor& masters) {
  Halves halves{.weights = at::empty_like(masters, at::kBFloat16),
                .lower = at::empty_like(masters, at::kShort)};
  split_masters_(masters, halves.weights, halves.lower);
  return halves;
}

at::Tensor of_bits(const std::vector<uint32_t>& bits) {
  std::vector<float> numbers;
  for (const uint32_t word : bits) numbers.push_back(std::bit_cast<float>(word));
  return at::tensor(numbers);
}

// Every exponent and both signs, finite.
at::Tensor numbers_of_all_sizes() {
  // Multiples of an odd number in 32 bits, and the neighbours of both zeros.
  const at::Tensor bits =
      at::cat({at::arange(200'000, at::kInt) * 0x3779B9, at::arange(-70'000, 70'000, at::kInt)});
  const at::Tensor numbers = bits.view(at::kFloat);
  return at::where(at::isfinite(numbers), numbers, at::zeros_like(numbers));
}

TEST(Masters, ComeBackToTheBit) {
  const at::Tensor masters = numbers_of_all_sizes();

  const Halves halves = split(masters);

  const at::Tensor joined = join_masters(halves.weights, halves.lower);
  EXPECT_EQ(joined.scalar_type(), at::kFloat);
  EXPECT_TRUE(joined.view(at::kInt).equal(masters.view(at::kInt)));
}

TEST(Masters, RoundTheirWeightsToTheNearest) {
  const at::Tensor masters = numbers_of_all_sizes();

  const Halves halves = split(masters);

  // libtorch rounds halves to even, this away from zero: all others are the same.
  const at::Tensor is_half = halves.lower.eq(std::numeric_limits<int16_t>::min());
  EXPECT_GT(is_half.sum().item<int64_t>(), 0);
  const at::Tensor nearest = masters.to(at::kBFloat16);
  EXPECT_TRUE(at::where(is_half, nearest, halves.weights).equal(nearest));
  const at::Tensor larger = halves.weights.to(at::kDouble).abs() >= masters.to(at::kDouble).abs();
  EXPECT_TRUE(at::where(is_half, larger, is_half.logical_not()).all().item<bool>());
}

TEST(Masters, SplitWhereCarriesGoIntoTheExponent) {
  // 2 less a bit, -2 less a half, the largest that rounds to a finite number, a half below it.
  const at::Tensor masters = of_bits({0x3FFFFFFF, 0xBFFF8000, 0x7F7F7FFF, 0x7F7E8000, 0x80000000});

  const Halves halves = split(masters);

  EXPECT_TRUE(halves.weights.view(at::kShort)
                  .equal(at::tensor(std::vector<int16_t>{0x4000,
                                                         static_cast<int16_t>(0xC000),
                                                         0x7F7F,
                                                         0x7F7F,
                                                         std::numeric_limits<int16_t>::min()})));
  EXPECT_TRUE(halves.lower.equal(at::tensor(std::vector<int16_t>{
      -1, std::numeric_limits<int16_t>::min(), 0x7FFF, std::numeric_limits<int16_t>::min(), 0})));
}

TEST(Masters, OfExactWeightsDropNothing) {
  const at::Tensor exact = at::arange(-128, 128, at::kFloat) / 16;

  const Halves halves = split(exact);

  EXPECT_FALSE(halves.lower.any().item<bool>());
  EXPECT_TRUE(halves.weights.to(at::kFloat).equal(exact));
}

}  // namespace
}  // namespace stratagram::train
