#include "eval/evaluate.h"

#include <nlohmann/json.hpp>

#include "reward/grader.h"
#include "rollout/collect.h"
#include "text/problems.h"

namespace stratagram::eval {

void evaluate(const rollout::Policy& policy,
              std::span<const Problem> problems,
              const EvalOptions& options,
              SampleRows& rows,
              const EvalObserver& observer) {
  const reward::Grader grader(options.reward);
  std::vector<Prompt> prompts;
  for (const Problem& problem : problems) {
    prompts.push_back(
        policy.prompt(problem.id, options.system, text::fill_prompt(options.prompt, problem)));
  }
  rollout::Engine engine(policy.model, policy.tokenizer, policy.end_token_ids, options.engine);
  rollout::Collection collection{
      .prompts = prompts,
      .rows = rows,
      .row_of =
          [&](int64_t i, const Completion& completion) {
            return sample_row(problems[i],
                              prompts[i],
                              completion,
                              grader.judge(problems[i], completion.text, completion.finish));
          },
      .on_plan = observer.on_plan,
      .on_progress = observer.on_progress};
  if (!observer.go_on.empty()) collection.go_on = observer.go_on;
  rollout::collect(engine, options.sampling, options.seed, collection);
}

std::vector<std::string> ids_of(std::span<const Problem> problems) {
  std::vector<std::string> ids;
  ids.reserve(problems.size());
  for (const Problem& problem : problems) ids.push_back(problem.id);
  return ids;
}

nlohmann::json sample_row(const Problem& problem,
                          const Prompt& prompt,
                          const Completion& completion,
                          const Judgement& judgement) {
  return {{"problem_id", problem.id},
          {"sample", completion.sample},
          {"prompt", prompt.text},
          {"response", completion.text},
          {"length", completion.token_ids.size()},
          {"verdict", verdict_name(judgement.verdict)},
          {"reason", judgement.reason},
          {"predicted", judgement.predicted ? nlohmann::json(*judgement.predicted) : nullptr},
          {"gold", problem.answer},
          {"finish", finish_name(completion.finish)},
          {"seed", completion.seed}};
}

}  // namespace stratagram::eval
