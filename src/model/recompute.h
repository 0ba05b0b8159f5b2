// model/recompute.h -- trades time for memory: run a function now, keep only its input, and run it
// again when its gradient is wanted (Chen et al. 2016, arXiv 1604.06174).
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>

namespace stratagram::model {

/// function(input), without its intermediate results. The backward pass calls `function` again, so
/// it must be pure, and what it captures by reference must outlive that pass. Gradients of leaf
/// tensors that `function` captures are added to their .grad then; `input` must require grad.
[[nodiscard]] at::Tensor run_recomputed(
    const std::function<at::Tensor(const at::Tensor&)>& function, const at::Tensor& input);

}  // namespace stratagram::model
