#include "model/head.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/logsumexp.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/zeros.h>
#include <fmt/ranges.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

#include "core/error.h"

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
  at::Tensor logits_CV = head_logits(hidden_CD, weight_VD);
  if (temperature != 1.0) logits_CV.div_(temperature);
  return logits_CV;
}

struct Scored : torch::autograd::Function<Scored> {
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
      const at::Tensor z_CV =
          scaled_logits(hidden_ND.narrow(0, begin, rows), weight_VD, temperature);
      const Distribution d = distribution_(z_CV);
      const at::Tensor targets_C1 = targets_N.narrow(0, begin, rows).unsqueeze(1);
      normalisers_N.narrow(0, begin, rows).copy_(d.normalisers_C);
      logprobs_N.narrow(0, begin, rows).copy_(d.logprobs_CV.gather(1, targets_C1).squeeze(1));
      entropies_N.narrow(0, begin, rows).copy_(d.entropies_C);
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

// H = -sum p log p of each row, in blocks of columns, so that the products stay in the cache and no
// further [C, V] tensor is made. Not as a matrix product: that adds up a whole row in one float32
// sum, which at 150,000 columns is wrong by 4e-4 nats; at::sum adds in pairs and keeps 1e-5. A GPU
// gets one block, since there each operation costs a launch.
at::Tensor entropies_of(const at::Tensor& probs_CV, const at::Tensor& logprobs_CV) {
  constexpr int64_t kColumnsInCache = 4096;
  const int64_t num_columns = probs_CV.size(1);
  const int64_t block = probs_CV.is_cuda() ? num_columns : kColumnsInCache;
  at::Tensor entropies_C = at::zeros({probs_CV.size(0)}, probs_CV.options());
  for (int64_t begin = 0; begin < num_columns; begin += block) {
    const int64_t columns = std::min(block, num_columns - begin);
    const at::Tensor products =
        probs_CV.narrow(1, begin, columns) * logprobs_CV.narrow(1, begin, columns);
    entropies_C.sub_(products.sum(-1));
  }
  return entropies_C;
}

}  // namespace

Distribution distribution_(const at::Tensor& z_CV) {
  at::Tensor normalisers_C = z_CV.logsumexp(-1);
  z_CV.sub_(normalisers_C.unsqueeze(1));
  at::Tensor probs_CV = z_CV.exp();
  at::Tensor entropies_C = entropies_of(probs_CV, z_CV);
  return {.logprobs_CV = z_CV,
          .probs_CV = std::move(probs_CV),
          .entropies_C = std::move(entropies_C),
          .normalisers_C = std::move(normalisers_C)};
}

at::Tensor head_logits(const at::Tensor& hidden_ND, const at::Tensor& weight_VD) {
  return at::linear(hidden_ND, weight_VD).to(score_dtype(hidden_ND));
}

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
  STRATAGRAM_CHECK(options.temperature > 0 && options.chunk_tokens > 0,
                   "token_scores: wanted temperature and chunk_tokens above 0, got {} and {}",
                   options.temperature,
                   options.chunk_tokens);
  const variable_list scores = Scored::apply(hidden_ND, weight_VD, targets_N, options);
  return {.logprobs_N = scores.at(0), .entropies_N = scores.at(1)};
}

}  // namespace stratagram::model
