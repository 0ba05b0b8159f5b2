#include "cli/generate_rows.h"

#include <fmt/format.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "cli/progress.h"
#include "cli/sampling_options.h"
#include "core/digest.h"
#include "core/file.h"
#include "core/jsonl.h"
#include "core/log.h"
#include "core/sample_rows.h"
#include "core/version.h"
#include "rollout/collect.h"
#include "text/problem_sets.h"

namespace stratagram::cli {
namespace {

using nlohmann::json;

json row_of(const Prompt& prompt, const Completion& completion) {
  return {{"problem_id", prompt.problem_id},
          {"sample", completion.sample},
          {"prompt", prompt.text},
          {"response", completion.text},
          {"token_ids", completion.token_ids},
          {"logprobs", rounded_list(completion.logprobs)},
          {"entropies", rounded_list(completion.entropies)},
          {"finish", finish_name(completion.finish)},
          {"seed", completion.seed}};
}

// What decides the rows.
json conditions_of(const GenerateOptions& options, const rollout::Policy& policy) {
  json conditions = sampling_conditions(options.sampling, options.engine, options.seed);
  conditions.update(options.model.conditions(policy));
  conditions["num_samples"] = options.samples;
  conditions["system"] = options.system;
  if (options.problems.empty()) {
    conditions["prompt"] = options.prompt;
  } else {
    conditions["prompt_template"] = options.prompt_template;
    conditions["problems_digest"] = sha256_file(text::find_problem_set(options.problems));
  }
  conditions["version"] = version();
  return conditions;
}

SampleRows open_rows(const GenerateOptions& options,
                     const rollout::Policy& policy,
                     const std::vector<Prompt>& prompts) {
  std::vector<std::string> ids;
  ids.reserve(prompts.size());
  for (const Prompt& prompt : prompts) ids.push_back(prompt.problem_id);
  if (options.out.empty()) return {ids, options.samples};
  return {ids, options.samples, options.out, conditions_of(options, policy)};
}

}  // namespace

void generate_rows(const GenerateOptions& options,
                   const rollout::Policy& policy,
                   const std::vector<Prompt>& prompts) {
  SampleRows rows = open_rows(options, policy, prompts);
  log_taken_up(rows);
  rollout::Engine engine(policy.model, policy.tokenizer, policy.end_token_ids, options.engine);
  Progress progress("tokens");
  rollout::collect(
      engine,
      options.sampling,
      options.seed,
      {.prompts = prompts,
       .rows = rows,
       .row_of = [&](int64_t i, const Completion& done) { return row_of(prompts[i], done); },
       .on_plan = [](const std::string& plan) { spdlog::info("memory: {}", plan); },
       .on_progress =
           [&](int64_t tokens, int64_t responses) {
             progress.update(
                 tokens, 0, fmt::format("{} of {} responses", responses, rows.num_wanted()));
           }});
  progress.finish();
  if (options.out.empty()) {
    rows.write(std::cout);
  } else {
    write_file_atomically(options.out, [&](std::ostream& out) { rows.write(out); });
    rows.remove_partial();
  }
}

}  // namespace stratagram::cli
