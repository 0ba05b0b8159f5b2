#include "train/run_plan.h"

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "rollout/engine.h"
#include "text/problems.h"

namespace stratagram::train {
namespace {

constexpr int64_t kMega = 1'000'000;

// The requests of the largest step. Plans a rollout of every problem on the way, which checks each
// prompt's length.
std::vector<rollout::Request> largest_step(const RunConfig& config,
                                           const LoadedRun& run,
                                           const rollout::Engine& engine) {
  std::vector<rollout::Request> requests;
  requests.reserve(run.problems.size());
  for (const Problem& problem : run.problems) {
    requests.push_back(
        {.prompt = run.policy.prompt(
             problem.id, config.data.system, text::fill_prompt(config.data.prompt, problem)),
         .num_samples = config.run.samples_per_prompt});
  }
  (void)engine.plan(requests, config.sampling);
  std::stable_sort(requests.begin(), requests.end(), [](const auto& a, const auto& b) {
    return a.prompt.token_ids.size() > b.prompt.token_ids.size();
  });
  // A set smaller than a step is drawn from more than once.
  const auto per_step = static_cast<size_t>(config.run.prompts_per_step);
  const size_t size = requests.size();
  for (size_t i = size; i < per_step; ++i) requests.push_back(requests[i % size]);
  requests.resize(per_step);
  return requests;
}

// Requests with the longest prompts first.
PassShape shape_of(const RunConfig& config, const std::vector<rollout::Request>& requests) {
  const int64_t mini_batches = config.update.mini_batches;
  const int64_t groups = (config.run.prompts_per_step + mini_batches - 1) / mini_batches;
  PassShape shape{.longest_sequence = 1,
                  .update_tokens = 0,
                  .step_tokens = 0,
                  .micro_batch_tokens = config.update.micro_batch_tokens,
                  .recompute_layers = config.update.recompute_layers,
                  .kept_logits_mb = config.update.kept_logits_mb,
                  .state_on_disk = config.optimizer.state_on_disk};
  for (size_t i = 0; i < requests.size(); ++i) {
    const auto prompt = static_cast<int64_t>(requests[i].prompt.token_ids.size());
    const int64_t continuation = config.sampling.max_new_tokens - 1;
    shape.longest_sequence = std::max(shape.longest_sequence, prompt + continuation);
    shape.step_tokens += prompt + continuation * config.run.samples_per_prompt;
    if (static_cast<int64_t>(i) < groups) shape.update_tokens = shape.step_tokens;
  }
  return shape;
}

std::string pass_advice(const PassShape& shape) {
  std::string advice;
  if (shape.micro_batch_tokens > shape.longest_sequence) {
    advice += "lower update.micro_batch_tokens, ";
  }
  if (!shape.recompute_layers) advice += "set update.recompute_layers = true, ";
  return advice;
}

std::string advice_of(const RunConfig& config, const PassShape& shape) {
  std::string advice = pass_advice(shape);
  if (!shape.state_on_disk) advice += "set optimizer.state_on_disk = true, ";
  if (config.loss.kl_coefficient > 0) {
    advice += "set loss.kl_coefficient = 0, which needs no reference, ";
  }
  if (config.engine.memory_budget_mb > 0) advice += "lower rollout.memory_budget_mb, ";
  return advice + "lower rollout.max_sequences or rollout.max_new_tokens, or take a smaller model";
}

}  // namespace

int64_t RunPlan::rollout_budget_mb() const {
  return (rollout.total() + kMega - 1) / kMega;
}

void shrink_rollouts_(RunPlan& plan) {
  TrainingPlan& training = plan.training;
  if (training.fits()) return;
  rollout::MemoryPlan& rollout = plan.rollout;
  training.rollout -= rollout.packed;
  rollout.packed = 0;
  if (training.fits()) return;
  const int64_t room = training.budget - training.held() - training.rollout;
  rollout.num_blocks = std::clamp(std::max<int64_t>(room, 0) / rollout.block_bytes,
                                  std::min(rollout.blocks_needed, rollout.num_blocks),
                                  rollout.num_blocks);
  rollout.key_values = rollout.num_blocks * rollout.block_bytes;
  training.key_values = rollout.key_values;
}

RunPlan plan_run(const RunConfig& config, const LoadedRun& run) {
  const rollout::Policy& policy = run.policy;
  const rollout::Engine engine(policy.model, policy.tokenizer, policy.end_token_ids, config.engine);
  const std::vector<rollout::Request> requests = largest_step(config, run, engine);
  const PassShape shape = shape_of(config, requests);
  const model::Transformer* reference = run.reference ? &run.reference->model : nullptr;
  RunPlan plan{.rollout = engine.plan(requests, config.sampling),
               .training = plan_passes(policy.model, reference, shape)};
  TrainingPlan& training = plan.training;
  training.key_values = plan.rollout.key_values;
  training.rollout = plan.rollout.packed + plan.rollout.working;
  if (run.resumes) training.resume = resume_bytes(policy.model);
  training.budget = training_budget(policy.model, training.weights + training.reference);
  training.shrink_kept_logits_();
  if (config.engine.memory_budget_mb == 0) shrink_rollouts_(plan);
  check_fits(training, advice_of(config, shape));
  return plan;
}

TrainingPlan plan_sft(const SftConfig& config,
                      const rollout::Policy& policy,
                      std::span<const SolvedPair> pairs,
                      bool resumes) {
  std::vector<int64_t> lengths;
  lengths.reserve(pairs.size());
  for (const SolvedPair& pair : pairs) {
    lengths.push_back(packed_length({.prompt = pair.prompt, .response = pair.response}));
  }
  std::sort(lengths.begin(), lengths.end(), std::greater<>());
  PassShape shape{.longest_sequence = lengths.empty() ? 1 : lengths.front(),
                  .update_tokens = 0,
                  .step_tokens = 0,  // nothing is scored without gradients
                  .micro_batch_tokens = config.update.micro_batch_tokens,
                  .recompute_layers = config.update.recompute_layers,
                  .kept_logits_mb = config.update.kept_logits_mb,
                  .state_on_disk = config.optimizer.state_on_disk};
  const auto size = static_cast<int64_t>(lengths.size());
  for (int64_t i = 0; i < std::min(config.run.sequences_per_step, size); ++i) {
    shape.update_tokens += lengths[i];
  }
  TrainingPlan plan = plan_passes(policy.model, nullptr, shape);
  if (resumes) plan.resume = resume_bytes(policy.model);
  plan.budget = training_budget(policy.model, plan.weights);
  plan.shrink_kept_logits_();
  check_fits(plan, pass_advice(shape) + "lower run.max_tokens, or take a smaller model");
  return plan;
}

}  // namespace stratagram::train
