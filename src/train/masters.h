// train/masters.h -- the float32 number behind each bfloat16 weight, in 16 bits beside the weight.
//
// Rounding a float32 to bfloat16 drops the lower half of its bits, or adds one to the upper half
// where the lower one is at least half of its range. Read as a signed number the lower half tells
// which it was, so weight and lower half together are the float32, to the bit.
#pragma once

#include <ATen/core/Tensor.h>

namespace stratagram::train {

/// The masters, float32 of the weights' shape.
///   weights  bfloat16
///   lower    int16 of the same shape: lower halves by split_masters_()
[[nodiscard]] at::Tensor join_masters(const at::Tensor& weights, const at::Tensor& lower);

/// Rounds masters to the nearest bfloat16, halves away from zero, and keeps what that drops.
///   masters  float32, finite
///   weights  bfloat16 of the same shape, overwritten
///   lower    int16 of the same shape, overwritten
void split_masters_(const at::Tensor& masters, const at::Tensor& weights, const at::Tensor& lower);

}  // namespace stratagram::train
