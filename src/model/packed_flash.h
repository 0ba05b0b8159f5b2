// model/packed_flash.h -- attention over packed tokens by libtorch's flash kernels for the CPU,
// both ways, with less memory than the differentiable operators keep: between the passes there are
// queries, keys, values and result once, and no copy of them that repeats key heads for their query
// heads or a prompt for its continuations; those are made again, a sequence or a query
// head of one at a time.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "model/packed_part.h"

namespace stratagram::model {

/// Whether packed_flash() takes the part's mask. The kernels' causal mask begins at the first key,
/// and with a mask of numbers every query meets every key. Where a part is long, and longer than
/// its prompt, rows of zeros stand before its queries instead, one a prompt token; short ones fit
/// their blocks better without.
[[nodiscard]] inline bool has_flash_mask(const PackedPart& part) {
  const bool has_rows_of_zeros = is_divided(part) && part.length > part.prompt_length;
  return part.prompt_length > 0 && !has_rows_of_zeros;
}

/// Differentiable. Softmax attention with scale 1/sqrt(H), [N, Q, H].
///   q_NQH k_NKH v_NKH  float32 or bfloat16 on the CPU
///   parts              cover every token once, none of length 0; those with has_flash_mask() have
///                      their mask in float32
[[nodiscard]] at::Tensor packed_flash(const at::Tensor& q_NQH,
                                      const at::Tensor& k_NKH,
                                      const at::Tensor& v_NKH,
                                      const std::vector<PackedPart>& parts);

}  // namespace stratagram::model
