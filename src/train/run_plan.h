// train/run_plan.h -- whether a run fits, before its first step and before its folder is made.
#pragma once

#include <span>

#include "core/records.h"
#include "rollout/memory_plan.h"
#include "rollout/policy.h"
#include "train/run_config.h"

namespace stratagram::train {

/// The memory of the largest rollout that the run can draw: the longest prompts in one step.
/// Tokenizes every prompt, with the weights already loaded. Throws Error(kConfig) naming the
/// problem whose prompt and budget exceed the model's positions, and Error(kDevice), with the
/// numbers, when one response does not fit.
[[nodiscard]] rollout::MemoryPlan plan_rollouts(const RunConfig& config,
                                                const rollout::Policy& policy,
                                                std::span<const Problem> problems);

}  // namespace stratagram::train
