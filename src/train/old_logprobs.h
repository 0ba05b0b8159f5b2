// train/old_logprobs.h -- whose log-probabilities the ratio divides by: the rollout's or, when
// those part too far from the trainer's, the trainer's own before its first update of the step.
#pragma once

#include <span>

#include "core/stream.h"
#include "model/transformer.h"
#include "train/config.h"
#include "train/gap.h"
#include "train/responses.h"
#include "train/score.h"

namespace stratagram::train {

struct OldLogprobs {
  bool recomputed = false;  ///< the run must say which
  GapStats gap{};           ///< over the probe, or else over what was scored: nothing or all
};

struct SettleOptions {
  ScoreOptions score{};
  /// The step makes one update, at the weights that sampled: its own pass gives the trainer's
  /// log-probabilities, and a second one would only repeat it.
  bool single_update = false;
};

/// Fills Response::old_logprobs by loss.old_logprobs. Call it before the first update of a step.
/// Under "gated" some responses, at least loss.gap_probe_tokens response tokens in a keyed order,
/// are scored first; only when their gap is outside the gate is the step scored, less the responses
/// without a gradient, which keep the rollout's. Before a single update nothing is scored: under
/// "recomputed" old_logprobs is left empty, and under "gated" the update itself decides
/// (GradientOptions::measures_gate).
[[nodiscard]] OldLogprobs settle_old_logprobs_(std::span<Response> responses,
                                               const model::Transformer& model,
                                               const LossConfig& loss,
                                               const SettleOptions& options,
                                               const Stream& stream);

/// Fills Response::ref_logprobs from a frozen model.
void fill_ref_logprobs_(std::span<Response> responses,
                        const model::Transformer& reference,
                        const ScoreOptions& options);

}  // namespace stratagram::train
