// train/measure.h -- what one step's rollouts say, written into its record (definitions, section
// 5).
#pragma once

#include <optional>
#include <span>

#include "core/records.h"
#include "grams/matcher.h"
#include "metrics/step_record.h"
#include "train/guards.h"
#include "train/run_config.h"

namespace stratagram::train {

/// Perplexities of the run's first step, which relative_ppl divides by.
struct Baseline {
  std::optional<double> planning;
  std::optional<double> execution;
};

/// Rewards, verdicts, lengths, groups.
void measure_outcomes(std::span<const Group> step, metrics::StepRecord& record);

/// Perplexity, entropies and fork shares of planning and execution tokens. Sets what is still empty
/// in `baseline`.
void measure_tokens(std::span<const Group> step,
                    const GramsSection& config,
                    Baseline& baseline,
                    metrics::StepRecord& record);

/// Semantic and conditional entropies of the grams.
void measure_grams(std::span<const Group> step,
                   const grams::Matcher& matcher,
                   const GramsSection& config,
                   metrics::StepRecord& record);

/// What the guards look at, but for what only the update knows.
[[nodiscard]] StepFacts facts_of(std::span<const Group> step);

}  // namespace stratagram::train
