// train/measure.h -- what one step's rollouts say, written into its record (definitions, section
// 5).
#pragma once

#include <cstdint>
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

/// Where a step's time went, in seconds.
struct StepTimes {
  double rollout = 0;
  double reward = 0;
  double train = 0;
  double total = 0;
};

/// What a model did in a step, besides its rollouts.
struct StepPasses {
  int64_t num_parameters = 0;
  int64_t num_input_tokens = 0;       ///< packed, of the updates' passes
  int64_t num_trained_tokens = 0;     ///< of the responses that were learned from
  std::optional<double> gemm_peak{};  ///< operations a second; none: no utilisation is recorded
};

/// time/* and speed/*, and the largest resident memory so far. `drawn`: every rollout of the step.
void measure_times(std::span<const Group> drawn,
                   const StepPasses& passes,
                   const StepTimes& times,
                   metrics::StepRecord& record);

[[nodiscard]] int64_t num_response_tokens(std::span<const Group> groups);

/// What the guards look at, but for what only the update knows.
[[nodiscard]] StepFacts facts_of(std::span<const Group> step);

}  // namespace stratagram::train
