// train/run_plan.h -- whether a run fits, before its first step and before its folder is made.
#pragma once

#include <cstdint>
#include <span>

#include "core/records.h"
#include "rollout/memory_plan.h"
#include "rollout/policy.h"
#include "train/memory_plan.h"
#include "train/run_config.h"
#include "train/sft.h"

namespace stratagram::train {

struct RunPlan {
  rollout::MemoryPlan rollout;  ///< of the largest rollout that the run can draw
  TrainingPlan training;        ///< the whole run, that rollout included

  /// rollout.memory_budget_mb that keeps every rollout of the run inside the plan.
  [[nodiscard]] int64_t rollout_budget_mb() const;
};

/// Takes from a plan that does not fit the packed weights, then blocks of keys and values, so that
/// fewer responses run at once, down to what a single one needs.
void shrink_rollouts_(RunPlan& plan);

/// What is planned with, all of it loaded.
struct LoadedRun {
  const rollout::Policy& policy;
  const rollout::Policy* reference = nullptr;  ///< null without a KL term
  std::span<const Problem> problems;
  bool resumes = false;  ///< a checkpoint will be read
};

/// The longest prompts in one step, with responses of full length. Where rollout.memory_budget_mb
/// leaves the choice, keys and values take what training leaves them; logits are kept as far as
/// there is room. Throws Error(kConfig) naming the problem whose prompt and budget exceed the
/// model's positions; Error(kDevice), with the numbers and the keys to lower, when the run does not
/// fit.
[[nodiscard]] RunPlan plan_run(const RunConfig& config, const LoadedRun& run);

/// A supervised run's. Throws Error(kDevice) like plan_run().
[[nodiscard]] TrainingPlan plan_sft(const SftConfig& config,
                                    const rollout::Policy& policy,
                                    std::span<const SolvedPair> pairs,
                                    bool resumes);

}  // namespace stratagram::train
