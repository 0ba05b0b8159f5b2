// model/rope.h -- rotary position embedding (Su et al., arXiv 2104.09864), in the half-rotation
// layout of Llama and Qwen: channel i is paired with channel i + H/2.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "model/config.h"

namespace stratagram::model {

/// Radians per position of each of the H/2 pairs: theta^(-2i/H), changed by the scaling. `linear`
/// divides by the factor; `llama3` does so for long wavelengths, keeps short ones, and blends
/// between (Llama 3.1's model card). Float64.
[[nodiscard]] std::vector<double> rope_frequencies(const ModelConfig& config);

/// Cosines and sines of one forward call, each [N, 1, H/2], contiguous, in the dtype of the
/// frequencies: float32 at least, whatever the activations are.
struct Rotation {
  at::Tensor cos_N1F;
  at::Tensor sin_N1F;
};

/// frequencies_F: float32 or float64; positions_N: int64, on the same device.
[[nodiscard]] Rotation make_rotation(const at::Tensor& frequencies_F,
                                     const at::Tensor& positions_N);

}  // namespace stratagram::model
