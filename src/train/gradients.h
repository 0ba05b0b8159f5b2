// train/gradients.h -- the gradient of one optimizer update, gathered over packed micro-batches.
//
// What the step loop does with it, for each update of a step:
//   const Update update = plan_update(responses, groups, loss, max_new_tokens);
//   const GradientStats stats = accumulate_gradients(model, responses, update, options);
//   if (stats.finite) optimizer.step_(learning_rate); else optimizer.drop_gradients_();
#pragma once

#include <cstdint>
#include <span>

#include "model/transformer.h"
#include "train/gap.h"
#include "train/loss.h"
#include "train/responses.h"

namespace stratagram::train {

struct GradientOptions {
  LossConfig loss{};
  double temperature = 1.0;  ///< that of the rollout
  int64_t micro_batch_tokens = 8192;
  bool recompute_layers = false;
  int64_t kept_logits_mb = 0;  ///< model::HeadOptions::kept_mb
  /// For the only update of a step, at the weights that sampled: the gap of the first micro-batch
  /// decides whether the old log-probabilities are the rollout's or those of the update's own pass.
  bool measures_gate = false;
};

struct GradientStats {
  LossStats loss{};         ///< over the responses that had a forward pass
  GapStats gap{};           ///< to the rollout; tells of rounding only before a step's first update
  bool recomputed = false;  ///< the gate that was measured wants the own pass
  int64_t num_micro_batches = 0;
  int64_t num_input_tokens = 0;  ///< of all forward passes, prompts included
  bool finite = true;            ///< false: the loss was not, and the update must not be made
};

/// Adds the gradient of the update's loss to that of the model's weights, which must want one.
/// Micro-batch size, order and packing change nothing but rounding. Stops before the backward pass
/// of the first micro-batch whose loss is not finite.
[[nodiscard]] GradientStats accumulate_gradients(const model::Transformer& model,
                                                 std::span<const Response> responses,
                                                 const Update& update,
                                                 const GradientOptions& options);

}  // namespace stratagram::train
