// stratagram train: reinforce a policy on a problem set.
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/help.h"
#include "cli/model_option.h"
#include "cli/progress.h"
#include "cli/run_options.h"
#include "cli/run_record.h"
#include "cli/step_line.h"
#include "cli/training_eval.h"
#include "core/config.h"
#include "core/error.h"
#include "core/log.h"
#include "core/share.h"
#include "speed/machine.h"
#include "text/problem_sets.h"
#include "text/problems.h"
#include "train/run_plan.h"
#include "train/trainer.h"

namespace stratagram::cli {
namespace {

using nlohmann::json;

train::Trainer::Parts load_parts(const train::RunConfig& config, const std::string& device) {
  const rollout::PolicyOptions options{
      .dtype = config.model.dtype, .device = device, .chat_template = config.model.chat_template};
  const std::string reference =
      config.reference.reference.empty() ? config.model.path : config.reference.reference;
  text::ProblemSet set =
      text::read_problems(text::find_problem_set(config.data.problems),
                          {.skip_blank_answers = config.data.skip_blank_answers});
  if (set.num_skipped > 0) spdlog::info("{} problems have no answer", set.num_skipped);
  std::optional<grams::Catalogue> placebo;
  if (!config.credit.placebo_catalogue.empty()) {
    placebo = grams::Catalogue::load(config.credit.placebo_catalogue);
  }
  return {
      .policy = rollout::load_policy(model_path(config.model.path), options),
      .reference = config.loss.kl_coefficient > 0
                       ? std::make_unique<rollout::Policy>(
                             rollout::load_policy(model_path(reference), options))
                       : nullptr,
      .problems = std::move(set.problems),
      .catalogue = grams::Catalogue::load(find_shared_json("catalogues", config.grams.catalogue)),
      .placebo = std::move(placebo)};
}

train::TrainObserver observer_of(const train::RunConfig& config,
                                 Progress& progress,
                                 const TrainingEval& evaluation) {
  train::TrainObserver observer;
  observer.evaluate =
      [&](int64_t steps_done, const rollout::Policy& policy, rollout::Engine& engine) {
        progress.finish();
        Progress responses("responses");
        return evaluation.run(steps_done, policy, engine, responses);
      };
  observer.on_note = [&](const std::string& sentence) {
    progress.finish();
    spdlog::info(sentence);
  };
  observer.on_warning = [&](const std::string& sentence) {
    progress.finish();
    spdlog::warn(sentence);
  };
  const int64_t total = config.run.num_steps;
  observer.on_rollout = [&progress, total](int64_t step, int64_t tokens, int64_t responses) {
    progress.update(
        step, total, fmt::format("rollout: {} tokens, {} responses", tokens, responses));
  };
  observer.on_step = [&progress, total](const metrics::StepRecord& record) {
    progress.clear();
    spdlog::info(step_line(record, total));
  };
  return observer;
}

void run(const RunOptions& options) {
  train::RunConfig config;
  ConfigFields fields;
  config.describe(fields);
  read_run_config(fields, options.config, options.set, [&] { return config.problems(); });
  config.reward.check();
  options.check_out();
  const std::string device = options.device_or(config.model.device);
  const TrainingEval evaluation(config, options.out);

  train::Trainer::Parts parts = load_parts(config, device);
  spdlog::info(
      "{}: {} parameters, {} on {}, chat template {}; {} problems; rule {}; catalogue {} "
      "({} grams)",
      config.model.path,
      parts.policy.model.num_parameters(),
      config.model.dtype,
      device,
      parts.policy.chat.name(),
      parts.problems.size(),
      config.credit.rule,
      parts.catalogue.name,
      parts.catalogue.grams.size());
  const train::RunPlan plan = train::plan_run(config,
                                              {.policy = parts.policy,
                                               .reference = parts.reference.get(),
                                               .problems = parts.problems,
                                               .resumes = options.resume});
  spdlog::info("memory of a rollout: {}", plan.rollout.text());
  spdlog::info("memory of the run: {}", plan.training.text());
  if (options.check) {
    spdlog::info(
        "the configuration is sound: {} steps of {} problems x {} responses; nothing was trained",
        config.run.num_steps,
        config.run.prompts_per_step,
        config.run.samples_per_prompt);
    return;
  }
  const json record = run_record(fields,
                                 {.model = model_path(config.model.path),
                                  .problems = text::find_problem_set(config.data.problems),
                                  .catalogue_digest = parts.catalogue.digest(),
                                  .placebo_digest = parts.placebo ? parts.placebo->digest() : ""},
                                 device);
  train::RunFolder folder = run_folder(options.out, record, options.resume);
  // Not what is recorded: both depend on the machine and change no result.
  config.engine.memory_budget_mb = plan.rollout_budget_mb();
  config.update.kept_logits_mb = plan.training.kept_logits_mb();
  parts.gemm_peak = speed::gemm_peak(parts.policy.model.dtype(), parts.policy.model.device());
  spdlog::info("matrix products: {:.0f} GFLOPS in {}", *parts.gemm_peak / 1e9, config.model.dtype);
  Progress progress("step");
  train::Trainer trainer(
      config, std::move(parts), std::move(folder), observer_of(config, progress, evaluation));
  if (options.resume) trainer.resume();
  trainer.run();
  progress.finish();
  spdlog::info("done: {} steps in {}", trainer.steps_done(), options.out);
}

}  // namespace

void add_train(CLI::App& app) {
  auto options = std::make_shared<RunOptions>();
  CLI::App* command = app.add_subcommand("train", "reinforce a policy on a problem set");
  command->group("Train");
  options->add_to(*command, "stratagram config", "rollout.max_new_tokens=512");
  command->footer(footer_of_run(
      "writes   DIR/config.json  DIR/metrics.jsonl  DIR/rollouts/STEP.jsonl  DIR/checkpoints/STEP/",
      "not finite or no longer learning",
      {.examples = {"stratagram train configs/lab.toml --out runs/try --set "
                    "data.problems=puzzles.jsonl"},
       .first = {"stratagram data make countdown --out puzzles.jsonl --max-numbers 3"}}));
  command->callback([options] { run(*options); });
}

}  // namespace stratagram::cli
