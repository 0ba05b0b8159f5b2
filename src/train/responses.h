// train/responses.h -- a step's rollouts as the flat list that optimizer updates are cut from.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/records.h"
#include "train/config.h"
#include "train/packing.h"

namespace stratagram::train {

/// One response with what the loss wants of it. `sequence`, `advantages` and `rollout_logprobs` are
/// views of the groups, which must outlive it; all vectors have one item a response token.
struct Response {
  int64_t group = 0;  ///< index in the step
  Sequence sequence;
  std::span<const float> advantages;
  std::span<const float> rollout_logprobs;
  /// The ratio's denominator; first a copy of the rollout's. Empty: those of the update's own pass.
  std::vector<float> old_logprobs;
  std::vector<float> ref_logprobs{};  ///< of the reference policy; empty without a KL term
  bool dropped = false;               ///< cut off by the budget, under overlong = "drop"
};

/// Every response of the step, group by group. Throws Error(kInternal) for a response whose
/// advantages or log-probabilities do not fit its tokens.
[[nodiscard]] std::vector<Response> flatten(std::span<const Group> step, const LossConfig& config);

/// False when the response's gradient is exactly zero, so that it needs no pass: it is dropped, or
/// all its advantages are zero and the loss has no entropy or KL term.
[[nodiscard]] bool has_gradient(const Response& response, const LossConfig& config);

/// The part of a step that one optimizer update learns from.
struct Update {
  std::vector<int64_t> responses;  ///< indices of those that need a forward pass: has_gradient()
  std::vector<double> weights;     ///< parallel: of each token, with the denominator of all
  int64_t num_tokens = 0;          ///< response tokens of the update, those skipped included
  int64_t num_skipped = 0;         ///< responses without forward pass, still in the denominator
  int64_t num_dropped = 0;         ///< overlong responses, in the denominator no more
};

/// max_new_tokens is the length budget, for the aggregation "fixed_length".
[[nodiscard]] Update plan_update(std::span<const Response> responses,
                                 std::span<const int64_t> groups,
                                 const LossConfig& config,
                                 int64_t max_new_tokens);

/// The groups (0 .. num_groups - 1) of each update of a step, all epochs one after the other: in
/// each epoch every group once, in a keyed order of its own, in mini_batches parts whose sizes
/// differ by at most one. With fewer groups than parts, a part is one group.
[[nodiscard]] std::vector<std::vector<int64_t>> cut_into_updates(int64_t num_groups,
                                                                 const UpdateConfig& config,
                                                                 uint64_t seed,
                                                                 uint64_t step);

}  // namespace stratagram::train
