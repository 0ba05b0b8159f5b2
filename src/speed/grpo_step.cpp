#include "speed/grpo_step.h"

#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <string>
#include <utility>

#include "core/error.h"
#include "core/stream.h"
#include "credit/credit_rule.h"
#include "rollout/engine.h"
#include "speed/decode.h"
#include "speed/memory.h"
#include "train/clock.h"
#include "train/learn.h"

namespace stratagram::speed {
namespace {

std::vector<Group> rewarded_groups(const std::vector<Prompt>& prompts,
                                   std::vector<std::vector<Completion>> completions,
                                   int64_t step) {
  const Stream stream({.seed = 2, .purpose = "speed rewards", .step = static_cast<uint64_t>(step)});
  std::vector<Group> groups(prompts.size());
  uint64_t draw = 0;
  for (size_t i = 0; i < prompts.size(); ++i) {
    groups[i].prompt = prompts[i];
    for (Completion& completion : completions[i]) {
      Trajectory& trajectory = groups[i].trajectories.emplace_back();
      trajectory.planning_mask.assign(completion.token_ids.size(), 0);
      trajectory.judgement.reward = stream.uniform(draw++) < 0.5 ? 0.0 : 1.0;
      trajectory.completion = std::move(completion);
    }
    groups[i].trajectories.front().judgement.reward = 0.0;
    groups[i].trajectories.back().judgement.reward = 1.0;
  }
  return groups;
}

// The parts of a step that take turns with one model.
struct Parts {
  rollout::Engine& engine;
  train::AdamW& optimizer;
  const train::RunConfig& config;
  const credit::CreditRule& rule;
};

StepSpeed run_step(const rollout::Policy& policy,
                   const std::vector<Prompt>& prompts,
                   Parts& parts,
                   int64_t step) {
  std::vector<rollout::Request> requests;
  requests.reserve(prompts.size());
  for (const Prompt& prompt : prompts) {
    requests.push_back({.prompt = prompt, .num_samples = parts.config.run.samples_per_prompt});
  }
  StepSpeed speed;
  const train::Clock whole;
  auto completions = parts.engine.generate(
      requests, parts.config.sampling, {.seed = 3, .step = static_cast<uint64_t>(step)});
  parts.engine.release();
  speed.rollout = whole.seconds();
  std::vector<Group> groups = rewarded_groups(prompts, std::move(completions), step);
  parts.rule.assign(groups);
  speed.credit = whole.seconds() - speed.rollout;
  const train::UpdateSummary summary = train::learn_from(
      groups, policy.model, nullptr, parts.optimizer, {.config = parts.config, .step = step});
  speed.seconds = whole.seconds();
  speed.optimizer = summary.optimizer_seconds;
  speed.passes = speed.seconds - speed.rollout - speed.credit - speed.optimizer;
  speed.gap = summary.gap.mean_exp();
  for (const Group& group : groups) {
    speed.num_prompt_tokens += static_cast<int64_t>(group.prompt.token_ids.size());
    for (const Trajectory& trajectory : group.trajectories) {
      speed.num_response_tokens += static_cast<int64_t>(trajectory.completion.token_ids.size());
    }
  }
  if (!summary.report.applied || !(std::abs(summary.first_ratio - 1) < 0.02)) {
    fail(ErrorKind::kInternal,
         "step {}: wanted an applied update with a first ratio of 1, got {}",
         step + 1,
         summary.report.applied ? fmt::format("a ratio of {}", summary.first_ratio)
                                : std::string("no update"));
  }
  return speed;
}

}  // namespace

StepSpeed measure_grpo_step_(rollout::Policy& policy,
                             const std::vector<Prompt>& prompts,
                             const StepShape& shape) {
  train::RunConfig config;
  config.run.samples_per_prompt = shape.group;
  config.run.num_steps = shape.num_steps;
  config.sampling.max_new_tokens = shape.tokens;
  config.engine.max_sequences = static_cast<int64_t>(prompts.size()) * shape.group;
  check_short_rollout(policy, prompts.front(), config.engine.max_sequences);
  config.update.micro_batch_tokens = shape.micro_batch_tokens;
  config.update.kept_logits_mb = shape.kept_logits_mb;
  config.update.recompute_layers = shape.recompute_layers;
  rollout::Engine engine(policy.model, policy.tokenizer, {}, config.engine);

  const bool is_reset = reset_peak_memory();
  config.optimizer.state_on_disk = shape.state_on_disk;
  train::AdamW optimizer(
      policy.model.weights(), config.optimizer, std::filesystem::temp_directory_path());
  const auto rule = credit::make_credit_rule({.rule = "grpo"});
  Parts parts{engine, optimizer, config, *rule};
  StepSpeed best;
  for (int64_t step = 0; step < shape.num_steps; ++step) {
    const StepSpeed speed = run_step(policy, prompts, parts, step);
    if (step == 0 || speed.seconds < best.seconds) best = speed;
    best.gap = speed.gap;
  }
  best.peak_bytes = peak_memory();
  best.peak_is_of_steps = is_reset;
  return best;
}

}  // namespace stratagram::speed
