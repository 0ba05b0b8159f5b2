// train/adamw_kernel.h -- an AdamW update on the CPU that reads and writes each number once.
#pragma once

#include "train/adamw_update.h"

namespace stratagram::train {

struct KernelSquares {
  double masters = 0;
  double changes = 0;
};

/// update_numbers_() of float32 and bfloat16 weights that model::has_kernels() takes. With gradient
/// g over the divisor, t updates and learning rate l:
///   m = b1 m + (1 - b1) g    v = b2 v + (1 - b2) g^2
///   w = w - l decay w - l (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + epsilon)
/// Throws Error(kInternal) for other tensors.
[[nodiscard]] KernelSquares update_by_kernel_(const AdamWNumbers& numbers,
                                              const at::Tensor& gradient,
                                              const AdamWRule& rule);

}  // namespace stratagram::train
