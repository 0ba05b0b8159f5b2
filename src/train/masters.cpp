#include "train/masters.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/bitwise_left_shift.h>
#include <ATen/ops/bitwise_right_shift.h>

namespace stratagram::train {
namespace {

constexpr int64_t kBits = 16;  // of a half
constexpr int64_t kTie = int64_t{1} << (kBits - 1);

}  // namespace

at::Tensor join_masters(const at::Tensor& weights, const at::Tensor& lower) {
  // A lower half from kTie on is negative here and takes back the one that rounding added.
  at::Tensor bits = weights.view(at::kShort).to(at::kInt);
  return bits.bitwise_left_shift_(kBits).add_(lower).view(at::kFloat);
}

void split_masters_(const at::Tensor& masters, const at::Tensor& weights, const at::Tensor& lower) {
  const at::Tensor bits = masters.view(at::kInt);
  at::Tensor upper = (bits + kTie).bitwise_right_shift_(kBits);
  weights.view(at::kShort).copy_(upper);
  // In the range of 16 bits: nothing here rests on what a narrowing conversion makes of others.
  lower.copy_(upper.bitwise_left_shift_(kBits).neg_().add_(bits));
}

}  // namespace stratagram::train
