// The measurements of a step against a plain reference, against numbers worked out by hand, and
// what is absent without data.
#include "train/measure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/stream.h"
#include "grams/tag.h"
#include "tests/support/reference/plain_measure.h"

namespace stratagram::train {
namespace {

grams::Matcher matcher_of(bool clustered = true) {
  return grams::Matcher({.name = "test",
                         .source = "",
                         .corpus_digest = "",
                         .grams = {{.text = "wait", .cluster = clustered ? 0 : -1},
                                   {.text = "so", .cluster = clustered ? 0 : -1},
                                   {.text = "instead", .cluster = clustered ? 1 : -1}}});
}

PlainGrams plain_catalogue(const GramsSection& config, bool clustered = true) {
  return {.cluster_of = {{"wait", clustered ? "x" : ""},
                         {"so", clustered ? "x" : ""},
                         {"instead", clustered ? "y" : ""}},
          .draws = config.rarefied_draws,
          .follower_words = config.follower_words};
}

// One token a word, the blank before it included; keyed log-probabilities and entropies.
Trajectory response_of(const std::vector<std::string>& words, uint64_t key) {
  const Stream stream({.seed = key, .purpose = "measured response"});
  Trajectory trajectory;
  Completion& completion = trajectory.completion;
  for (size_t w = 0; w < words.size(); ++w) {
    const auto begin = static_cast<int64_t>(completion.text.size());
    completion.text += (w == 0 ? "" : " ") + words[w];
    completion.byte_ranges.push_back({begin, static_cast<int64_t>(completion.text.size())});
    completion.token_ids.push_back(static_cast<int32_t>(w));
    completion.logprobs.push_back(static_cast<float>(-3 * stream.uniform(2 * w)));
    completion.entropies.push_back(static_cast<float>(2 * stream.uniform(2 * w + 1)));
  }
  completion.finish = Finish::kStop;
  grams::Tagging tagging = grams::tag(matcher_of(), completion.text, completion.byte_ranges);
  trajectory.planning_mask = std::move(tagging.mask);
  trajectory.planning_spans = std::move(tagging.spans);
  return trajectory;
}

std::vector<Group> random_step(uint64_t key) {
  const Stream stream({.seed = key, .purpose = "measured step"});
  const std::vector<std::string> vocabulary{"wait", "so", "instead", "we", "add", "7", "12"};
  uint64_t position = 0;
  std::vector<Group> step(2 + key % 3);
  for (Group& group : step) {
    for (uint64_t i = 0; i < 3; ++i) {
      std::vector<std::string> words;
      for (uint64_t left = 1 + stream.below(6, position++); left > 0; --left) {
        words.push_back(vocabulary[stream.below(vocabulary.size(), position++)]);
      }
      Trajectory trajectory = response_of(words, 1000 * key + position);
      trajectory.judgement.verdict = static_cast<Verdict>(stream.below(5, position++));
      trajectory.judgement.reward = stream.below(2, position++) == 0 ? 0.0 : 1.0;
      if (stream.below(3, position++) == 0) trajectory.completion.finish = Finish::kLength;
      group.trajectories.push_back(std::move(trajectory));
    }
  }
  return step;
}

Group group_of(std::vector<Trajectory> trajectories) {
  Group group;
  group.trajectories = std::move(trajectories);
  return group;
}

metrics::StepRecord measured(const std::vector<Group>& step,
                             const GramsSection& config,
                             bool clustered = true) {
  metrics::StepRecord record(0);
  Baseline baseline;
  measure_outcomes(step, record);
  measure_tokens(step, config, baseline, record);
  measure_grams(step, matcher_of(clustered), config, record);
  return record;
}

void expect_equal(const metrics::StepRecord& got, const PlainRecord& wanted) {
  for (const metrics::ScalarDoc& doc : metrics::known_scalars()) {
    const auto found = wanted.find(doc.name);
    const std::optional<double> value = got.find(doc.name);
    ASSERT_EQ(value.has_value(), found != wanted.end()) << doc.name;
    // Sums in another order.
    if (value) {
      EXPECT_NEAR(*value, found->second, 1e-9) << doc.name;
    }
  }
}

TEST(Measure, EqualsThePlainReferenceOnRandomSteps) {
  int64_t num_conditional = 0;
  for (uint64_t key = 0; key < 60; ++key) {
    const GramsSection config{.rarefied_draws = 2 + static_cast<int64_t>(key % 3),
                              .follower_words = 1 + static_cast<int64_t>(key % 2),
                              .fork_share = 0.3};
    std::vector<Group> step = random_step(key);

    PlainRecord wanted;
    plain_outcomes(step, wanted);
    plain_tokens(step, config.fork_share, wanted);
    plain_grams(step, plain_catalogue(config), wanted);

    expect_equal(measured(step, config), wanted);
    num_conditional += wanted.contains("conditional_entropy/rarefied") ? 1 : 0;
  }
  EXPECT_GT(num_conditional, 10);  // the cases are not all empty ones
}

// Four tokens: planning with log-probability -log 2 and entropy 1, execution with -log 4, -log 16
// and 0 and entropies 0.5, 2 and 0.
std::vector<Group> step_by_hand() {
  Trajectory trajectory = response_of({"wait", "we", "add", "7"}, 1);
  trajectory.completion.logprobs = {-std::log(2.0F), -std::log(4.0F), -std::log(16.0F), 0.0F};
  trajectory.completion.entropies = {1.0F, 0.5F, 2.0F, 0.0F};
  trajectory.judgement = {.verdict = Verdict::kCorrect, .reward = 1.0};
  return {group_of({trajectory})};
}

TEST(Measure, HasPerplexitiesEntropiesAndForkSharesKnownByHand) {
  const metrics::StepRecord record = measured(step_by_hand(), {.fork_share = 0.5});

  EXPECT_NEAR(record.find("ppl/planning").value(), 2.0, 1e-6);
  EXPECT_NEAR(record.find("ppl/execution").value(), 4.0, 1e-6);  // (2 + 4 + 0) / 3 bits
  EXPECT_DOUBLE_EQ(record.find("entropy/planning").value(), 1.0);
  EXPECT_NEAR(record.find("entropy/execution").value(), 2.5 / 3, 1e-12);
  EXPECT_DOUBLE_EQ(record.find("entropy/all").value(), 3.5 / 4);
  EXPECT_DOUBLE_EQ(record.find("planning/share").value(), 0.25);
  EXPECT_DOUBLE_EQ(record.find("fork/high_given_planning").value(), 1.0);
  EXPECT_DOUBLE_EQ(record.find("fork/planning_given_high").value(), 0.5);
}

TEST(Measure, HasEntropiesOfGramsKnownByHand) {
  const std::vector<Group> step{group_of(
      {response_of({"wait", "7", "wait", "12"}, 1), response_of({"so", "we", "so", "add"}, 2)})};

  const metrics::StepRecord record = measured(step, {.rarefied_draws = 2, .follower_words = 1});

  const double log2 = std::log(2.0);
  EXPECT_NEAR(record.find("semantic_entropy/plain").value(), log2, 1e-12);
  EXPECT_NEAR(record.find("semantic_entropy/miller_madow").value(), log2 + 1.0 / 8, 1e-12);
  // Of the 6 pairs of occurrences 4 differ.
  EXPECT_NEAR(record.find("semantic_entropy/rarefied").value(), log2 * 4 / 6, 1e-12);
  EXPECT_DOUBLE_EQ(record.find("semantic_entropy/cluster").value(), 0.0);
  // After "wait" always a number, after "so" one of two words.
  EXPECT_NEAR(record.find("conditional_entropy/plain").value(), log2 / 2, 1e-12);
}

struct Absence {
  std::vector<std::string> words;
  std::vector<const char*> absent;
  std::vector<const char*> present;
};

TEST(Measure, LeavesOutWhatHasNoData) {
  const std::vector<Absence> cases{
      {.words = {"we", "add", "7"},
       .absent = {"ppl/planning",
                  "relative_ppl/planning",
                  "entropy/planning",
                  "fork/high_given_planning",
                  "semantic_entropy/plain",
                  "semantic_entropy/miller_madow",
                  "semantic_entropy/rarefied",
                  "semantic_entropy/cluster",
                  "conditional_entropy/plain"},
       .present = {"ppl/execution", "entropy/all", "planning/share", "fork/planning_given_high"}},
      {.words = {"wait", "so"},
       .absent = {"ppl/execution",
                  "relative_ppl/execution",
                  "entropy/execution",
                  "conditional_entropy/plain",
                  "conditional_entropy/rarefied"},
       .present = {"ppl/planning", "entropy/all", "semantic_entropy/plain"}},
      {.words = {"wait", "we", "add"},
       .absent = {"semantic_entropy/plain",
                  "semantic_entropy/miller_madow",
                  "semantic_entropy/rarefied",
                  "semantic_entropy/cluster",
                  "conditional_entropy/plain"},
       .present = {"ppl/planning", "ppl/execution"}},
      {.words = {"wait", "so", "we", "wait", "7"},
       .absent = {"semantic_entropy/rarefied", "conditional_entropy/rarefied"},
       .present = {
           "semantic_entropy/plain", "semantic_entropy/cluster", "conditional_entropy/plain"}}};
  for (const Absence& c : cases) {
    const metrics::StepRecord record =
        measured({group_of({response_of(c.words, 3)})}, {.rarefied_draws = 4, .follower_words = 1});

    for (const char* name : c.absent) {
      EXPECT_FALSE(record.find(name).has_value()) << c.words[0] << " " << name;
    }
    for (const char* name : c.present) {
      EXPECT_TRUE(record.find(name).has_value()) << c.words[0] << " " << name;
    }
  }
}

TEST(Measure, LeavesOutClustersOfACatalogueThatHasNone) {
  const std::vector<Group> step{group_of({response_of({"wait", "so", "wait"}, 1)})};

  const metrics::StepRecord record = measured(step, {.rarefied_draws = 2}, /*clustered=*/false);

  EXPECT_FALSE(record.find("semantic_entropy/cluster").has_value());
  EXPECT_TRUE(record.find("semantic_entropy/plain").has_value());
}

TEST(Measure, WritesNothingForAStepWithoutResponses) {
  const metrics::StepRecord record = measured({}, {});

  EXPECT_EQ(record.to_json().dump(), R"({"step":0})");
}

TEST(RelativePerplexity, DividesByTheFirstStepThatHadSuchTokens) {
  const std::vector<Group> without{group_of({response_of({"we", "add"}, 1)})};
  Baseline baseline;
  metrics::StepRecord first(0), second(1), third(2);
  std::vector<Group> surer = step_by_hand();
  surer[0].trajectories[0].completion.logprobs = {0.0F, 0.0F, 0.0F, 0.0F};

  measure_tokens(without, {}, baseline, first);
  measure_tokens(step_by_hand(), {}, baseline, second);
  measure_tokens(surer, {}, baseline, third);

  EXPECT_FALSE(first.find("relative_ppl/planning").has_value());
  EXPECT_DOUBLE_EQ(second.find("relative_ppl/planning").value(), 1.0);
  EXPECT_NEAR(third.find("relative_ppl/planning").value(), 0.5, 1e-6);
  EXPECT_NEAR(third.find("relative_ppl/execution").value(),
              1.0 / first.find("ppl/execution").value(),
              1e-9);
}

// 3 prompt tokens a group, computed once for its responses.
std::vector<Group> step_of_lengths(const std::vector<std::vector<size_t>>& lengths) {
  std::vector<Group> step;
  for (const std::vector<size_t>& group : lengths) {
    step.emplace_back().prompt.token_ids = {1, 2, 3};
    for (const size_t length : group) {
      step.back().trajectories.emplace_back().completion.token_ids.assign(length, 7);
    }
  }
  return step;
}

TEST(MeasureTimes, GiveRatesAndUtilisationsOfThePartsTheyBelongTo) {
  const std::vector<Group> drawn = step_of_lengths({{5, 5}, {10, 30}});
  metrics::StepRecord record(0);

  measure_times(
      drawn,
      {.num_parameters = 1000, .num_input_tokens = 70, .num_trained_tokens = 40, .gemm_peak = 1e6},
      {.rollout = 2.0, .reward = 0.5, .train = 4.0, .total = 7.0},
      record);

  EXPECT_EQ(record.find("time/rollout"), 2.0);
  EXPECT_EQ(record.find("time/reward"), 0.5);
  EXPECT_EQ(record.find("time/train"), 4.0);
  EXPECT_EQ(record.find("time/total"), 7.0);
  EXPECT_DOUBLE_EQ(record.find("speed/rollout").value(), 50 / 2.0);
  EXPECT_DOUBLE_EQ(record.find("speed/train").value(), 40 / 4.0);
  EXPECT_DOUBLE_EQ(record.find("speed/utilisation").value(), 6.0 * 1000 * 70 / 4.0 / 1e6);
  EXPECT_DOUBLE_EQ(record.find("speed/utilisation_rollout").value(),
                   2.0 * 1000 * (2 * 3 + 50) / 2.0 / 1e6);
}

TEST(MeasureTimes, LeaveOutUtilisationsWithoutAPeakOrPasses) {
  const std::vector<Group> drawn = step_of_lengths({{5, 5}});
  const StepTimes times{.rollout = 2.0, .reward = 0.5, .train = 4.0, .total = 7.0};
  metrics::StepRecord no_peak(0);
  metrics::StepRecord no_passes(0);

  measure_times(drawn, {.num_parameters = 10, .num_input_tokens = 5}, times, no_peak);
  measure_times(drawn, {.num_parameters = 10, .gemm_peak = 1e6}, times, no_passes);

  EXPECT_FALSE(no_peak.find("speed/utilisation"));
  EXPECT_FALSE(no_peak.find("speed/utilisation_rollout"));
  EXPECT_FALSE(no_passes.find("speed/utilisation"));
  EXPECT_TRUE(no_passes.find("speed/utilisation_rollout"));
}

TEST(FactsOf, CountWhatTheGuardsLookAt) {
  std::vector<Group> step = random_step(4);
  step[0].trajectories[0].completion.finish = Finish::kLength;
  step[0].trajectories[0].judgement.verdict = Verdict::kUnparseable;
  for (Trajectory& trajectory : step[0].trajectories) trajectory.judgement.reward = 1;

  const StepFacts facts = facts_of(step);

  StepFacts wanted;
  for (const Group& group : step) {
    ++wanted.num_groups;
    bool spread = false;
    for (const Trajectory& r : group.trajectories) {
      ++wanted.num_responses;
      spread |= r.judgement.reward != group.trajectories[0].judgement.reward;
      wanted.num_truncated += r.completion.finish == Finish::kLength ? 1 : 0;
      wanted.num_unparseable += r.judgement.verdict == Verdict::kUnparseable ? 1 : 0;
      for (const uint8_t bit : r.planning_mask) wanted.num_planning_tokens += bit;
    }
    wanted.num_zero_spread += spread ? 0 : 1;
  }
  EXPECT_EQ(facts.num_responses, wanted.num_responses);
  EXPECT_EQ(facts.num_truncated, wanted.num_truncated);
  EXPECT_EQ(facts.num_unparseable, wanted.num_unparseable);
  EXPECT_EQ(facts.num_groups, wanted.num_groups);
  EXPECT_EQ(facts.num_zero_spread, wanted.num_zero_spread);
  EXPECT_EQ(facts.num_planning_tokens, wanted.num_planning_tokens);
}

}  // namespace
}  // namespace stratagram::train
