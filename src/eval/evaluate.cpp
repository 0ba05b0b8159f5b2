#include "eval/evaluate.h"

#include <nlohmann/json.hpp>

#include "core/jsonl.h"
#include "eval/verifier.h"
#include "rollout/collect.h"
#include "text/problems.h"

namespace stratagram::eval {

using nlohmann::json;

namespace {

text::Fields fields_of(const EvalOptions& options, const Problem& problem) {
  const auto found = options.fields.find(problem.id);
  return found == options.fields.end() ? text::Fields() : found->second;
}

}  // namespace

void evaluate(const Subject& subject,
              std::span<const Problem> problems,
              const EvalOptions& options,
              SampleRows& rows,
              const EvalObserver& observer) {
  const Verifier verifier(options.judging);
  std::vector<Prompt> prompts;
  for (const Problem& problem : problems) {
    prompts.push_back(prompt_of(subject.policy, options.prompt, problem));
  }
  const auto row_of = [&](int64_t i, const Completion& completion) {
    const text::Fields fields = fields_of(options, problems[i]);
    return sample_row(
        {.problem = problems[i],
         .fields = fields,
         .prompt = prompts[i],
         .completion = completion,
         .judgement = verifier.judge(problems[i], fields, completion.text, completion.finish)},
        options.judging);
  };
  rollout::Collection collection{.prompts = prompts,
                                 .rows = rows,
                                 .row_of = row_of,
                                 .on_plan = observer.on_plan,
                                 .on_progress = observer.on_progress};
  if (!observer.go_on.empty()) collection.go_on = observer.go_on;
  rollout::collect(subject.engine, options.sampling, options.seed, collection);
}

void evaluate(const rollout::Policy& policy,
              std::span<const Problem> problems,
              const EvalOptions& options,
              SampleRows& rows,
              const EvalObserver& observer) {
  rollout::Engine engine(policy.model, policy.tokenizer, policy.end_token_ids, options.engine);
  evaluate({.policy = policy, .engine = engine}, problems, options, rows, observer);
}

std::vector<std::string> ids_of(std::span<const Problem> problems) {
  std::vector<std::string> ids;
  ids.reserve(problems.size());
  for (const Problem& problem : problems) ids.push_back(problem.id);
  return ids;
}

Prompt prompt_of(const rollout::Policy& policy,
                 const text::PromptTemplate& prompt,
                 const Problem& problem) {
  std::string filled = text::fill_prompt(prompt.user, problem);
  if (prompt.form == text::PromptTemplate::Form::kChat) {
    return policy.prompt(problem.id, prompt.system, filled);
  }
  Prompt whole{.problem_id = problem.id, .text = std::move(filled), .token_ids = {}};
  whole.token_ids = policy.tokenizer.encode(whole.text, prompt.begin_of_text).ids;
  return whole;
}

json sample_row(const Sample& sample, const Judging& judging) {
  const auto& [problem, fields, prompt, completion, judgement] = sample;
  json row = {{"problem_id", problem.id},
              {"sample", completion.sample},
              {"prompt", prompt.text},
              {"response", completion.text},
              {"length", completion.token_ids.size()},
              {"verdict", verdict_name(judgement.verdict)},
              {"reason", judgement.reason},
              {"predicted", judgement.predicted ? json(*judgement.predicted) : nullptr},
              {"gold", problem.answer},
              {"finish", finish_name(completion.finish)},
              {"seed", completion.seed}};
  if (problem.kind == "countdown") {
    row["kind"] = problem.kind;
    row["nums"] = problem.numbers;
    row["target"] = problem.target;
  }
  const auto error = fields.find(judging.error_field);
  if (!judging.error_field.empty() && error != fields.end()) {
    row["absolute_error"] = error->second;
  }
  const text::Fields groups = groups_of(judging, problem.id, fields);
  if (!groups.empty()) row["groups"] = groups;
  return row;
}

RowProblem problem_of_row(const json& row, const Judging& judging, const std::string& where) {
  RowProblem read{
      .problem = {.id = field_of<std::string>(row, "problem_id", where),
                  .answer = field_of<std::string>(row, "gold", where),
                  .kind = optional_field_of<std::string>(row, "kind", where).value_or("math")}};
  if (read.problem.kind == "countdown") {
    read.problem.numbers = field_of<std::vector<int64_t>>(row, "nums", where);
    read.problem.target = field_of<int64_t>(row, "target", where);
  }
  const auto error = optional_field_of<std::string>(row, "absolute_error", where);
  if (error && !judging.error_field.empty()) read.fields[judging.error_field] = *error;
  return read;
}

}  // namespace stratagram::eval
