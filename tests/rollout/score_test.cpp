#include "rollout/score.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/log_softmax.h>
#include <gtest/gtest.h>

#include "tests/support/expect_error.h"
#include "tests/support/tiny_model.h"

namespace stratagram::rollout {
namespace {

const std::vector<ScoreItem> kItems{
    {{1, 2, 3}, {4, 5}}, {{7}, {8, 9, 10, 11}}, {{1, 2, 3, 4, 5, 6}, {7}}};

TEST(Score, IsTheLogSoftmaxOfTheTokenBefore) {
  const model::Transformer model = tiny_model();
  const at::Tensor logp = at::log_softmax(full_pass_logits(model, {7, 8, 9, 10, 11}) / 0.8, -1);

  const std::vector<Scores> scores = score(model, kItems, {.temperature = 0.8});

  ASSERT_EQ(scores[1].logprobs.size(), 4U);
  for (int64_t t = 0; t < 4; ++t) {
    EXPECT_NEAR(scores[1].logprobs[t], logp[t][8 + t].item<double>(), 2e-5) << t;
    EXPECT_NEAR(scores[1].entropies[t], -(logp[t].exp() * logp[t]).sum().item<double>(), 2e-5);
  }
}

TEST(Score, DoesNotDependOnThePacking) {
  const model::Transformer model = tiny_model();
  const std::vector<Scores> together = score(model, kItems, {});
  const std::vector<Scores> apart = score(model, kItems, {.pack_tokens = 1, .head_chunk = 1});

  for (size_t i = 0; i < kItems.size(); ++i) {
    for (size_t t = 0; t < together[i].logprobs.size(); ++t) {
      EXPECT_NEAR(together[i].logprobs[t], apart[i].logprobs[t], 2e-5);
    }
  }
}

TEST(Score, RefusesAnEmptyResponse) {
  const model::Transformer model = tiny_model();
  const std::vector<ScoreItem> items{{{1}, {}}};

  expect_error([&] { (void)score(model, items, {}); }, ErrorKind::kInternal, "1 and 0 tokens");
}

}  // namespace
}  // namespace stratagram::rollout
