#include "model/head.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/logsumexp.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <c10/core/GradMode.h>
#include <fmt/ranges.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <utility>

#include "core/error.h"
#include "model/elements.h"
#include "model/gradient_sums.h"
#include "model/logit_blocks.h"
#include "model/products.h"
#include "model/softmax_rows.h"

namespace stratagram::model {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

at::ScalarType score_dtype(const at::Tensor& hidden) {
  return hidden.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
}

// logits / temperature of some rows, [C, V]; a fresh tensor that the caller may overwrite.
at::Tensor scaled_logits(const at::Tensor& hidden_CD,
                         const at::Tensor& weight_VD,
                         double temperature) {
  return at::linear(hidden_CD, weight_VD).to(score_dtype(hidden_CD)).div_(temperature);
}

// Any device and dtype, by libtorch's operators, some rows at a time.
struct ScoredByRows : torch::autograd::Function<ScoredByRows> {
  static variable_list forward(AutogradContext* context,
                               const at::Tensor& hidden_ND,
                               const at::Tensor& weight_VD,
                               const at::Tensor& targets_N,
                               const HeadOptions& head) {
    const int64_t chunk_tokens = head.chunk_tokens;
    const double temperature = head.temperature;
    const int64_t num_rows = hidden_ND.size(0);
    const auto options = hidden_ND.options().dtype(score_dtype(hidden_ND));
    at::Tensor logprobs_N = at::empty({num_rows}, options);
    at::Tensor entropies_N = at::empty({num_rows}, options);
    at::Tensor normalisers_N = at::empty({num_rows}, options);
    for (int64_t begin = 0; begin < num_rows; begin += chunk_tokens) {
      const int64_t rows = std::min(chunk_tokens, num_rows - begin);
      const at::Tensor logp_CV =
          scaled_logits(hidden_ND.narrow(0, begin, rows), weight_VD, temperature);
      const at::Tensor normalisers_C = logp_CV.logsumexp(-1);
      logp_CV.sub_(normalisers_C.unsqueeze(1));
      const at::Tensor targets_C1 = targets_N.narrow(0, begin, rows).unsqueeze(1);
      normalisers_N.narrow(0, begin, rows).copy_(normalisers_C);
      logprobs_N.narrow(0, begin, rows).copy_(logp_CV.gather(1, targets_C1).squeeze(1));
      entropies_N.narrow(0, begin, rows).copy_((logp_CV.exp() * logp_CV).sum(-1).neg_());
    }
    context->save_for_backward({hidden_ND, weight_VD, targets_N, normalisers_N, entropies_N});
    context->saved_data["temperature"] = temperature;
    context->saved_data["chunk_tokens"] = chunk_tokens;
    return {logprobs_N, entropies_N};
  }

  // With p = softmax(z): d logprob / dz = onehot - p;  dH / dz_j = -p_j (log p_j + H).
  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor& hidden_ND = saved.at(0);
    const at::Tensor& weight_VD = saved.at(1);
    const double temperature = context->saved_data.at("temperature").toDouble();
    const int64_t chunk_tokens = context->saved_data.at("chunk_tokens").toInt();
    const at::Tensor& logprob_gradient_N = gradients.at(0);
    const at::Tensor& entropy_gradient_N = gradients.at(1);
    const int64_t num_rows = hidden_ND.size(0);
    at::Tensor hidden_gradient_ND = at::empty_like(hidden_ND);
    // Summed over chunks in float32 even when the weights are bfloat16.
    at::Tensor weight_gradient_VD =
        at::zeros(weight_VD.sizes(), weight_VD.options().dtype(score_dtype(weight_VD)));
    for (int64_t begin = 0; begin < num_rows; begin += chunk_tokens) {
      const int64_t rows = std::min(chunk_tokens, num_rows - begin);
      const auto part = [&](const at::Tensor& x) { return x.narrow(0, begin, rows); };
      const at::Tensor hidden_CD = part(hidden_ND);
      at::Tensor logp_CV = scaled_logits(hidden_CD, weight_VD, temperature);
      logp_CV.sub_(part(saved.at(3)).unsqueeze(1));
      at::Tensor gradient_CV = logp_CV.exp();
      if (entropy_gradient_N.defined()) {
        const at::Tensor slope_C1 = part(entropy_gradient_N).unsqueeze(1);
        const at::Tensor entropy_C1 = part(saved.at(4)).unsqueeze(1);
        // -p (g_logprob + g_H (log p + H)), in the memory of log p.
        logp_CV.add_(entropy_C1).mul_(slope_C1);
        if (logprob_gradient_N.defined()) logp_CV.add_(part(logprob_gradient_N).unsqueeze(1));
        gradient_CV.mul_(logp_CV).neg_();
      } else {
        gradient_CV.mul_(part(logprob_gradient_N).unsqueeze(1)).neg_();
      }
      if (logprob_gradient_N.defined()) {
        gradient_CV.scatter_add_(
            1, part(saved.at(2)).unsqueeze(1), part(logprob_gradient_N).unsqueeze(1));
      }
      if (temperature != 1.0) gradient_CV.div_(temperature);
      gradient_CV = gradient_CV.to(hidden_ND.scalar_type());
      part(hidden_gradient_ND).copy_(gradient_CV.mm(weight_VD));
      weight_gradient_VD.add_(gradient_CV.t().mm(hidden_CD));
    }
    return {hidden_gradient_ND,
            weight_gradient_VD.to(weight_VD.scalar_type()),
            at::Tensor(),
            at::Tensor()};
  }
};

