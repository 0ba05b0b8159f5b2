// model/packed_flash.h -- attention over packed tokens by libtorch's flash kernels for the CPU,
// both ways, with less memory than the differentiable operators keep: between the passes there are
// queries, keys, values and result once, and no copy of them that repeats key heads for their query
// heads or a prompt for its continuations; those are made again, a sequence at a time.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace stratagram::model {

/// Packed tokens [begin, begin + length) that see themselves causally and, before them, a prompt.
struct PackedPart {
  int64_t begin = 0;
  int64_t length = 0;
  int64_t prompt_begin = 0;
  int64_t prompt_length = 0;  ///< 0: there is none
  /// Float32 [length, prompt_length + length], 0 where a token may look and -inf elsewhere, since
  /// the kernels' own causal mask begins at the first key; undefined where there is no prompt.
  at::Tensor mask{};
};

/// Differentiable. Softmax attention with scale 1/sqrt(H), [N, Q, H].
///   q_NQH k_NKH v_NKH  float32 or bfloat16 on the CPU
///   parts              cover every token once, none of length 0
[[nodiscard]] at::Tensor packed_flash(const at::Tensor& q_NQH,
                                      const at::Tensor& k_NKH,
                                      const at::Tensor& v_NKH,
                                      const std::vector<PackedPart>& parts);

}  // namespace stratagram::model
