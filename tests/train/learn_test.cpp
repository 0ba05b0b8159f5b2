// One step's updates as the loop makes them: ten losses against a stored run, and what is recorded.
#include "train/learn.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>

#include "core/file.h"
#include "credit/credit_rule.h"
#include "tests/support/tensor_memory.h"
#include "tests/support/tiny_model.h"
#include "tests/support/trained_steps.h"
#include "train/responses.h"
#include "train/score.h"

namespace stratagram::train {
namespace {

using nlohmann::json;

RunConfig learn_config() {
  RunConfig config;
  config.run.num_steps = 10;
  config.sampling.temperature = kTemperature;
  config.sampling.max_new_tokens = 9;
  config.optimizer.learning_rate = 3e-3;
  config.schedule = {.kind = "cosine", .warmup_steps = 3};
  config.update.micro_batch_tokens = 40;
  return config;
}

// Ten steps of made-up rollouts, the same for every model: nothing is sampled, so that a rounding
// difference between two CPUs cannot turn into another token.
json ten_losses(model::Family family) {
  RunConfig config = learn_config();
  config.update.inner_epochs = 2;
  config.update.mini_batches = 2;
  config.loss.old_logprobs = "recomputed";
  config.loss.entropy_coefficient = 0.01;
  config.loss.kl_coefficient = 0.05;
  const TinyOptions tiny{.family = family, .dtype = at::kDouble};
  const model::Transformer model = tiny_model(tiny);
  const model::Transformer reference = tiny_model(tiny);
  AdamW optimizer(model.weights(), config.optimizer);
  json steps = json::array();
  for (int64_t step = 0; step < 10; ++step) {
    std::vector<Group> rollouts = made_up_step({.seed = 100 + static_cast<uint64_t>(step)});
    credit::make_credit_rule({.rule = "hicra"})->assign(rollouts);
    const UpdateSummary summary =
        learn_from(rollouts, model, &reference, optimizer, {.config = config, .step = step});
    metrics::StepRecord record(step);
    record_update(summary, config.loss, record);
    json row = json::object();
    for (const char* name : {"loss/total",
                             "loss/policy",
                             "loss/entropy",
                             "loss/kl",
                             "ratio/mean",
                             "clip/low",
                             "clip/high",
                             "grad/norm"}) {
      row[name] = record.find(name).value();
    }
    steps.push_back(row);
  }
  return steps;
}

// A change of code that is to change nothing shows the identical ten losses. The models run in
// float64; what is left between machines are old log-probabilities rounded to float32 (6e-8).
TEST(TenLosses, AreThoseOfTheStoredRunForEveryFamily) {
  const std::string file = STRATAGRAM_TEST_DATA "/train/ten_losses.json";
  const std::map<std::string, model::Family> families{{"llama", model::Family::kLlama},
                                                      {"qwen2", model::Family::kQwen2},
                                                      {"qwen3", model::Family::kQwen3}};
  json got;
  for (const auto& [name, family] : families) got[name] = ten_losses(family);
  if (std::getenv("STRATAGRAM_UPDATE_GOLDEN") != nullptr) {
    write_file_atomically(file, got.dump(1) + "\n");
  }
  const json wanted = json::parse(read_file(file));

  for (const auto& [name, steps] : wanted.items()) {
    ASSERT_EQ(steps.size(), 10U);
    for (size_t step = 0; step < steps.size(); ++step) {
      for (const auto& [scalar, value] : steps[step].items()) {
        const auto exact = value.get<double>();
        EXPECT_NEAR(got.at(name)[step].at(scalar).get<double>(), exact, 1e-6 * std::max(1.0, exact))
            << name << " step " << step << " " << scalar;
      }
    }
    // A loss that learning does not move would hide a wrong update.
    EXPECT_GT(steps.back().at("loss/kl").get<double>(), steps.front().at("loss/kl").get<double>());
  }
}

// What the loop makes of one step, without entropy, KL or clipping.
struct Learned {
  model::Weights weights;
  UpdateSummary summary;
  metrics::StepRecord record{0};
};

Learned learn(std::vector<Group> step, const RunConfig& config) {
  const model::Transformer model = tiny_model();
  AdamW optimizer(model.weights(), config.optimizer);
  Learned learned{.weights = {},
                  .summary = learn_from(step, model, nullptr, optimizer, {.config = config})};
  for (const auto& [name, weight] : model.weights()) {
    learned.weights[name] = weight.detach().clone();
  }
  record_update(learned.summary, config.loss, learned.record);
  return learned;
}

std::vector<Group> credited(const credit::CreditConfig& credit, double noise = 0.1) {
  std::vector<Group> step = step_of_model(tiny_model(), noise);
  credit::make_credit_rule(credit)->assign(step);
  return step;
}

// Four responses whose logits are 800 rows of 16,000 float32, 51 MB, in blocks of a third of that.
std::vector<Group> step_of_many_logits() {
  std::vector<Group> step(1);
  step[0].prompt = {.problem_id = "p", .token_ids = {1, 2, 3}};
  for (int32_t i = 0; i < 4; ++i) {
    Trajectory& trajectory = step[0].trajectories.emplace_back();
    trajectory.completion.token_ids.assign(200, 10 + i);
    trajectory.completion.logprobs.assign(200, -9.7F);
    trajectory.completion.entropies.assign(200, 9.0F);
    trajectory.completion.byte_ranges.assign(200, {0, 0});
    trajectory.planning_mask.assign(200, 0);
    trajectory.judgement.reward = i % 2;
  }
  credit::make_credit_rule({.rule = "grpo"})->assign(step);
  return step;
}

TEST(LearnFrom, KeepsLogitsAsTheConfigurationSays) {
  const auto peak = [](int64_t kept_logits_mb) {
    RunConfig config;
    config.update.kept_logits_mb = kept_logits_mb;
    const model::Transformer model = tiny_model({.vocab_size = 16'000});
    AdamW optimizer(model.weights(), config.optimizer);
    std::vector<Group> step = step_of_many_logits();
    const TensorMemory memory;
    const UpdateSummary summary = learn_from(step, model, nullptr, optimizer, {.config = config});
    EXPECT_TRUE(summary.report.applied);
    return memory.peak();
  };

  EXPECT_GT(peak(100), peak(0) + 25'000'000);
}

TEST(LearnFrom, MovesTheProbabilityOfAResponseWithTheSignOfItsAdvantage) {
  RunConfig config = learn_config();
  std::vector<Group> step = credited({.rule = "grpo"}, 0);
  const auto sum_of_gain = [&](const model::Transformer& model) {
    double gain = 0;
    const std::vector<Response> responses = flatten(step, config.loss);
    std::vector<Sequence> sequences;
    sequences.reserve(responses.size());
    for (const Response& response : responses) sequences.push_back(response.sequence);
    const auto scores = score_sequences(model, sequences, {.temperature = kTemperature});
    for (size_t i = 0; i < responses.size(); ++i) {
      for (size_t t = 0; t < responses[i].advantages.size(); ++t) {
        gain += responses[i].advantages[t] * scores[i].logprobs[t];
      }
    }
    return gain;
  };
  const model::Transformer model = tiny_model();
  const double before = sum_of_gain(model);
  AdamW optimizer(model.weights(), config.optimizer);

  (void)learn_from(step, model, nullptr, optimizer, {.config = config});

  EXPECT_GT(sum_of_gain(model), before);
}

TEST(LearnFrom, MakesOneUpdateForEachPartOfEachEpoch) {
  RunConfig config = learn_config();
  config.update.inner_epochs = 3;
  config.update.mini_batches = 2;

  const Learned learned = learn(credited({}), config);

  EXPECT_EQ(learned.summary.num_updates, 6);
  EXPECT_EQ(learned.summary.num_measured, 6);
}

TEST(LearnFrom, PullsThePolicyTowardsItsReference) {
  RunConfig config = learn_config();
  config.loss.kl_coefficient = 1.0;
  const model::Transformer reference = tiny_model({.seed = 8});
  const model::Transformer model = tiny_model();
  AdamW optimizer(model.weights(), config.optimizer);
  std::vector<Group> step = step_of_model(model, 0);
  for (Group& group : step) {  // no advantage: the divergence alone is learned from
    for (Trajectory& trajectory : group.trajectories) {
      std::fill(trajectory.advantages.begin(), trajectory.advantages.end(), 0.0F);
    }
  }
  std::vector<double> kl;
  for (int64_t i = 0; i < 8; ++i) {
    const UpdateSummary summary =
        learn_from(step, model, &reference, optimizer, {.config = config, .step = i});
    kl.push_back(summary.loss.kl);
  }

  EXPECT_GT(kl.front(), 0.01);
  EXPECT_LT(kl.back(), 0.7 * kl.front());
}

TEST(RecordUpdate, GivesTheMeanLossOfTheUpdates) {
  UpdateSummary summary{.num_updates = 4, .num_measured = 2, .num_skipped = 2};
  summary.loss = {.loss = 3.0, .policy = 2.0, .entropy = 8.0, .kl = 1.0, .num_tokens = 5};
  metrics::StepRecord record(0);

  record_update(summary, {.entropy_coefficient = 0.1, .kl_coefficient = 0.1}, record);

  EXPECT_EQ(record.find("loss/total"), 1.5);
  EXPECT_EQ(record.find("loss/policy"), 1.0);
  EXPECT_EQ(record.find("loss/entropy"), 4.0);
  EXPECT_EQ(record.find("loss/kl"), 0.5);
  EXPECT_EQ(record.find("step/skipped_updates"), 2.0);
}

// The ratio of a token with a negative advantage is not bounded above: here it overflows.
std::vector<Group> overflowing() {
  std::vector<Group> step = credited({.rule = "grpo"});
  for (Trajectory& trajectory : step[0].trajectories) {
    if (trajectory.advantages[0] < 0) trajectory.completion.logprobs[0] = -1000;
  }
  return step;
}

TEST(LearnFrom, SkipsAnUpdateWhoseLossIsNotFiniteAndStillGivesARecord) {
  RunConfig config = learn_config();
  config.loss.old_logprobs = "rollout";

  const Learned learned = learn(overflowing(), config);

  EXPECT_EQ(learned.summary.num_skipped, 1);
  EXPECT_EQ(learned.record.find("step/skipped_updates"), 1.0);
  for (const char* name : {"loss/total", "clip/low", "ratio/mean", "gap/mean_exp", "grad/norm"}) {
    EXPECT_FALSE(learned.record.find(name).has_value()) << name;
  }
  EXPECT_TRUE(learned.record.find("lr").has_value());
  const model::Transformer untouched = tiny_model();
  for (const auto& [name, weight] : untouched.weights()) {
    EXPECT_TRUE(weight.detach().equal(learned.weights.at(name))) << name;
  }
}

TEST(LearnFrom, LearnsFromRecomputedLogProbabilitiesWhereTheRolloutsOverflow) {
  RunConfig config = learn_config();
  config.loss.gap_probe_tokens = 100000;

  const Learned learned = learn(overflowing(), config);

  EXPECT_EQ(learned.record.find("gap/recomputed"), 1.0);
  EXPECT_EQ(learned.summary.num_skipped, 0);
  EXPECT_NEAR(learned.record.find("ratio/mean").value(), 1.0, 1e-6);
  EXPECT_FALSE(learned.record.find("gap/mean_exp").has_value());
}

// The log-probabilities of the rollout are off by 0.5 and more; those of the only pass of the step
// stand in for them, as if the rollout had been exact.
TEST(LearnFrom, TakesItsOwnPassForTheOldOneWhenItMakesOneUpdate) {
  RunConfig recomputed = learn_config();
  recomputed.loss.old_logprobs = "recomputed";
  RunConfig rollout = learn_config();
  rollout.loss.old_logprobs = "rollout";

  const Learned own = learn(credited({.rule = "grpo"}, 0.5), recomputed);
  const Learned exact = learn(credited({.rule = "grpo"}, 0), rollout);

  EXPECT_EQ(own.summary.first_ratio, 1.0);
  EXPECT_GT(own.record.find("gap/mean").value(), 0.1);
  for (const char* name : {"loss/policy", "grad/norm"}) {
    EXPECT_NEAR(own.record.find(name).value(), exact.record.find(name).value(), 1e-5) << name;
  }
}

// The gap of the only update's own first pass decides as the gate says.
TEST(LearnFrom, MeasuresTheGateInItsOnlyUpdate) {
  for (const double noise : {0.0, 0.5}) {
    RunConfig gated = learn_config();
    gated.loss.old_logprobs = "gated";
    RunConfig named = learn_config();
    named.loss.old_logprobs = noise > 0 ? "recomputed" : "rollout";

    const Learned decided = learn(credited({.rule = "grpo"}, noise), gated);
    const Learned wanted = learn(credited({.rule = "grpo"}, noise), named);

    EXPECT_EQ(decided.record.find("gap/recomputed"), noise > 0 ? 1.0 : 0.0);
    for (const char* name : {"loss/policy", "grad/norm", "gap/mean", "ratio/mean"}) {
      EXPECT_EQ(decided.record.find(name), wanted.record.find(name)) << name;
    }
  }
}

TEST(LearnFrom, CountsThePackedTokensOfEveryUpdate) {
  RunConfig config = learn_config();
  config.update.micro_batch_tokens = 1 << 20;
  config.update.inner_epochs = 2;
  const std::vector<Group> step = credited({.rule = "grpo"});
  int64_t once = 0;
  for (const Response& response : flatten(step, config.loss)) {
    if (has_gradient(response, config.loss)) {
      once += static_cast<int64_t>(response.sequence.response.size()) - 1;
    }
  }
  for (const Group& group : step) {
    if (std::ranges::any_of(group.trajectories, [](const Trajectory& trajectory) {
          return trajectory.advantages.front() != 0.0F;
        })) {
      once += static_cast<int64_t>(group.prompt.token_ids.size());
    }
  }

  const Learned learned = learn(step, config);

  EXPECT_GT(once, 20);
  EXPECT_EQ(learned.summary.num_input_tokens, 2 * once);
  EXPECT_GT(learned.summary.optimizer_seconds, 0.0);
}

TEST(LearnFrom, FollowsTheScheduleOfTheRun) {
  RunConfig config = learn_config();
  const model::Transformer model = tiny_model();
  AdamW optimizer(model.weights(), config.optimizer);
  const std::vector<Group> step = credited({});

  const UpdateSummary first =
      learn_from(step, model, nullptr, optimizer, {.config = config, .step = 0});
  const UpdateSummary last =
      learn_from(step, model, nullptr, optimizer, {.config = config, .step = 10});

  EXPECT_DOUBLE_EQ(first.learning_rate, 1e-3);  // one of three steps of warm-up
  EXPECT_DOUBLE_EQ(last.learning_rate, 0.0);    // the end of the cosine
}

// The mean over both updates' first passes, ratio by ratio.
TEST(LearnFrom, ReportsTheMeanRatioOfItsFirstUpdate) {
  RunConfig config = learn_config();
  config.loss.old_logprobs = "rollout";
  const std::vector<Group> step = credited({.rule = "grpo"}, 0.5);
  double sum = 0;
  int64_t count = 0;
  for (const Group& group : step) {
    const std::vector<Group> exact = step_of_model(tiny_model(), 0);
    const auto& same = exact[&group - step.data()];
    for (size_t i = 0; i < group.trajectories.size(); ++i) {
      const auto& noisy = group.trajectories[i].completion.logprobs;
      for (size_t t = 0; t < noisy.size(); ++t) {
        sum += std::exp(same.trajectories[i].completion.logprobs[t] - noisy[t]);
        ++count;
      }
    }
  }

  const Learned learned = learn(step, config);

  EXPECT_NEAR(learned.summary.first_ratio, sum / static_cast<double>(count), 1e-5);
  EXPECT_GT(std::abs(learned.summary.first_ratio - 1.0), 1e-3);
}

}  // namespace
}  // namespace stratagram::train