// Of softmax(logits / temperature) in one dtype, by vocabulary: all rows meet some columns at a
// time, so that each weight's gradient is one product and needs no sum in a wider dtype.
struct ScoredByColumns : torch::autograd::Function<ScoredByColumns> {
  static variable_list forward(AutogradContext* context,
                               const at::Tensor& hidden_ND,
                               const at::Tensor& weight_VD,
                               const at::Tensor& targets_N,
                               const HeadOptions& head) {
    const LogitBlocks blocks(hidden_ND, weight_VD);
    const int64_t num_kept = blocks.shape().num_within(head.kept_mb);
    // One memory for all that are not kept, which so stays in the cache.
    const at::Tensor shared = num_kept < blocks.size() ? blocks.memory() : at::Tensor();
    std::vector<at::Tensor> parts;
    variable_list kept;
    at::Tensor target_logits_N =
        at::zeros({hidden_ND.size(0)}, hidden_ND.options().dtype(at::kFloat));
    for (int64_t block = 0; block < blocks.size(); ++block) {
      const bool keeps = block < num_kept;
      const at::Tensor logits_NB = blocks.multiply(block, keeps ? blocks.memory() : shared);
      if (keeps) kept.push_back(logits_NB);
      parts.push_back(softmax_parts(logits_NB, head.temperature));
      const at::Tensor places_N = targets_N - blocks.first_column(block);
      const at::Tensor inside_N = places_N.ge(0).logical_and_(places_N.lt(logits_NB.size(1)));
      const at::Tensor clamped_N1 = places_N.clamp(0, logits_NB.size(1) - 1).unsqueeze(1);
      const at::Tensor found_N = logits_NB.gather(1, clamped_N1).squeeze(1).to(at::kFloat);
      target_logits_N = at::where(inside_N, found_N, target_logits_N);
    }
    const SoftmaxStats stats = softmax_stats(at::cat(parts, 1));
    const at::Tensor logprobs_N = target_logits_N.div_(head.temperature).sub_(stats.normalisers_C);
    variable_list all{hidden_ND, weight_VD, targets_N, stats.normalisers_C, stats.entropies_C};
    all.insert(all.end(), kept.begin(), kept.end());
    context->save_for_backward(std::move(all));
    context->saved_data["temperature"] = head.temperature;
    context->saved_data["holds_logits"] = true;
    return {logprobs_N, stats.entropies_C};
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor& hidden_ND = saved.at(0);
    const at::Tensor& weight_VD = saved.at(1);
    const auto given_or_zero = [&](const at::Tensor& gradient) {
      return gradient.defined() ? gradient.contiguous() : at::zeros_like(saved.at(3));
    };
    SoftmaxPull pull{.stats = {.normalisers_C = saved.at(3), .entropies_C = saved.at(4)},
                     .targets_C = saved.at(2),
                     .logprob_gradients_C = given_or_zero(gradients.at(0)),
                     .entropy_gradients_C = given_or_zero(gradients.at(1)),
                     .temperature = context->saved_data.at("temperature").toDouble()};
    const at::Tensor hidden_gradient_ND =
        at::zeros(hidden_ND.sizes(), hidden_ND.options().dtype(at::kFloat));
    const at::Tensor sum_VD = gradient_sum_(weight_VD);
    const at::Tensor weight_gradient_VD =
        sum_VD.defined() ? at::Tensor() : at::empty(weight_VD.sizes(), weight_VD.options());
    const LogitBlocks blocks(hidden_ND, weight_VD);
    // Kept ones become their gradient, so another backward pass must multiply them again.
    const int64_t num_kept = context->saved_data.at("holds_logits").toBool()
                                 ? static_cast<int64_t>(saved.size()) - kNumSaved
                                 : 0;
    context->saved_data["holds_logits"] = false;
    const at::Tensor shared = num_kept < blocks.size() ? blocks.memory() : at::Tensor();
    for (int64_t block = 0; block < blocks.size(); ++block) {
      const at::Tensor logits_NB =
          block < num_kept ? saved.at(kNumSaved + block) : blocks.multiply(block, shared);
      pull.first_column = blocks.first_column(block);
      softmax_gradient_(logits_NB, pull);
      const auto of_block = [&](const at::Tensor& x_VD) {
        return x_VD.narrow(0, pull.first_column, logits_NB.size(1));
      };
      add_product_(hidden_gradient_ND, logits_NB, of_block(weight_VD));
      if (sum_VD.defined()) {
        add_product_(of_block(sum_VD), logits_NB.t(), hidden_ND);
      } else {
        multiply_into_(of_block(weight_gradient_VD), logits_NB.t(), hidden_ND);
      }
    }
    return {hidden_gradient_ND.to(hidden_ND.scalar_type()),
            weight_gradient_VD,
            at::Tensor(),
            at::Tensor()};
  }

