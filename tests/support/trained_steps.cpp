#include "tests/support/trained_steps.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/zeros_like.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>

#include "credit/credit_rule.h"
#include "tests/support/tiny_model.h"

namespace stratagram {
namespace {

// Scores of the response tokens of one sequence, from the logits of the whole of it.
std::vector<PlainScore> plain_scores(const model::Transformer& model,
                                     std::span<const int32_t> prompt,
                                     std::span<const int32_t> response) {
  std::vector<int64_t> ids(prompt.begin(), prompt.end());
  ids.insert(ids.end(), response.begin(), response.end());
  const at::AutoGradMode off(false);
  const at::Tensor logits_NV = full_pass_logits(model, ids).to(at::kDouble).contiguous();
  const int64_t vocab = logits_NV.size(1);
  std::vector<PlainScore> scores;
  for (size_t t = 0; t < response.size(); ++t) {
    const double* row =
        logits_NV.const_data_ptr<double>() + static_cast<int64_t>(prompt.size() + t - 1) * vocab;
    scores.push_back(plain_score({row, row + vocab}, response[t], kTemperature));
  }
  return scores;
}

}  // namespace

std::vector<Group> step_of_model(const model::Transformer& model,
                                 double noise,
                                 const StepOptions& options) {
  std::vector<Group> step = made_up_step(options);
  const Stream stream({.seed = options.seed, .purpose = "noise on log-probabilities"});
  uint64_t position = 0;
  for (Group& group : step) {
    for (Trajectory& trajectory : group.trajectories) {
      Completion& completion = trajectory.completion;
      const auto scores = plain_scores(model, group.prompt.token_ids, completion.token_ids);
      for (size_t t = 0; t < scores.size(); ++t) {
        const double shift = noise * (2 * stream.uniform(position++) - 1);
        completion.logprobs[t] = static_cast<float>(scores[t].logprob + shift);
        completion.entropies[t] = static_cast<float>(scores[t].entropy);
      }
    }
  }
  credit::make_credit_rule({})->assign(step);
  return step;
}

double plain_update_loss(const model::Transformer& model,
                         const std::vector<train::Response>& responses,
                         const train::LossConfig& config,
                         double max_length) {
  std::vector<std::vector<PlainToken>> all;
  for (const train::Response& response : responses) {
    const auto scores = plain_scores(model, response.sequence.prompt, response.sequence.response);
    all.emplace_back();
    for (size_t t = 0; t < scores.size(); ++t) {
      all.back().push_back(
          {.logprob = scores[t].logprob,
           .entropy = scores[t].entropy,
           .old_logprob = response.old_logprobs[t],
           .advantage = response.advantages[t],
           .ref_logprob = response.ref_logprobs.empty() ? 0.0 : response.ref_logprobs[t]});
    }
  }
  return plain_loss(all,
                    {.low = config.clip_low,
                     .high = config.clip_high,
                     .dual = config.dual_clip ? config.dual_clip_bound : 0,
                     .entropy = config.entropy_coefficient,
                     .kl = config.kl_coefficient,
                     .aggregation = config.aggregation,
                     .max_length = max_length});
}

void want_gradients(const model::Transformer& model) {
  for (const auto& [name, weight] : model.weights()) {
    weight.requires_grad_(true);
    weight.mutable_grad().reset();
  }
}

model::Weights gradients_of(const model::Transformer& model) {
  model::Weights gradients;
  for (const auto& [name, weight] : model.weights()) {
    gradients[name] =
        weight.grad().defined() ? weight.grad().clone() : at::zeros_like(weight.detach());
  }
  return gradients;
}

double relative_difference(const model::Weights& got, const model::Weights& wanted) {
  double difference = 0;
  double size = 0;
  for (const auto& [name, tensor] : wanted) {
    const at::Tensor exact = tensor.to(at::kDouble);
    difference += (got.at(name).to(at::kDouble) - exact).square().sum().item<double>();
    size += exact.square().sum().item<double>();
  }
  return std::sqrt(difference / size);
}

}  // namespace stratagram
