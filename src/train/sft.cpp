#include "train/sft.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/sum.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/error.h"
#include "core/interrupt.h"
#include "core/stream.h"
#include "model/attention.h"
#include "model/head.h"
#include "text/problems.h"
#include "train/clock.h"
#include "train/run_checkpoint.h"
#include "train/schedule.h"

namespace stratagram::train {

SolvedPairs solved_pairs(const rollout::Policy& policy,
                         std::span<const Problem> problems,
                         const SftConfig& config) {
  SolvedPairs result;
  for (const Problem& problem : problems) {
    if (problem.solution.empty()) {
      ++result.num_without_solution;
      continue;
    }
    const Prompt prompt = policy.prompt(
        problem.id, config.data.system, text::fill_prompt(config.data.prompt, problem));
    SolvedPair pair{.prompt = prompt.token_ids,
                    .response = policy.tokenizer.encode(problem.solution, false).ids};
    pair.response.push_back(policy.turn_end_id());
    if (static_cast<int64_t>(pair.prompt.size() + pair.response.size()) > config.run.max_tokens) {
      ++result.num_too_long;
      continue;
    }
    result.pairs.push_back(std::move(pair));
  }
  if (result.pairs.empty()) {
    fail(ErrorKind::kData,
         "{}: wanted problems with a 'solution' of at most run.max_tokens = {} tokens, prompt "
         "included; of {} problems {} have none and {} are longer",
         config.data.problems,
         config.run.max_tokens,
         problems.size(),
         result.num_without_solution,
         result.num_too_long);
  }
  return result;
}

SftStep accumulate_sft_gradients(const model::Transformer& model,
                                 std::span<const SolvedPair* const> pairs,
                                 const PassSection& passes) {
  SftStep step;
  std::vector<Sequence> sequences;
  for (const SolvedPair* pair : pairs) {
    sequences.push_back({pair->prompt, pair->response});
    step.num_tokens += static_cast<int64_t>(pair->response.size());
  }
  const double weight = 1.0 / static_cast<double>(step.num_tokens);
  for (const auto& members : plan_micro_batches(sequences, passes.micro_batch_tokens)) {
    std::vector<Sequence> chosen;
    chosen.reserve(members.size());
    for (const int64_t member : members) chosen.push_back(sequences[member]);
    const PackedTokens packed = pack(chosen, model.device());
    model::PackedAttention attention(packed.groups);
    const at::Tensor hidden_ND = model.forward(
        packed.tokens_N, packed.positions_N, attention, {.recompute = passes.recompute_layers});
    const model::TokenScores scores = model::token_scores(hidden_ND.index_select(0, packed.rows_M),
                                                          model.head_weight_VD(),
                                                          packed.targets_M,
                                                          {.kept_mb = passes.kept_logits_mb});
    const at::Tensor loss = scores.logprobs_N.sum() * -weight;
    const auto value = loss.item<double>();
    step.loss += value;
    step.finite = std::isfinite(value);
    if (!step.finite) return step;
    loss.backward();
  }
  return step;
}

SftTrainer::SftTrainer(const SftConfig& config,
                       rollout::Policy policy,
                       std::vector<SolvedPair> pairs,
                       RunFolder folder,
                       Observer observer)
    : config_(config),
      policy_(std::move(policy)),
      pairs_(std::move(pairs)),
      folder_(std::move(folder)),
      observer_(std::move(observer)),
      optimizer_(policy_.model.weights(), config_.optimizer, folder_.path()),
      num_epochs_(config_.run.num_epochs),
      steps_per_epoch_((static_cast<int64_t>(pairs_.size()) + config_.run.sequences_per_step - 1) /
                       config_.run.sequences_per_step) {}

// Every pair once an epoch, in a keyed order of each epoch's own.
std::vector<const SolvedPair*> SftTrainer::pairs_of_step() const {
  std::vector<const SolvedPair*> order;
  order.reserve(pairs_.size());
  for (const SolvedPair& pair : pairs_) order.push_back(&pair);
  shuffle_(order,
           Stream({.seed = static_cast<uint64_t>(config_.run.seed),
                   .purpose = "supervised pairs",
                   .step = static_cast<uint64_t>(steps_done_ / steps_per_epoch_)}));
  const auto size = static_cast<int64_t>(order.size());
  const int64_t begin = steps_done_ % steps_per_epoch_ * config_.run.sequences_per_step;
  const int64_t end = std::min(size, begin + config_.run.sequences_per_step);
  return {order.begin() + begin, order.begin() + end};
}

void SftTrainer::train_step() {
  const Clock clock;
  const SftStep step = accumulate_sft_gradients(policy_.model, pairs_of_step(), config_.update);
  const double learning_rate =
      config_.optimizer.learning_rate * schedule_factor(config_.schedule, steps_done_, num_steps());
  const UpdateReport report = step.finite ? optimizer_.step_(learning_rate) : UpdateReport{};
  if (!report.applied) {
    fail(ErrorKind::kNumeric,
         "step {}: loss or gradient is not finite; start another run, from the last checkpoint "
         "(model.path) if there is one, with a lower optimizer.learning_rate",
         steps_done_);
  }
  metrics::StepRecord record(steps_done_);
  const double seconds = clock.seconds();
  record.set("loss/total", step.loss);
  record.set("grad/norm", report.gradient_norm);
  record.set("update/to_weight", report.update_ratio);
  record.set("lr", learning_rate);
  record.set("time/total", seconds);
  record.set("speed/train", static_cast<double>(step.num_tokens) / seconds);
  record.set("memory/peak", static_cast<double>(peak_memory_bytes()));
  folder_.append_metrics(record.to_json());
  ++steps_done_;
  if (observer_.on_step) observer_.on_step(record, num_steps());
}

void SftTrainer::write_checkpoint() {
  train::write_checkpoint(
      folder_, policy_, optimizer_, {.steps_done = steps_done_}, config_.checkpoint);
}

void SftTrainer::resume() {
  const std::optional<CheckpointContent> newest = take_up_checkpoint_(folder_, policy_, optimizer_);
  steps_done_ = newest ? newest->steps_done : 0;
  if (observer_.on_note) {
    observer_.on_note(newest ? fmt::format("resumed after step {}", steps_done_)
                             : "no complete checkpoint: the run begins again");
  }
}

void SftTrainer::run() {
  const int64_t every = config_.checkpoint.every_steps;
  while (steps_done_ < num_steps()) {
    if (interrupted()) {
      write_checkpoint();
      fail(ErrorKind::kInterrupted,
           "stopped after {} of {} steps; go on with --resume",
           steps_done_,
           num_steps());
    }
    train_step();
    if ((every > 0 && steps_done_ % every == 0) || steps_done_ == num_steps()) write_checkpoint();
  }
}

}  // namespace stratagram::train
