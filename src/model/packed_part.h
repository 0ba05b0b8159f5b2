// model/packed_part.h -- a run of packed tokens and what it sees.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace stratagram::model {

/// Packed tokens [begin, begin + length) that see themselves causally and, before them, a prompt.
struct PackedPart {
  int64_t begin = 0;
  int64_t length = 0;
  int64_t prompt_begin = 0;
  int64_t prompt_length = 0;  ///< 0: there is none
  /// Float32 [length, prompt_length + length], 0 where a token may look and -inf elsewhere, since
  /// the flash kernels' own causal mask begins at the first key; undefined where there is no prompt.
  at::Tensor mask{};
};

}  // namespace stratagram::model
