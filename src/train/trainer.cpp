#include "train/trainer.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "core/error.h"
#include "core/file.h"
#include "core/interrupt.h"
#include "core/jsonl.h"
#include "core/stream.h"
#include "grams/tag.h"
#include "text/problems.h"
#include "train/clock.h"
#include "train/learn.h"
#include "train/run_checkpoint.h"

namespace stratagram::train {
namespace {

using nlohmann::json;

constexpr int64_t kMega = 1'000'000;

json json_of(const std::optional<double>& value) {
  return value ? json(*value) : json(nullptr);
}

credit::CreditContext context_of(const std::optional<grams::Catalogue>& placebo) {
  if (!placebo) return {};
  const auto matcher = std::make_shared<const grams::Matcher>(*placebo);
  return {.placebo_mask = [matcher](const Completion& completion) {
    return grams::tag(*matcher, completion.text, completion.byte_ranges).mask;
  }};
}

}  // namespace

Trainer::Trainer(const RunConfig& config, Parts parts, RunFolder folder, TrainObserver observer)
    : config_(config),
      parts_(std::move(parts)),
      folder_(std::move(folder)),
      observer_(std::move(observer)),
      grader_(config_.reward),
      matcher_(parts_.catalogue),
      rule_(credit::make_credit_rule(config_.credit, context_of(parts_.placebo))),
      engine_(parts_.policy.model,
              parts_.policy.tokenizer,
              parts_.policy.end_token_ids,
              config_.engine),
      optimizer_(parts_.policy.model.weights(), config_.optimizer, folder_.path()),
      guards_(config_.guard) {}

Trainer::~Trainer() = default;

void Trainer::note(const std::string& sentence) const {
  if (observer_.on_note) observer_.on_note(sentence);
}

// The problem set again and again, each time in a keyed order of its own.
std::vector<const Problem*> Trainer::next_problems() {
  const auto size = static_cast<int64_t>(parts_.problems.size());
  std::vector<const Problem*> problems;
  std::vector<const Problem*> order;
  int64_t ordered_epoch = -1;
  for (int64_t i = 0; i < config_.run.prompts_per_step; ++i, ++problems_drawn_) {
    const int64_t epoch = problems_drawn_ / size;
    if (epoch != ordered_epoch) {
      order.clear();
      for (const Problem& problem : parts_.problems) order.push_back(&problem);
      shuffle_(order,
               Stream({.seed = static_cast<uint64_t>(config_.run.seed),
                       .purpose = "problems",
                       .step = static_cast<uint64_t>(epoch)}));
      ordered_epoch = epoch;
    }
    problems.push_back(order[problems_drawn_ % size]);
  }
  return problems;
}

void Trainer::judge(Group& group) {
  for (Trajectory& trajectory : group.trajectories) {
    const Completion& completion = trajectory.completion;
    trajectory.judgement = grader_.judge(group.problem, completion.text, completion.finish);
    trajectory.judgement.reward +=
        reward::overlong_punishment(static_cast<int64_t>(completion.token_ids.size()),
                                    config_.sampling.max_new_tokens,
                                    config_.reward.overlong_tokens);
    grams::Tagging tagging = grams::tag(matcher_, completion.text, completion.byte_ranges);
    trajectory.planning_mask = std::move(tagging.mask);
    trajectory.planning_spans = std::move(tagging.spans);
  }
}

std::vector<Group> Trainer::draw_batch(int64_t batch) {
  const int64_t samples = config_.run.samples_per_prompt;
  std::vector<Group> groups;
  std::vector<rollout::Request> requests;
  std::map<std::string, int64_t> seen;  // a problem twice in one step gets samples of its own
  for (const Problem* problem : next_problems()) {
    Prompt prompt = parts_.policy.prompt(
        problem->id, config_.data.system, text::fill_prompt(config_.data.prompt, *problem));
    const int64_t earlier = seen[problem->id]++ + batch * config_.run.prompts_per_step;
    requests.push_back(
        {.prompt = prompt, .num_samples = samples, .first_sample = earlier * samples});
    groups.push_back({.problem = *problem, .prompt = std::move(prompt), .trajectories = {}});
  }
  if (!planned_) note("memory: " + engine_.plan(requests, config_.sampling).text());
  planned_ = true;

  rollout::Callbacks callbacks;
  callbacks.on_step = [&](int64_t tokens, int64_t responses) {
    if (observer_.on_rollout) observer_.on_rollout(steps_done_, tokens, responses);
  };
  const Clock rollout_clock;
  auto completions = engine_.generate(
      requests,
      config_.sampling,
      {.seed = static_cast<uint64_t>(config_.run.seed), .step = static_cast<uint64_t>(steps_done_)},
      callbacks);
  rollout_seconds_ += rollout_clock.seconds();
  const Clock reward_clock;
  for (size_t i = 0; i < groups.size(); ++i) {
    for (Completion& completion : completions[i]) {
      groups[i].trajectories.emplace_back().completion = std::move(completion);
    }
    judge(groups[i]);
  }
  reward_seconds_ += reward_clock.seconds();
  return groups;
}

DrawnStep Trainer::draw_step() {
  DynamicSampling gathering(config_.dynamic_sampling, config_.run.prompts_per_step);
  while (gathering.wants_more()) gathering.add(draw_batch(gathering.num_batches()));
  engine_.release();  // the passes that follow need the memory
  return gathering.take();
}

bool Trainer::is_evaluated() const {
  const int64_t every = config_.eval.every;
  return every > 0 && steps_done_ % every == 0 && observer_.evaluate != nullptr;
}

void Trainer::evaluate(metrics::StepRecord& record) {
  for (const auto& [name, value] : observer_.evaluate(steps_done_, parts_.policy, engine_)) {
    record.set(name, value);
  }
}

void Trainer::train_step() {
  metrics::StepRecord record(steps_done_);
  // Before the step's own rollouts, of the same policy: a stop leaves the state of the last step.
  if (is_evaluated()) evaluate(record);
  const Clock total;
  rollout_seconds_ = 0;
  reward_seconds_ = 0;
  const int64_t drawn_before = problems_drawn_;
  DrawnStep drawn;
  try {
    drawn = draw_step();
  } catch (const Error&) {
    problems_drawn_ = drawn_before;  // nothing was learned, so the state is that of the last step
    throw;
  }
  const Clock credit_clock;
  const std::span<Group> step = drawn.used();
  rule_->assign(step);
  measure_outcomes(drawn.groups, record);
  measure_tokens(drawn.groups, config_.grams, baseline_, record);
  measure_grams(drawn.groups, matcher_, config_.grams, record);
  StepFacts facts = facts_of(drawn.groups);
  facts.needs_planning = rule_->needs_planning();
  reward_seconds_ += credit_clock.seconds();
  const Clock train_clock;
  const UpdateSummary summary = learn_from(step,
                                           parts_.policy.model,
                                           parts_.reference ? &parts_.reference->model : nullptr,
                                           optimizer_,
                                           {.config = config_, .step = steps_done_});
  facts.finite = summary.num_skipped == 0;
  facts.first_ratio = summary.first_ratio;
  record_update(summary, config_.loss, record);
  const double train_seconds = train_clock.seconds();
  if (config_.dynamic_sampling.enabled) {
    record.set("group/discarded", static_cast<double>(drawn.groups.size() - drawn.num_used));
  }
  measure_times(drawn.groups,
                {.num_parameters = parts_.policy.model.num_parameters(),
                 .num_input_tokens = summary.num_input_tokens,
                 .num_trained_tokens = num_response_tokens(step),
                 .gemm_peak = parts_.gemm_peak},
                {.rollout = rollout_seconds_,
                 .reward = reward_seconds_,
                 .train = train_seconds,
                 .total = total.seconds()},
                record);
  finish_step(step, record, facts);
}

void Trainer::finish_step(std::span<const Group> step,
                          metrics::StepRecord& record,
                          const StepFacts& facts) {
  if (config_.run.max_rollout_mb > 0 && !rollouts_full_) {
    rollouts_full_ = !folder_.write_rollouts(steps_done_, step, config_.run.max_rollout_mb * kMega);
    if (rollouts_full_ && observer_.on_warning) {
      observer_.on_warning(
          fmt::format("rollouts reached run.max_rollout_mb = {}; none are written from step {} on",
                      config_.run.max_rollout_mb,
                      steps_done_));
    }
  }
  if (!facts.finite) {
    std::filesystem::create_directories(folder_.path() / "not-finite");
    write_file_atomically(folder_.path() / "not-finite" / fmt::format("{:06}.jsonl", steps_done_),
                          rollout_lines(step, steps_done_));
  }
  folder_.append_metrics(record.to_json());
  last_finite_ = facts.finite;
  ++steps_done_;
  if (observer_.on_step) observer_.on_step(record);
  std::vector<std::string> sentences;
  try {
    sentences = guards_.observe(facts);
  } catch (const Error&) {
    write_checkpoint();  // the run ends here, but what it learned is kept
    throw;
  }
  for (const std::string& sentence : sentences) {
    if (observer_.on_warning) {
      observer_.on_warning(fmt::format("step {}: {}", steps_done_ - 1, sentence));
    }
  }
}

void Trainer::write_checkpoint() {
  // What such a step left may be no good, and must not push out a checkpoint that is.
  if (!last_finite_) {
    if (observer_.on_warning) {
      observer_.on_warning(fmt::format(
          "no checkpoint is written after step {}, which was not finite", steps_done_ - 1));
    }
    return;
  }
  train::write_checkpoint(folder_,
                          parts_.policy,
                          optimizer_,
                          {.steps_done = steps_done_,
                           .values = {{"problems_drawn", problems_drawn_},
                                      {"rollouts_full", rollouts_full_},
                                      {"rollouts_limit_mb", config_.run.max_rollout_mb},
                                      {"guards", guards_.to_json()},
                                      {"baseline_planning", json_of(baseline_.planning)},
                                      {"baseline_execution", json_of(baseline_.execution)}}},
                          config_.checkpoint);
}

void Trainer::resume() {
  const std::optional<CheckpointContent> newest =
      take_up_checkpoint_(folder_, parts_.policy, optimizer_);
  if (!newest) {
    note("no complete checkpoint: the run begins again");
    return;
  }
  const std::string where = folder_.checkpoint(newest->steps_done).string();
  const json& values = newest->values;
  steps_done_ = newest->steps_done;
  problems_drawn_ = field_of<int64_t>(values, "problems_drawn", where);
  // A limit that was reached stays reached, so that the files are those of a run that never
  // stopped; a higher one is tried anew.
  const auto reached = optional_field_of<int64_t>(values, "rollouts_limit_mb", where);
  const bool raised = reached && config_.run.max_rollout_mb > *reached;
  rollouts_full_ = field_of<bool>(values, "rollouts_full", where) && !raised;
  guards_.read_json(values.at("guards"));
  baseline_ = {.planning = optional_field_of<double>(values, "baseline_planning", where),
               .execution = optional_field_of<double>(values, "baseline_execution", where)};
  note(fmt::format("resumed after step {}", steps_done_));
}

// An interrupt during a rollout ends the run at the step before; one during an update waits for it.
void Trainer::run() {
  const int64_t every = config_.checkpoint.every_steps;
  const auto stoppable = [&](const std::function<void()>& part) {
    try {
      throw_if_interrupted("training was stopped");
      part();
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kInterrupted) throw;
      write_checkpoint();
      fail(ErrorKind::kInterrupted,
           "stopped after {} of {} steps; go on with --resume",
           steps_done_,
           config_.run.num_steps);
    }
  };
  while (steps_done_ < config_.run.num_steps) {
    stoppable([&] { train_step(); });
    const bool due = every > 0 && steps_done_ % every == 0;
    if (due || steps_done_ == config_.run.num_steps) write_checkpoint();
  }
  if (!last_finite_) {
    fail(
        ErrorKind::kNumeric,
        "the last step was not finite, so no checkpoint of it was written; start another run, from "
        "an earlier checkpoint (model.path) if there is one, with a lower optimizer.learning_rate "
        "or in float32");
  }
  // A line of its own: the step that it belongs to has not come. If it does, its line replaces it.
  if (is_evaluated()) {
    stoppable([&] {
      metrics::StepRecord record(steps_done_);
      evaluate(record);
      folder_.append_metrics(record.to_json());
    });
  }
}

}  // namespace stratagram::train
