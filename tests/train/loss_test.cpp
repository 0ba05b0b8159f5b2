#include "train/loss.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros_like.h>
#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "core/stream.h"
#include "tests/support/expect_error.h"
#include "tests/support/reference/plain_loss.h"
#include "tests/support/tiny_model.h"

namespace stratagram::train {
namespace {

constexpr int64_t kTokens = 200;

at::Tensor doubles(const std::vector<double>& values) {
  return at::tensor(values, at::TensorOptions().dtype(at::kDouble));
}

// Log ratios up to 1.5 either way: beyond both clips and beyond a dual bound of 2.
LossBatch random_batch(uint64_t seed) {
  const Stream stream({.seed = seed, .purpose = "loss batch"});
  uint64_t position = 0;
  const auto draw = [&](double low, double high) {
    at::Tensor x_N = at::empty({kTokens}, at::TensorOptions().dtype(at::kDouble));
    for (int64_t i = 0; i < kTokens; ++i) {
      x_N.mutable_data_ptr<double>()[i] = low + (high - low) * stream.uniform(position++);
    }
    return x_N;
  };
  const at::Tensor old_N = draw(-4, -0.1);
  return {.logprobs_N = (old_N + draw(-1.5, 1.5)).requires_grad_(true),
          .entropies_N = draw(0, 3).requires_grad_(true),
          .old_logprobs_N = old_N,
          .advantages_N = draw(-1, 1),
          .weights_N = draw(0.001, 0.01),
          .ref_logprobs_N = old_N + draw(-0.3, 0.3)};
}

double value(const at::Tensor& x_N, int64_t i) {
  return x_N.const_data_ptr<double>()[i];
}

PlainToken token_of(const LossBatch& batch, int64_t i) {
  return {.logprob = value(batch.logprobs_N, i),
          .entropy = value(batch.entropies_N, i),
          .old_logprob = value(batch.old_logprobs_N, i),
          .advantage = value(batch.advantages_N, i),
          .ref_logprob = value(batch.ref_logprobs_N, i)};
}

PlainLoss plain_of(const LossConfig& config) {
  return {.low = config.clip_low,
          .high = config.clip_high,
          .dual = config.dual_clip ? config.dual_clip_bound : 0,
          .entropy = config.entropy_coefficient,
          .kl = config.kl_coefficient};
}

std::vector<LossConfig> all_options() {
  return {{},
          {.clip_low = 0.3, .clip_high = 0.1},
          {.dual_clip = true, .dual_clip_bound = 2.0},
          {.entropy_coefficient = 0.05},
          {.kl_coefficient = 0.1},
          {.dual_clip = true,
           .dual_clip_bound = 1.5,
           .entropy_coefficient = 0.01,
           .kl_coefficient = 0.2}};
}

TEST(PolicyLoss, EqualsThePlainReferenceUnderEveryOption) {
  const LossBatch batch = random_batch(1);
  for (const LossConfig& config : all_options()) {
    double plain = 0;
    for (int64_t i = 0; i < kTokens; ++i) {
      plain += value(batch.weights_N, i) * plain_token_loss(token_of(batch, i), plain_of(config));
    }

    // float64 sums of 200 terms.
    EXPECT_NEAR(policy_loss(batch, config).loss.item<double>(), plain, 1e-12);
  }
}

TEST(PolicyLoss, HasTheGradientsOfThePlainReferenceUnderEveryOption) {
  const double step = 1e-6;
  for (const LossConfig& config : all_options()) {
    const LossBatch batch = random_batch(2);
    const PlainLoss plain = plain_of(config);

    policy_loss(batch, config).loss.backward();

    for (int64_t i = 0; i < kTokens; ++i) {
      const double weight = value(batch.weights_N, i);
      PlainToken up = token_of(batch, i);
      PlainToken down = up;
      up.logprob += step;
      down.logprob -= step;
      const double slope =
          weight * (plain_token_loss(up, plain) - plain_token_loss(down, plain)) / (2 * step);
      // Central differences: step^2 and rounding / step, times weights of 0.01.
      EXPECT_NEAR(value(batch.logprobs_N.grad(), i), slope, 1e-10) << i;
      if (config.entropy_coefficient > 0) {
        EXPECT_NEAR(
            value(batch.entropies_N.grad(), i), -weight * config.entropy_coefficient, 1e-15);
      }
    }
  }
}

TEST(PolicyLoss, AsksForNoEntropyGradientWithoutItsCoefficient) {
  const LossBatch batch = random_batch(3);

  policy_loss(batch, {}).loss.backward();

  EXPECT_FALSE(batch.entropies_N.grad().defined());
}

TEST(PolicyLoss, GivesExactlyNoGradientWhereTheAdvantageIsZero) {
  LossBatch batch = random_batch(4);
  batch.advantages_N = at::zeros_like(batch.advantages_N);

  for (const bool dual : {false, true}) {
    const LossResult result = policy_loss(batch, {.dual_clip = dual});
    result.loss.backward();
    EXPECT_EQ(result.stats.policy, 0.0);
    EXPECT_EQ(batch.logprobs_N.grad().abs().max().item<double>(), 0.0);
  }
}

TEST(PolicyLoss, StaysFiniteWhenAClippedRatioOverflows) {
  LossBatch batch = random_batch(5);
  const auto two = [](double a, double b) { return at::tensor({a, b}).to(at::kFloat); };
  // exp(200) is infinite in float32; A > 0 clips it, and dual clip bounds it for A < 0.
  batch = {.logprobs_N = two(-0.1, -0.2).requires_grad_(true),
           .entropies_N = two(1, 1),
           .old_logprobs_N = two(-200, -200),
           .advantages_N = two(1, -1),
           .weights_N = two(0.5, 0.5)};

  const LossResult result = policy_loss(batch, {.dual_clip = true, .dual_clip_bound = 3.0});
  result.loss.backward();

  EXPECT_NEAR(result.loss.item<double>(), -0.5 * 1.28 + 0.5 * 3.0, 1e-6);
  EXPECT_EQ(batch.logprobs_N.grad().abs().max().item<double>(), 0.0);
}

TEST(PolicyLoss, IsNotFiniteWhenAnUnclippedRatioOverflows) {
  const at::Tensor one = doubles({1});
  const LossResult result = policy_loss({.logprobs_N = doubles({-0.1}),
                                         .entropies_N = one,
                                         .old_logprobs_N = doubles({-2000}),
                                         .advantages_N = -one,
                                         .weights_N = one},
                                        {});

  EXPECT_FALSE(std::isfinite(result.stats.loss));
}

TEST(PolicyLoss, RewardsEntropyAndPunishesDivergence) {
  const LossBatch batch = random_batch(6);
  const double plain = policy_loss(batch, {}).loss.item<double>();

  EXPECT_LT(policy_loss(batch, {.entropy_coefficient = 0.1}).loss.item<double>(), plain);
  EXPECT_GT(policy_loss(batch, {.kl_coefficient = 0.1}).loss.item<double>(), plain);
}

TEST(PolicyLoss, PullsALogProbabilityTowardsItsReference) {
  const at::Tensor logprobs_N = doubles({-1, -3}).requires_grad_(true);
  const at::Tensor ones_N = doubles({1, 1});

  policy_loss({.logprobs_N = logprobs_N,
               .entropies_N = ones_N,
               .old_logprobs_N = logprobs_N.detach(),
               .advantages_N = at::zeros_like(ones_N),
               .weights_N = ones_N,
               .ref_logprobs_N = doubles({-2, -2})},
              {.kl_coefficient = 1.0})
      .loss.backward();

  // d/dlogp (exp(r) - r - 1) = 1 - exp(r) with r = ref - logp.
  EXPECT_NEAR(value(logprobs_N.grad(), 0), 1 - std::exp(-1.0), 1e-12);
  EXPECT_NEAR(value(logprobs_N.grad(), 1), 1 - std::exp(1.0), 1e-12);
}

TEST(LossStats, CountWhatEachClipCut) {
  const at::Tensor log_ratio_N = at::log(doubles({0.7, 0.7, 1.1, 1.3, 1.3, 2.5}));
  const at::Tensor zeros_N = at::zeros_like(log_ratio_N);

  const LossStats stats = policy_loss({.logprobs_N = log_ratio_N,
                                       .entropies_N = zeros_N,
                                       .old_logprobs_N = zeros_N,
                                       .advantages_N = doubles({1, -1, 1, 1, -1, -1}),
                                       .weights_N = zeros_N},
                                      {.dual_clip = true, .dual_clip_bound = 2.0})
                              .stats;

  EXPECT_EQ(stats.num_tokens, 6);
  EXPECT_EQ(stats.num_clipped_low, 1);
  EXPECT_EQ(stats.num_clipped_high, 1);
  EXPECT_EQ(stats.num_clipped_dual, 1);
  EXPECT_NEAR(stats.ratio_max, 2.5, 1e-12);
  EXPECT_NEAR(stats.ratio_mean(), (0.7 + 0.7 + 1.1 + 1.3 + 1.3 + 2.5) / 6, 1e-12);
}

TEST(LossStats, OfPartsAddUpToThoseOfTheWhole) {
  const LossBatch whole = random_batch(7);
  const LossConfig config{.entropy_coefficient = 0.1, .kl_coefficient = 0.1};
  const auto part = [&](int64_t begin, int64_t length) {
    const auto cut = [&](const at::Tensor& x_N) { return x_N.detach().narrow(0, begin, length); };
    return policy_loss({.logprobs_N = cut(whole.logprobs_N),
                        .entropies_N = cut(whole.entropies_N),
                        .old_logprobs_N = cut(whole.old_logprobs_N),
                        .advantages_N = cut(whole.advantages_N),
                        .weights_N = cut(whole.weights_N),
                        .ref_logprobs_N = cut(whole.ref_logprobs_N)},
                       config)
        .stats;
  };

  LossStats sum = part(0, 70);
  sum.add(part(70, 0));
  sum.add(part(70, 130));

  const LossStats stats = policy_loss(whole, config).stats;
  EXPECT_NEAR(sum.loss, stats.loss, 1e-12);
  EXPECT_NEAR(sum.policy, stats.policy, 1e-12);
  EXPECT_NEAR(sum.entropy, stats.entropy, 1e-12);
  EXPECT_NEAR(sum.kl, stats.kl, 1e-12);
  EXPECT_NEAR(stats.policy - 0.1 * stats.entropy + 0.1 * stats.kl, stats.loss, 1e-12);
  EXPECT_EQ(sum.num_clipped_low, stats.num_clipped_low);
  EXPECT_EQ(sum.num_clipped_high, stats.num_clipped_high);
  EXPECT_EQ(sum.ratio_max, stats.ratio_max);
}

TEST(PolicyLoss, NamesTheTensorThatDoesNotFit) {
  LossBatch batch = random_batch(8);
  batch.ref_logprobs_N = at::Tensor();
  EXPECT_NO_THROW((void)policy_loss(batch, {}));
  expect_error([&] { (void)policy_loss(batch, {.kl_coefficient = 0.1}); },
               ErrorKind::kInternal,
               "ref_logprobs_N: wanted Double [200] as logprobs_N, got nothing");

  batch.advantages_N = batch.advantages_N.to(at::kFloat);
  expect_error(
      [&] { (void)policy_loss(batch, {}); }, ErrorKind::kInternal, "advantages_N: wanted Double");
}

}  // namespace
}  // namespace stratagram::train
