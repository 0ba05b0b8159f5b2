#include "speed/exact_pass.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/tensor.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error.h"
#include "model/gradient_sums.h"
#include "model/head.h"
#include "model/weights.h"
#include "speed/gradient_differences.h"
#include "speed/noise.h"
#include "speed/training_pass.h"

namespace stratagram::speed {
namespace {

// Half the distance of neighbouring numbers above 1.
double rounding_of(at::ScalarType dtype) {
  if (dtype == at::kFloat) return 0x1p-24;
  return dtype == at::kHalf ? 0x1p-11 : 0x1p-8;
}

// Normal draws that are added to numbers, the standard deviation relative to each.
struct Move {
  double relative = 0;
  uint64_t seed = 0;
};

model::Transformer moved_in_float64(const model::Transformer& model, Move move) {
  model::Weights weights;
  for (const auto& [name, weight] : model.weights()) {
    at::Tensor& exact = weights[name];
    exact = weight.detach().to(at::kDouble);
    if (move.relative == 0) continue;
    const at::Tensor draws = noise(exact.sizes().vec(), move.relative, move.seed++, at::kDouble);
    exact = exact + exact * draws.to(exact.device());
  }
  return {model.config(), std::move(weights)};
}

at::Tensor ids_of(const std::vector<int64_t>& ids) {
  return at::tensor(ids, at::TensorOptions().dtype(at::kLong));
}

// What rounding to the model's dtype explains: of a gradient, relative to it, of a log-probability
// or entropy as it is. bfloat16: each of 30 layers rounds what flows through it to 8 bits, several
// times; logits are of size 20.
double allowed_difference(const model::Transformer& model) {
  return model.dtype() == at::kFloat ? 1e-3 : 0.25;
}

void check(double worst, double allowed, std::string_view what) {
  if (worst < allowed) return;
  fail(ErrorKind::kInternal,
       "{}: wanted those of the float64 pass within {}, got a difference of {}; nothing was timed; "
       "please report this",
       what,
       allowed,
       worst);
}

}  // namespace

model::Transformer with_gradients(const model::Transformer& model) {
  model::Weights weights;
  for (const auto& [name, weight] : model.weights()) weights[name] = weight.detach();
  model::Transformer trained(model.config(), std::move(weights));
  for (const auto& [name, weight] : trained.weights()) model::want_gradient_(weight);
  return trained;
}

double check_rollout(const model::Transformer& model,
                     const Prompt& prompt,
                     const Completion& completion) {
  const model::Transformer exact = in_float64(model);
  std::vector<int64_t> ids(prompt.token_ids.begin(), prompt.token_ids.end());
  ids.insert(ids.end(), completion.token_ids.begin(), completion.token_ids.end());
  const auto total = static_cast<int64_t>(ids.size());
  const auto length = static_cast<int64_t>(completion.token_ids.size());
  model::PackedAttention attention({total});
  const at::Tensor hidden_ND = exact.forward(
      ids_of(ids), at::arange(total, at::TensorOptions().dtype(at::kLong)), attention);
  const model::TokenScores scores =
      model::token_scores(hidden_ND.narrow(0, total - length - 1, length),
                          exact.head_weight_VD(),
                          ids_of(std::vector<int64_t>(ids.end() - length, ids.end())),
                          {});
  double worst = 0;
  for (int64_t t = 0; t < length; ++t) {
    const double logprob = scores.logprobs_N[t].item<double>();
    const double entropy = scores.entropies_N[t].item<double>();
    worst = std::max({worst,
                      std::abs(logprob - completion.logprobs[t]),
                      std::abs(entropy - completion.entropies[t])});
  }
  check(worst, allowed_difference(model), "a rollout's log-probabilities and entropies");
  return worst;
}

model::Transformer in_float64(const model::Transformer& model) {
  return moved_in_float64(model, {});
}

model::Weights gradients_of(const model::Transformer& model, std::span<const Group> groups) {
  const model::Transformer trained = with_gradients(model);
  (void)run_training_pass(trained, groups, {.micro_batch_tokens = 1 << 30});
  model::Weights gradients;
  for (const auto& [name, weight] : trained.weights()) gradients[name] = weight.grad();
  return gradients;
}

RoundingNorms rounding_of_gradients(const model::Transformer& model,
                                    std::span<const Group> groups,
                                    const model::Weights& exact) {
  constexpr int kDraws = 4;
  RoundingNorms norms;
  for (uint64_t draw = 0; draw < kDraws; ++draw) {
    const model::Transformer moved =
        moved_in_float64(model, {.relative = rounding_of(model.dtype()), .seed = draw << 32U});
    for (const auto& [name, difference] :
         gradient_differences(gradients_of(moved, groups), exact)) {
      norms[name] = std::hypot(norms[name], difference.off / std::sqrt(double{kDraws}));
    }
  }
  return norms;
}

double check_gradients(const model::Transformer& model, std::span<const Group> groups) {
  const double allowed = allowed_difference(model);
  const model::Weights exact = gradients_of(in_float64(model), groups);
  const GradientDifferences single = gradient_differences(gradients_of(model, groups), exact);
  const LargestDifference kinds = largest_difference(of_kinds(single));
  check(kinds.relative, allowed, fmt::format("gradients of {} in a small batch", kinds.name));
  if (largest_difference(single).relative < allowed) return kinds.relative;
  const LargestDifference one =
      largest_difference(without_rounding(single, rounding_of_gradients(model, groups, exact)));
  check(one.relative,
        allowed,
        fmt::format("gradients of {}, a single weight, in a small batch", one.name));
  return kinds.relative;
}

}  // namespace stratagram::speed
