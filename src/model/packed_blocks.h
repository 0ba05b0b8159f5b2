// model/packed_blocks.h -- attention over packed tokens in bfloat16 by block_attention.h: no copy
// of keys and values is kept that repeats them for their query heads or a prompt for its
// continuations.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "model/packed_part.h"

namespace stratagram::model {

/// True for bfloat16 on a CPU with units for its products, and heads of a width that they take.
[[nodiscard]] bool has_packed_blocks(const at::Tensor& q_NQH);

/// Differentiable. Softmax attention with scale 1/sqrt(H), [N, Q, H]. Does not depend on the number
/// of threads.
///   q_NQH k_NKH v_NKH  has_packed_blocks(q_NQH)
///   parts              cover every token once, none of length 0; a part that sees a prompt comes
///                      after the part that is that prompt, with no other prompt between
[[nodiscard]] at::Tensor packed_blocks(const at::Tensor& q_NQH,
                                       const at::Tensor& k_NKH,
                                       const at::Tensor& v_NKH,
                                       const std::vector<PackedPart>& parts);

}  // namespace stratagram::model
