// train/learn.h -- from the rollouts of one step to changed weights: old log-probabilities, the
// optimizer updates, and what is recorded of them.
#pragma once

#include <cstdint>
#include <span>

#include "core/records.h"
#include "metrics/step_record.h"
#include "model/transformer.h"
#include "train/adamw.h"
#include "train/gap.h"
#include "train/loss.h"
#include "train/run_config.h"

namespace stratagram::train {

struct UpdateSummary {
  LossStats loss{};  ///< added over the updates whose loss was finite
  GapStats gap{};    ///< of rollout and trainer, at equal weights
  bool recomputed = false;
  UpdateReport report{};  ///< of the last update
  int64_t num_updates = 0;
  int64_t num_measured = 0;        ///< updates whose loss was finite
  int64_t num_skipped = 0;         ///< updates left out because something was not finite
  int64_t num_input_tokens = 0;    ///< packed, of the updates' passes: a group's prompt counts once
  double optimizer_seconds = 0.0;  ///< of the optimizer's steps alone
  double first_ratio = 1.0;        ///< mean ratio of the first update
  double learning_rate = 0.0;
};

struct LearnContext {
  const RunConfig& config;
  int64_t step = 0;
};

/// Makes every update of one step. Each trajectory needs its advantages. `reference` may be null
/// without a KL term.
[[nodiscard]] UpdateSummary learn_from(std::span<const Group> step,
                                       const model::Transformer& model,
                                       const model::Transformer* reference,
                                       AdamW& optimizer,
                                       const LearnContext& context);

/// Adds loss, clip, ratio, gap, grad, update and lr. What is not finite is left out: the step's
/// skipped updates tell of it.
void record_update(const UpdateSummary& summary,
                   const LossConfig& config,
                   metrics::StepRecord& record);

}  // namespace stratagram::train