 private:
  // Saved for the backward pass, before the logits that are kept.
  static constexpr int64_t kNumSaved = 5;
};

}  // namespace

TokenScores token_scores(const at::Tensor& hidden_ND,
                         const at::Tensor& weight_VD,
                         const at::Tensor& targets_N,
                         const HeadOptions& options) {
  STRATAGRAM_CHECK(hidden_ND.dim() == 2 && weight_VD.dim() == 2 &&
                       hidden_ND.size(1) == weight_VD.size(1) &&
                       hidden_ND.scalar_type() == weight_VD.scalar_type(),
                   "token_scores: wanted hidden [N, D] and weight [V, D] of one dtype, got {} {} "
                   "and {} {}",
                   hidden_ND.sizes().vec(),
                   c10::toString(hidden_ND.scalar_type()),
                   weight_VD.sizes().vec(),
                   c10::toString(weight_VD.scalar_type()));
  STRATAGRAM_CHECK(targets_N.dim() == 1 && targets_N.size(0) == hidden_ND.size(0) &&
                       targets_N.scalar_type() == at::kLong,
                   "token_scores: wanted int64 targets [{}], got {} {}",
                   hidden_ND.size(0),
                   c10::toString(targets_N.scalar_type()),
                   targets_N.sizes().vec());
  STRATAGRAM_CHECK(
      options.temperature > 0 && options.chunk_tokens > 0 && options.kept_mb >= 0,
      "token_scores: wanted temperature and chunk_tokens above 0 and kept_mb of 0 or more, got {}, "
      "{} and {}",
      options.temperature,
      options.chunk_tokens,
      options.kept_mb);
  HeadOptions wanted = options;
  if (!c10::GradMode::is_enabled()) wanted.kept_mb = 0;  // nothing would use them
  const bool by_columns = has_kernels(hidden_ND) && !options.by_rows;
  const variable_list scores =
      by_columns ? ScoredByColumns::apply(hidden_ND, weight_VD, targets_N.contiguous(), wanted)
                 : ScoredByRows::apply(hidden_ND, weight_VD, targets_N, options);
  return {.logprobs_N = scores.at(0), .entropies_N = scores.at(1)};
}

}  // namespace stratagram::model
