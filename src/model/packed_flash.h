// model/packed_flash.h -- attention over packed tokens by libtorch's flash kernels for the CPU,
// both ways, with less memory than the differentiable operators keep: between the passes there are
// queries, keys, values and result once, and no copy of them that repeats key heads for their query
// heads or a prompt for its continuations; those are made again, a sequence at a time.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "model/packed_part.h"

namespace stratagram::model {

/// Differentiable. Softmax attention with scale 1/sqrt(H), [N, Q, H].
///   q_NQH k_NKH v_NKH  float32 or bfloat16 on the CPU
///   parts              cover every token once, none of length 0
[[nodiscard]] at::Tensor packed_flash(const at::Tensor& q_NQH,
                                      const at::Tensor& k_NKH,
                                      const at::Tensor& v_NKH,
                                      const std::vector<PackedPart>& parts);

}  // namespace stratagram::model
