#include "cli/training_eval.h"

#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/jsonl.h"
#include "core/log.h"
#include "core/version.h"
#include "eval/result_files.h"
#include "eval/verifier.h"

namespace stratagram::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// The weights stand in no file of their own, so the step says which they were.
json conditions_of_policy(int64_t steps_done, const rollout::Policy& policy) {
  return {{"steps_done", steps_done},
          {"chat_template", policy.chat.name()},
          {"dtype", std::string(at::toString(policy.model.dtype()))},
          {"device", policy.model.device().str()},
          {"threads", at::get_num_threads()}};
}

// Evaluates one benchmark into the folder.
struct Job {
  const Benchmark& benchmark;
  const eval::EvalOptions& options;
  fs::path folder;
  int64_t steps_done;
};

json evaluate(const Job& job, const eval::Subject& subject, Progress& progress) {
  const std::string& name = job.benchmark.recipe.name;
  json conditions = conditions_of(job.benchmark, job.options);
  conditions.update(conditions_of_policy(job.steps_done, subject.policy));
  SampleRows rows(eval::ids_of(job.benchmark.problems),
                  job.options.num_samples,
                  eval::samples_file(job.folder, name),
                  conditions);
  log_taken_up(rows);
  eval::evaluate(subject,
                 job.benchmark.problems,
                 job.options,
                 rows,
                 {.on_progress =
                      [&](int64_t tokens, int64_t responses) {
                        progress.update(responses,
                                        rows.num_wanted(),
                                        fmt::format("{}: {} tokens", name, tokens));
                      },
                  .go_on = "go on with --resume"});
  progress.clear();
  const eval::Verifier verifier(job.options.judging);
  const eval::Summary summary =
      eval::summarise(rows, job.options.seed, [&](const std::string& a, const std::string& b) {
        return verifier.same_answer(a, b);
      });
  json result = eval::result_of(std::move(conditions), summary, job.options.judging);
  result["benchmark"] = name;
  result["commit"] = git_commit();
  eval::write_result(job.folder, name, rows, result);
  rows.remove_partial();
  return result;
}

}  // namespace

TrainingEval::TrainingEval(const train::RunConfig& config, fs::path run_folder)
    : run_folder_(std::move(run_folder)) {
  const train::EvalSection& section = config.eval;
  if (section.every == 0) return;
  RecipeOverrides overrides;
  if (!section.prompt_template.empty()) {
    overrides.prompt = text::find_template(section.prompt_template);
  }
  if (section.samples > 0) overrides.num_samples = section.samples;
  if (section.max_new_tokens > 0) overrides.max_new_tokens = section.max_new_tokens;
  benchmarks_ = read_benchmarks(section.benchmarks, section.limit);
  check_names(benchmarks_);
  for (const Benchmark& benchmark : benchmarks_) {
    options_.push_back(
        options_for(benchmark, overrides, config.engine, static_cast<uint64_t>(config.run.seed)));
  }
}

std::vector<std::pair<std::string, double>> TrainingEval::run(int64_t steps_done,
                                                              const rollout::Policy& policy,
                                                              rollout::Engine& engine,
                                                              Progress& progress) const {
  const fs::path folder = run_folder_ / "eval" / fmt::format("{:06}", steps_done);
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) fail(ErrorKind::kDevice, "{}: cannot be made: {}", folder.string(), error.message());
  std::vector<std::pair<std::string, double>> figures;
  for (size_t i = 0; i < benchmarks_.size(); ++i) {
    const std::string& name = benchmarks_[i].recipe.name;
    const Job job{.benchmark = benchmarks_[i],
                  .options = options_[i],
                  .folder = folder,
                  .steps_done = steps_done};
    const json result = fs::exists(eval::result_file(folder, name))
                            ? eval::read_result(folder, name)
                            : evaluate(job, {.policy = policy, .engine = engine}, progress);
    const std::string where = eval::result_file(folder, name).string();
    const auto mean_of = [&](const json& estimate) {
      return field_of<double>(estimate, "mean", where);
    };
    const double pass = mean_of(result.at("pass_at").at("1"));
    figures.emplace_back("eval/" + name + "/pass@1", pass);
    figures.emplace_back("eval/" + name + "/length", mean_of(result.at("mean_length")));
    spdlog::info("after {} steps: {} pass@1 {:.2f} %", steps_done, name, 100 * pass);
  }
  return figures;
}

}  // namespace stratagram::cli
