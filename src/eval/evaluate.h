// eval/evaluate.h -- samples of a policy on a problem set, judged.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "core/records.h"
#include "core/sample_rows.h"
#include "eval/recipe.h"
#include "rollout/config.h"
#include "rollout/engine.h"
#include "rollout/policy.h"
#include "text/problems.h"
#include "text/prompt_template.h"

namespace stratagram::eval {

struct EvalOptions {
  int64_t num_samples = 1;
  uint64_t seed = 0;
  text::PromptTemplate prompt{};
  rollout::SamplingConfig sampling{.temperature = 0.6, .top_p = 0.95};
  rollout::EngineConfig engine{};  ///< of an engine of its own
  Judging judging{};
  std::map<std::string, text::Fields> fields{};  ///< of the problems, by id
};

/// All optional.
struct EvalObserver {
  std::function<void(const std::string& plan)> on_plan{};
  std::function<void(int64_t tokens, int64_t responses)> on_progress{};  ///< responses: of all rows
  std::string go_on{};  ///< what to do after a stop; empty: run the same command again
};

/// A policy and an engine that decodes with its model.
struct Subject {
  const rollout::Policy& policy;
  rollout::Engine& engine;
};

/// Samples and judges what `rows`, whose problems these are, lacks; each row is kept as soon as its
/// response is complete. Draws are keyed by seed, problem id and sample, so more problems or
/// samples, or rows that were there, change none of the others. Throws what rollout::collect() and
/// Verifier::judge() throw.
void evaluate(const Subject& subject,
              std::span<const Problem> problems,
              const EvalOptions& options,
              SampleRows& rows,
              const EvalObserver& observer = {});

/// The same with an engine of its own.
void evaluate(const rollout::Policy& policy,
              std::span<const Problem> problems,
              const EvalOptions& options,
              SampleRows& rows,
              const EvalObserver& observer = {});

/// Ids of problems, in their order.
[[nodiscard]] std::vector<std::string> ids_of(std::span<const Problem> problems);

/// The prompt of one problem, as the template wants it.
[[nodiscard]] Prompt prompt_of(const rollout::Policy& policy,
                               const text::PromptTemplate& prompt,
                               const Problem& problem);

/// What a sample is made of.
struct Sample {
  const Problem& problem;
  const text::Fields& fields;
  const Prompt& prompt;
  const Completion& completion;
  const Judgement& judgement;
};

/// One line of samples.jsonl: problem_id sample prompt response length verdict reason predicted
/// gold finish seed; for a Countdown puzzle kind nums target; where the problem has them
/// absolute_error and groups. All that verdict and figures are made of.
[[nodiscard]] nlohmann::json sample_row(const Sample& sample, const Judging& judging);

/// What a row says of its problem.
struct RowProblem {
  Problem problem;        ///< less its text
  text::Fields fields{};  ///< those that decide the verdict
};

/// Throws Error(kData) naming `where`.
[[nodiscard]] RowProblem problem_of_row(const nlohmann::json& row,
                                        const Judging& judging,
                                        const std::string& where);

}  // namespace stratagram::eval
