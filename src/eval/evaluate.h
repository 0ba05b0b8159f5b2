// eval/evaluate.h -- samples of a policy on a problem set, judged.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "core/records.h"
#include "core/sample_rows.h"
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
  std::function<void(const std::string& plan)> on_plan{};
  std::function<void(int64_t tokens, int64_t responses)> on_progress{};  ///< responses: of all rows
  std::string go_on{};  ///< what to do after a stop; empty: run the same command again
};

/// Samples and judges what `rows`, whose problems these are, lacks; each row is kept as soon as its
/// response is complete. Draws are keyed by seed, problem id and sample, so more problems or
/// samples, or rows that were there, change none of the others. Throws what rollout::collect()
/// throws.
void evaluate(const rollout::Policy& policy,
              std::span<const Problem> problems,
              const EvalOptions& options,
              SampleRows& rows,
              const EvalObserver& observer = {});

/// Ids of problems, in their order.
[[nodiscard]] std::vector<std::string> ids_of(std::span<const Problem> problems);

/// One line of samples.jsonl: problem_id sample prompt response length verdict reason predicted
/// gold finish seed.
[[nodiscard]] nlohmann::json sample_row(const Problem& problem,
                                        const Prompt& prompt,
                                        const Completion& completion,
                                        const Judgement& judgement);

}  // namespace stratagram::eval
