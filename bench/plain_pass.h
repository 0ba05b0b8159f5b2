// bench/plain_pass.h -- what a rollout says of its tokens against a pass by libtorch's operators
// alone.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/error.h"
#include "core/records.h"
#include "model/head.h"
#include "model/transformer.h"
#include "tests/support/tiny_model.h"

namespace stratagram::bench {

/// The largest difference of a completion's log-probabilities and entropies to those of the same
/// weights in float64, which no kernel of ours takes. Throws Error(kInternal) beyond what the
/// dtype's rounding explains.
inline double checked_difference(const model::Transformer& model,
                                 const Prompt& prompt,
                                 const Completion& completion) {
  model::Weights weights;
  for (const auto& [name, weight] : model.weights()) weights[name] = weight.to(at::kDouble);
  const model::Transformer exact(model.config(), std::move(weights));
  std::vector<int64_t> ids(prompt.token_ids.begin(), prompt.token_ids.end());
  ids.insert(ids.end(), completion.token_ids.begin(), completion.token_ids.end());
  const auto total = static_cast<int64_t>(ids.size());
  const auto length = static_cast<int64_t>(completion.token_ids.size());
  model::PackedAttention attention({total});
  const at::Tensor hidden_ND = exact.forward(ids_tensor(ids), packed_positions({total}), attention);
  const model::TokenScores scores =
      model::token_scores(hidden_ND.narrow(0, total - length - 1, length),
                          exact.head_weight_VD(),
                          ids_tensor(std::vector<int64_t>(ids.end() - length, ids.end())),
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
  const double allowed = model.dtype() == at::kFloat ? 1e-3 : 0.25;
  if (!(worst < allowed)) {
    fail(ErrorKind::kInternal,
         "a rollout's log-probabilities and entropies: wanted those of the float64 pass within {}, "
         "got a difference of {}; nothing was timed",
         allowed,
         worst);
  }
  return worst;
}

}  // namespace stratagram::bench
