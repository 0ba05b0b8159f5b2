#include "speed/exact_pass.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/tensor.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "core/error.h"
#include "model/gradient_sums.h"
#include "model/head.h"
#include "model/weights.h"
#include "speed/training_pass.h"

namespace stratagram::speed {
namespace {

model::Transformer in_float64(const model::Transformer& model) {
  model::Weights weights;
  for (const auto& [name, weight] : model.weights())
    weights[name] = weight.detach().to(at::kDouble);
  return {model.config(), std::move(weights)};
}

at::Tensor ids_of(const std::vector<int64_t>& ids) {
  return at::tensor(ids, at::TensorOptions().dtype(at::kLong));
}

model::Weights gradients_of(const model::Transformer& model, std::span<const Group> groups) {
  const model::Transformer trained = with_gradients(model);
  (void)run_training_pass(trained, groups, {.micro_batch_tokens = 1 << 30});
  model::Weights gradients;
  for (const auto& [name, weight] : trained.weights()) {
    gradients[name] = weight.grad().defined() ? weight.grad().to(at::kDouble) : at::Tensor();
  }
  return gradients;
}

double norm_of(const at::Tensor& tensor) {
  return tensor.defined() ? tensor.norm().item<double>() : 0.0;
}

void check(double worst, double allowed, const char* what) {
  if (worst < allowed) return;
  fail(ErrorKind::kInternal,
       "{}: wanted those of the float64 pass within {}, got a difference of {}; nothing was timed",
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
  // bfloat16: roundings of 30 layers, in logits of size 20.
  check(worst,
        model.dtype() == at::kFloat ? 1e-3 : 0.25,
        "a rollout's log-probabilities and entropies");
  return worst;
}

double gradient_difference(const model::Weights& got, const model::Weights& wanted) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  double largest = 0;
  for (const auto& [name, gradient] : wanted) largest = std::max(largest, norm_of(gradient));
  double worst = 0;
  for (const auto& [name, gradient] : wanted) {
    const at::Tensor& other = got.at(name);
    if (gradient.defined() != other.defined()) return kInfinity;
    if (!gradient.defined()) continue;
    const double off = norm_of(other - gradient) / (norm_of(gradient) + 1e-3 * largest);
    if (!std::isfinite(off)) return kInfinity;
    worst = std::max(worst, off);
  }
  return worst;
}

double check_gradients(const model::Transformer& model, std::span<const Group> groups) {
  const double worst =
      gradient_difference(gradients_of(model, groups), gradients_of(in_float64(model), groups));
  // bfloat16: each of 30 layers rounds what flows back through it to 8 bits, several times.
  check(worst, model.dtype() == at::kFloat ? 1e-3 : 0.25, "gradients of a small batch");
  return worst;
}

}  // namespace stratagram::speed
