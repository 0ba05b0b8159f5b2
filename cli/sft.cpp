// stratagram sft: a supervised start from solutions.
#include "train/sft.h"

#include <fmt/format.h>

#include <memory>

#include "cli/commands.h"
#include "cli/help.h"
#include "cli/model_option.h"
#include "cli/progress.h"
#include "cli/run_options.h"
#include "cli/run_record.h"
#include "core/config.h"
#include "core/log.h"
#include "text/problem_sets.h"
#include "text/problems.h"
#include "train/run_plan.h"

namespace stratagram::cli {
namespace {

train::SftTrainer::Observer observer_of(Progress& progress) {
  train::SftTrainer::Observer observer;
  observer.on_note = [&progress](const std::string& sentence) {
    progress.finish();
    spdlog::info(sentence);
  };
  observer.on_step = [&progress](const metrics::StepRecord& record, int64_t num_steps) {
    progress.update(record.step() + 1,
                    num_steps,
                    fmt::format("loss {:.4f}  {:.0f} tokens/s",
                                record.find("loss/total").value_or(0),
                                record.find("speed/train").value_or(0)));
  };
  return observer;
}

void run(const RunOptions& options) {
  train::SftConfig config;
  ConfigFields fields;
  config.describe(fields);
  read_run_config(fields, options.config, options.set, [&] { return config.problems(); });
  options.check_out();
  const std::string device = options.device_or(config.model.device);

  const std::filesystem::path problems = text::find_problem_set(config.data.problems);
  const text::ProblemSet set =
      text::read_problems(problems, {.skip_blank_answers = config.data.skip_blank_answers});
  rollout::PolicyOptions policy_options{
      .dtype = config.model.dtype, .device = device, .chat_template = config.model.chat_template};
  if (config.start.start == "random") {
    policy_options.random_weights_seed = static_cast<uint64_t>(config.run.seed);
  }
  const std::filesystem::path model = model_path(config.model.path);
  rollout::Policy policy = rollout::load_policy(model, policy_options);
  train::SolvedPairs solved = train::solved_pairs(policy, set.problems, config);
  spdlog::info("{}: {} parameters, {} on {}; {} pairs ({} without solution, {} too long)",
               config.model.path,
               policy.model.num_parameters(),
               config.model.dtype,
               device,
               solved.pairs.size(),
               solved.num_without_solution,
               solved.num_too_long);
  spdlog::info("solutions end with {}", policy.tokenizer.token_bytes(policy.turn_end_id()));
  const train::TrainingPlan plan = train::plan_sft(config, policy, solved.pairs, options.resume);
  spdlog::info("memory of the run: {}", plan.text());
  if (options.check) {
    spdlog::info("the configuration is sound; nothing was trained");
    return;
  }
  train::RunFolder folder =
      run_folder(options.out,
                 run_record(fields, {.model = model, .problems = problems}, device),
                 options.resume);
  config.update.kept_logits_mb = plan.kept_logits_mb();  // of this machine, not what is recorded
  Progress progress("step");
  train::SftTrainer trainer(
      config, std::move(policy), std::move(solved.pairs), std::move(folder), observer_of(progress));
  if (options.resume) trainer.resume();
  trainer.run();
  progress.finish();
  spdlog::info("done: {} steps in {}", trainer.steps_done(), options.out);
}

}  // namespace

void add_sft(CLI::App& app) {
  auto options = std::make_shared<RunOptions>();
  CLI::App* command = app.add_subcommand("sft", "supervised start from solutions");
  command->group("Train");
  options->add_to(*command, "stratagram config sft", "run.num_epochs=3");
  command->footer(footer_of_run(
      "The problem set needs a field 'solution'.\n"
      "writes   DIR/config.json  DIR/metrics.jsonl  DIR/checkpoints/STEP/",
      "not finite",
      {.examples = {"stratagram sft configs/lab-sft.toml --out runs/sft --set "
                    "model.path=data/models/lab"},
       .first = {
           "mkdir -p runs/lab",
           "stratagram data make countdown --out runs/lab/puzzles.jsonl --max-target 100",
           "python3 scripts/lab/make_traces.py runs/lab/puzzles.jsonl runs/lab/traces.jsonl"}}));
  command->callback([options] { run(*options); });
}

}  // namespace stratagram::cli
