#include "eval/evaluate.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "reward/grader.h"
#include "text/problems.h"

namespace stratagram::eval {

std::vector<Group> evaluate(const rollout::Policy& policy,
                            std::span<const Problem> problems,
                            const EvalOptions& options,
                            const EvalObserver& observer) {
  const reward::Grader grader(options.reward);
  std::vector<Group> groups;
  std::vector<rollout::Request> requests;
  for (const Problem& problem : problems) {
    Prompt prompt =
        policy.prompt(problem.id, options.system, text::fill_prompt(options.prompt, problem));
    requests.push_back({.prompt = prompt, .num_samples = options.num_samples});
    groups.push_back({.problem = problem, .prompt = std::move(prompt)});
  }
  rollout::Engine engine(policy.model, policy.tokenizer, policy.end_token_ids, options.engine);
  if (observer.on_plan) observer.on_plan(engine.plan(requests, options.sampling).text());
  rollout::Callbacks callbacks;
  callbacks.on_step = [&](int64_t tokens, int64_t responses) {
    if (observer.on_progress) observer.on_progress(tokens, responses);
  };
  auto completions = engine.generate(requests, options.sampling, {.seed = options.seed}, callbacks);
  for (size_t i = 0; i < groups.size(); ++i) {
    for (Completion& completion : completions[i]) {
      Trajectory& trajectory = groups[i].trajectories.emplace_back();
      trajectory.judgement = grader.judge(groups[i].problem, completion.text, completion.finish);
      trajectory.completion = std::move(completion);
    }
  }
  return groups;
}

nlohmann::json sample_row(const Group& group, const Trajectory& trajectory) {
  const Completion& completion = trajectory.completion;
  const Judgement& judgement = trajectory.judgement;
  return {{"problem_id", group.problem.id},
          {"sample", completion.sample},
          {"prompt", group.prompt.text},
          {"response", completion.text},
          {"length", completion.token_ids.size()},
          {"verdict", verdict_name(judgement.verdict)},
          {"reason", judgement.reason},
          {"predicted", judgement.predicted ? nlohmann::json(*judgement.predicted) : nullptr},
          {"gold", group.problem.answer},
          {"finish", finish_name(completion.finish)},
          {"seed", completion.seed}};
}

}  // namespace stratagram::eval
