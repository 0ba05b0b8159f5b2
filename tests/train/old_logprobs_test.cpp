#include "train/old_logprobs.h"

#include <gmock/gmock.h>

#include "tests/support/tiny_model.h"
#include "tests/support/trained_steps.h"

namespace stratagram::train {
namespace {

Stream probe_stream() {
  return Stream({.seed = 1, .purpose = "gap probe"});
}
constexpr ScoreOptions kOptions{.temperature = kTemperature, .micro_batch_tokens = 30};

TEST(ScoreSequences, EqualsAPlainPassAtTheTemperature) {
  const model::Transformer model = tiny_model({.dtype = at::kDouble});
  const std::vector<Group> step = step_of_model(model, 0);
  const std::vector<Response> responses = flatten(step, {});
  std::vector<Sequence> sequences;
  sequences.reserve(responses.size());
  for (const Response& response : responses) sequences.push_back(response.sequence);

  const std::vector<SequenceScores> scores = score_sequences(model, sequences, kOptions);

  size_t next = 0;
  for (const Group& group : step) {
    for (const Trajectory& trajectory : group.trajectories) {
      const SequenceScores& found = scores[next++];
      ASSERT_EQ(found.logprobs.size(), trajectory.completion.token_ids.size());
      for (size_t t = 0; t < found.logprobs.size(); ++t) {
        // Both are float64 numbers rounded to float32.
        EXPECT_FLOAT_EQ(found.logprobs[t], trajectory.completion.logprobs[t]);
        EXPECT_FLOAT_EQ(found.entropies[t], trajectory.completion.entropies[t]);
      }
    }
  }
}

TEST(OldLogprobs, StayTheRolloutsWhileTheGapIsInsideTheGate) {
  const model::Transformer model = tiny_model();
  const std::vector<Group> step = step_of_model(model, 0);
  std::vector<Response> responses = flatten(step, {});

  const OldLogprobs old = settle_old_logprobs_(
      responses, model, {.gap_probe_tokens = 20}, {.score = kOptions}, probe_stream());

  EXPECT_FALSE(old.recomputed);
  EXPECT_GE(old.gap.num_tokens, 20);
  EXPECT_LT(old.gap.num_tokens, 30);
  for (const Response& response : responses) {
    EXPECT_TRUE(std::equal(response.rollout_logprobs.begin(),
                           response.rollout_logprobs.end(),
                           response.old_logprobs.begin()));
  }
}

TEST(OldLogprobs, AreTheTrainersWhenTheGapIsOutsideTheGate) {
  const model::Transformer model = tiny_model();
  const std::vector<Group> exact = step_of_model(model, 0);
  const std::vector<Group> noisy = step_of_model(model, 0.1);
  std::vector<Response> responses = flatten(noisy, {});

  const OldLogprobs old =
      settle_old_logprobs_(responses, model, {}, {.score = kOptions}, probe_stream());

  EXPECT_TRUE(old.recomputed);
  EXPECT_GT(old.gap.mean_exp(), 1.01);
  const std::vector<float>& wanted = exact[1].trajectories[2].completion.logprobs;
  for (size_t t = 0; t < wanted.size(); ++t) {
    // float32 log-probabilities of size 5.
    EXPECT_NEAR(responses[6].old_logprobs[t], wanted[t], 1e-5);
  }
}

TEST(OldLogprobs, AreLeftToTheOnlyUpdateOfAStep) {
  const model::Transformer model = tiny_model();
  const std::vector<Group> step = step_of_model(model, 0.1);
  std::vector<Response> responses = flatten(step, {});

  const OldLogprobs old = settle_old_logprobs_(responses,
                                               model,
                                               {.old_logprobs = "recomputed"},
                                               {.score = kOptions, .single_update = true},
                                               probe_stream());

  EXPECT_TRUE(old.recomputed);
  for (const Response& response : responses) EXPECT_TRUE(response.old_logprobs.empty());
}

TEST(OldLogprobs, OfResponsesWithoutGradientStayTheRollouts) {
  const model::Transformer model = tiny_model();
  std::vector<Group> step = step_of_model(model, 0.1);
  for (Trajectory& trajectory : step[1].trajectories) {
    std::ranges::fill(trajectory.advantages, 0.0F);
  }
  std::vector<Response> responses = flatten(step, {});

  const OldLogprobs old = settle_old_logprobs_(
      responses, model, {.old_logprobs = "recomputed"}, {.score = kOptions}, probe_stream());

  EXPECT_TRUE(old.recomputed);
  for (const Response& response : responses) {
    const bool kept = std::ranges::equal(response.old_logprobs, response.rollout_logprobs);
    EXPECT_EQ(kept, response.group == 1) << "group " << response.group;
  }
}

TEST(OldLogprobs, ScoreNothingWhenTheRolloutsAreAskedFor) {
  const model::Transformer model = tiny_model();
  const std::vector<Group> step = step_of_model(model, 0.5);
  std::vector<Response> responses = flatten(step, {});

  const OldLogprobs old = settle_old_logprobs_(
      responses, model, {.old_logprobs = "rollout"}, {.score = kOptions}, probe_stream());

  EXPECT_FALSE(old.recomputed);
  EXPECT_EQ(old.gap.num_tokens, 0);
}

TEST(RefLogprobs, AreThoseOfTheReferenceModel) {
  const model::Transformer policy = tiny_model();
  const model::Transformer reference = tiny_model({.seed = 8});
  const std::vector<Group> step = step_of_model(policy, 0);
  const std::vector<Group> of_reference = step_of_model(reference, 0);
  std::vector<Response> responses = flatten(step, {});

  fill_ref_logprobs_(responses, reference, kOptions);

  const std::vector<float>& wanted = of_reference[2].trajectories[0].completion.logprobs;
  for (size_t t = 0; t < wanted.size(); ++t) {
    EXPECT_NEAR(responses[8].ref_logprobs[t], wanted[t], 1e-5);
  }
}

}  // namespace
}  // namespace stratagram::train
