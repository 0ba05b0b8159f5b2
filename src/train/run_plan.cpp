#include "train/run_plan.h"

#include <algorithm>
#include <vector>

#include "rollout/engine.h"
#include "text/problems.h"

namespace stratagram::train {

rollout::MemoryPlan plan_rollouts(const RunConfig& config,
                                  const rollout::Policy& policy,
                                  std::span<const Problem> problems) {
  std::vector<rollout::Request> requests;
  requests.reserve(problems.size());
  for (const Problem& problem : problems) {
    requests.push_back(
        {.prompt = policy.prompt(
             problem.id, config.data.system, text::fill_prompt(config.data.prompt, problem)),
         .num_samples = config.run.samples_per_prompt});
  }
  const rollout::Engine engine(policy.model, policy.tokenizer, policy.end_token_ids, config.engine);
  (void)engine.plan(requests, config.sampling);  // every prompt's length
  std::stable_sort(requests.begin(), requests.end(), [](const auto& a, const auto& b) {
    return a.prompt.token_ids.size() > b.prompt.token_ids.size();
  });
  // A set smaller than a step is drawn from more than once.
  const auto per_step = static_cast<size_t>(config.run.prompts_per_step);
  const size_t size = requests.size();
  for (size_t i = size; i < per_step; ++i) requests.push_back(requests[i % size]);
  requests.resize(per_step);
  return engine.plan(requests, config.sampling);
}

}  // namespace stratagram::train
