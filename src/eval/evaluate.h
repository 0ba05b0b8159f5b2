// eval/evaluate.h -- samples of a policy on a problem set, judged.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "core/records.h"
#include "reward/config.h"
#include "rollout/config.h"
#include "rollout/engine.h"
#include "rollout/policy.h"

namespace stratagram::eval {

struct EvalOptions {
  int64_t num_samples = 1;
  uint64_t seed = 0;
  std::string prompt = "{problem}";  ///< as text::fill_prompt() takes it
  std::string system{};
  rollout::SamplingConfig sampling{.temperature = 0.6, .top_p = 0.95};
  rollout::EngineConfig engine{};
  reward::RewardConfig reward{};
};

/// All optional.
struct EvalObserver {
  std::function<void(const std::string& plan)> on_plan;
  std::function<void(int64_t tokens, int64_t responses)> on_progress;
};

/// One group a problem, in order. Draws are keyed by seed, problem id and sample, so more problems
/// or samples change none of those that were there. Throws what Engine::generate() throws.
[[nodiscard]] std::vector<Group> evaluate(const rollout::Policy& policy,
                                          std::span<const Problem> problems,
                                          const EvalOptions& options,
                                          const EvalObserver& observer = {});

/// One line of samples.jsonl: problem_id sample prompt response length verdict reason predicted
/// gold finish seed.
[[nodiscard]] nlohmann::json sample_row(const Group& group, const Trajectory& trajectory);

}  // namespace stratagram::eval
