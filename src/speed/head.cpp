#include "speed/head.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/arange.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "model/head.h"
#include "model/weights.h"
#include "speed/memory.h"
#include "speed/noise.h"
#include "train/clock.h"

namespace stratagram::speed {
namespace {

struct Inputs {
  at::Tensor hidden_ND, weight_VD, targets_N;
};

struct Outputs {
  at::Tensor logprobs_N, entropies_N, hidden_gradient_ND, weight_gradient_VD;
};

Outputs run_head(const Inputs& inputs, bool by_rows) {
  const at::Tensor hidden_ND = inputs.hidden_ND.detach().requires_grad_(true);
  const at::Tensor weight_VD = inputs.weight_VD.detach().requires_grad_(true);
  const model::TokenScores scores =
      model::token_scores(hidden_ND, weight_VD, inputs.targets_N, {.by_rows = by_rows});
  // Both outputs, with weights of different size, so that neither's gradient can stand for both.
  (scores.logprobs_N.mean() + scores.entropies_N.mean() * 0.1).backward();
  return {.logprobs_N = scores.logprobs_N.detach(),
          .entropies_N = scores.entropies_N.detach(),
          .hidden_gradient_ND = hidden_ND.grad(),
          .weight_gradient_VD = weight_VD.grad()};
}

double relative(const at::Tensor& got, const at::Tensor& wanted) {
  return (got.to(at::kDouble) - wanted).norm().item<double>() / wanted.norm().item<double>();
}

void check_head(const Inputs& inputs) {
  constexpr int64_t kRows = 8;
  const int64_t rows = std::min(kRows, inputs.hidden_ND.size(0));
  const Inputs few{.hidden_ND = inputs.hidden_ND.narrow(0, 0, rows),
                   .weight_VD = inputs.weight_VD,
                   .targets_N = inputs.targets_N.narrow(0, 0, rows)};
  const Inputs exact{.hidden_ND = few.hidden_ND.to(at::kDouble),
                     .weight_VD = few.weight_VD.to(at::kDouble),
                     .targets_N = few.targets_N};
  const Outputs got = run_head(few, /*by_rows=*/false);
  const Outputs wanted = run_head(exact, /*by_rows=*/true);
  const double worst = std::max({relative(got.logprobs_N, wanted.logprobs_N),
                                 relative(got.entropies_N, wanted.entropies_N),
                                 relative(got.hidden_gradient_ND, wanted.hidden_gradient_ND),
                                 relative(got.weight_gradient_VD, wanted.weight_gradient_VD)});
  // bfloat16: gradients end in 8 bits of mantissa, and so do the logits that they come from.
  const double allowed = inputs.hidden_ND.scalar_type() == at::kFloat ? 1e-4 : 3e-2;
  if (!(worst < allowed)) {
    fail(ErrorKind::kInternal,
         "the head in {}: wanted scores and gradients of the float64 pass within {}, got a "
         "difference of {}; nothing was timed",
         model::dtype_name(inputs.hidden_ND.scalar_type()),
         allowed,
         worst);
  }
}

}  // namespace

HeadCost measure_head(const HeadShape& shape, at::ScalarType dtype) {
  // Logits of standard deviation 2: neither flat nor sure.
  const Inputs inputs{
      .hidden_ND = noise({shape.rows, shape.width}, 1.0, 1, dtype),
      .weight_VD = noise({shape.vocab_size, shape.width},
                         2.0 / std::sqrt(static_cast<double>(shape.width)),
                         2,
                         dtype),
      .targets_N = at::arange(shape.rows, at::TensorOptions().dtype(at::kLong)) % shape.vocab_size};
  check_head(inputs);
  const auto gradient_bytes =
      static_cast<int64_t>(inputs.hidden_ND.nbytes() + inputs.weight_VD.nbytes());
  HeadCost cost;
  for (int run = 0; run < 2; ++run) {
    cost.peak_is_its_own = reset_peak_memory();
    const int64_t before = resident_memory();
    const train::Clock clock;
    (void)run_head(inputs, /*by_rows=*/false);
    const double seconds = clock.seconds();
    const int64_t extra = std::max<int64_t>(0, peak_memory() - before - gradient_bytes);
    cost.extra_bytes = std::max(cost.extra_bytes, extra);
    cost.seconds = run == 0 ? seconds : std::min(cost.seconds, seconds);
  }
  return cost;
}

}  // namespace stratagram::speed
