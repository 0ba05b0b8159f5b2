#include "train/loss.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/clamp.h>
#include <ATen/ops/full_like.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/where.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "core/error.h"

namespace stratagram::train {
namespace {

void check_batch(const LossBatch& batch, const LossConfig& config) {
  const at::Tensor& model = batch.logprobs_N;
  STRATAGRAM_CHECK(model.defined() && model.dim() == 1, "policy_loss: wanted logprobs_N [N]");
  const auto check = [&](const char* name, const at::Tensor& tensor) {
    STRATAGRAM_CHECK(
        tensor.defined() && tensor.sizes() == model.sizes() &&
            tensor.scalar_type() == model.scalar_type() && tensor.device() == model.device(),
        "policy_loss: {}: wanted {} [{}] as logprobs_N, got {}",
        name,
        c10::toString(model.scalar_type()),
        model.size(0),
        tensor.defined()
            ? fmt::format("{} with {} items", c10::toString(tensor.scalar_type()), tensor.numel())
            : "nothing");
  };
  check("entropies_N", batch.entropies_N);
  check("old_logprobs_N", batch.old_logprobs_N);
  check("advantages_N", batch.advantages_N);
  check("weights_N", batch.weights_N);
  if (config.kl_coefficient > 0) check("ref_logprobs_N", batch.ref_logprobs_N);
}

struct Bounds {
  at::Tensor low_N;
  at::Tensor high_N;
};

// min(rho A, clip(rho) A) is A times rho clamped to one side only: above where A >= 0, below where
// A < 0 (and above at the dual bound). In logarithms, so that exp() of a ratio that is clipped
// never overflows and the zero gradient of the clamp is never multiplied with infinity.
Bounds log_ratio_bounds(const at::Tensor& advantages_N, const LossConfig& config) {
  const double infinity = std::numeric_limits<double>::infinity();
  const at::Tensor negative_N = advantages_N < 0;
  const double dual = config.dual_clip ? std::log(config.dual_clip_bound) : infinity;
  const auto choose = [&](double if_negative, double otherwise) {
    return at::where(negative_N,
                     at::full_like(advantages_N, if_negative),
                     at::full_like(advantages_N, otherwise));
  };
  return {.low_N = choose(std::log1p(-config.clip_low), -infinity),
          .high_N = choose(dual, std::log1p(config.clip_high))};
}

at::Tensor total(const at::Tensor& x_N) {
  return x_N.sum(at::kDouble);
}

// Everything crosses to the host in one copy.
LossStats read_stats(const std::vector<at::Tensor>& sums, int64_t num_tokens) {
  const at::Tensor values = at::stack(sums).to(at::kCPU);
  const auto* value = values.const_data_ptr<double>();
  const auto count = [&](int i) { return std::llround(value[i]); };
  return {.loss = value[0],
          .policy = value[1],
          .entropy = value[2],
          .kl = value[3],
          .ratio_sum = value[4],
          .ratio_max = value[5],
          .num_tokens = num_tokens,
          .num_clipped_low = count(6),
          .num_clipped_high = count(7),
          .num_clipped_dual = count(8)};
}

}  // namespace

void LossStats::add(const LossStats& other) {
  loss += other.loss;
  policy += other.policy;
  entropy += other.entropy;
  kl += other.kl;
  ratio_sum += other.ratio_sum;
  ratio_max = std::max(ratio_max, other.ratio_max);
  num_tokens += other.num_tokens;
  num_clipped_low += other.num_clipped_low;
  num_clipped_high += other.num_clipped_high;
  num_clipped_dual += other.num_clipped_dual;
}

double LossStats::ratio_mean() const {
  return num_tokens == 0 ? 1.0 : ratio_sum / static_cast<double>(num_tokens);
}

LossResult policy_loss(const LossBatch& batch, const LossConfig& config) {
  check_batch(batch, config);
  const at::Tensor& weights_N = batch.weights_N;
  const at::Tensor& advantages_N = batch.advantages_N;
  const bool has_kl = config.kl_coefficient > 0;
  const bool has_entropy = config.entropy_coefficient > 0;

  const at::Tensor log_ratio_N = batch.logprobs_N - batch.old_logprobs_N.detach();
  const Bounds bounds = log_ratio_bounds(advantages_N, config);
  const at::Tensor clipped_N = at::clamp(log_ratio_N, bounds.low_N, bounds.high_N).exp();
  const at::Tensor policy = -(weights_N * advantages_N * clipped_N).sum();
  at::Tensor loss = policy;

  // Without a coefficient the entropy is only measured: no gradient is asked of the head for it.
  const at::Tensor entropies_N = has_entropy ? batch.entropies_N : batch.entropies_N.detach();
  const at::Tensor entropy = (weights_N * entropies_N).sum();
  if (has_entropy) loss = loss - config.entropy_coefficient * entropy;

  at::Tensor kl;
  if (has_kl) {
    const at::Tensor r_N = batch.ref_logprobs_N.detach() - batch.logprobs_N;
    kl = (weights_N * (r_N.exp() - r_N - 1.0)).sum();
    loss = loss + config.kl_coefficient * kl;
  }

  const at::AutoGradMode off(false);
  const at::Tensor ratio_N = log_ratio_N.exp();
  const at::Tensor below_N = log_ratio_N < bounds.low_N;
  const at::Tensor above_N = log_ratio_N > bounds.high_N;
  const at::Tensor negative_N = advantages_N < 0;
  const int64_t num_tokens = ratio_N.numel();
  const at::Tensor zero = total(weights_N) * 0.0;
  const std::vector<at::Tensor> sums = {
      total(loss),
      total(policy),
      total(entropy),
      has_kl ? total(kl) : zero,
      total(ratio_N),
      num_tokens > 0 ? ratio_N.max().to(at::kDouble) : zero,
      total(below_N),
      total(above_N * (advantages_N > 0)),
      total(above_N * negative_N),
  };
  return {.loss = loss, .stats = read_stats(sums, num_tokens)};
}

}  // namespace stratagram::train
