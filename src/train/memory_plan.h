// train/memory_plan.h -- what training will need, before it starts: every tensor that lives at the
// worst moment, counted from the code that makes it.
//
// Not counted: the program itself, its texts and the scratch of its kernels, 150 to 250 MB.
#pragma once

#include <cstdint>
#include <string>

#include "model/transformer.h"

namespace stratagram::train {

/// The largest work of an update. Tokens are packed input tokens, prompts included.
struct PassShape {
  int64_t longest_sequence = 1;
  int64_t update_tokens = 1;  ///< of all sequences of one optimizer update
  int64_t step_tokens = 1;    ///< of all sequences of one step, which are scored without gradients
  int64_t micro_batch_tokens = 1;
  bool recompute_layers = false;
  int64_t kept_logits_mb = 0;  ///< at most
  bool state_on_disk = false;  ///< the optimizer's: AdamW::kItemsAtOnce of it in memory at a time
};

/// All in bytes. A phase holds what stands before it, and its own part on top.
struct TrainingPlan {
  int64_t weights = 0;
  int64_t reference = 0;  ///< weights of the KL term's frozen model
  int64_t masters = 0;    ///< lower halves of bfloat16 weights' masters, those in memory
  int64_t moments = 0;    ///< AdamW's two, those in memory

  int64_t key_values = 0;  ///< of a rollout, given back after it
  int64_t rollout = 0;     ///< packed weights and working memory of a rollout

  int64_t gradients = 0;
  int64_t activations = 0;  ///< of one micro-batch
  int64_t head = 0;         ///< logits of a chunk of rows, and the head's gradient
  int64_t kept_logits = 0;  ///< from the forward to the backward pass; training does without, too

  int64_t resume = 0;  ///< a checkpoint while it is read, before there are keys and values

  int64_t budget = 0;  ///< what the plan has to fit into; 0 = unknown

  [[nodiscard]] int64_t held() const { return weights + reference + masters + moments; }
  [[nodiscard]] int64_t pass() const { return gradients + activations + head + kept_logits; }
  [[nodiscard]] int64_t peak() const;
  /// Takes from a plan that does not fit as many of the kept logits as it takes to fit.
  void shrink_kept_logits_();
  /// update.kept_logits_mb for the passes of this plan, rounded up.
  [[nodiscard]] int64_t kept_logits_mb() const;
  [[nodiscard]] bool fits() const { return budget == 0 || peak() <= budget; }
  /// "weights 10 MB + moments 20 MB + ... = 240 MB of 5000 MB"; parts of no bytes are left out.
  [[nodiscard]] std::string text() const;
};

/// Masters, moments, gradients, activations, head and kept logits for a model that is loaded;
/// `reference` may be null. The other parts are left at 0.
[[nodiscard]] TrainingPlan plan_passes(const model::Transformer& model,
                                       const model::Transformer* reference,
                                       const PassShape& shape);

/// Bytes that a checkpoint's weights, masters in float32 and moments take while they are read.
[[nodiscard]] int64_t resume_bytes(const model::Transformer& model);

/// What the plan may take: nine tenths of what is free on the device and what is loaded already.
/// 0 when the system does not say.
[[nodiscard]] int64_t training_budget(const model::Transformer& model, int64_t loaded_bytes);

/// Throws Error(kDevice) with the numbers and `advice`, the keys to lower, for a plan that does not
/// fit.
void check_fits(const TrainingPlan& plan, const std::string& advice);

}  // namespace stratagram::train
