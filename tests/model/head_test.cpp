#include "model/head.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/log_softmax.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "model/logit_blocks.h"
#include "tests/support/tiny_model.h"

namespace stratagram::model {
namespace {

struct Case {
  at::Tensor hidden, weight, targets, logprob_weights, entropy_weights;
};

// Fixed values without a global generator: sines of increasing arguments.
at::Tensor waves(const std::vector<int64_t>& shape, double phase, at::ScalarType dtype) {
  at::Tensor x = at::empty(shape, at::TensorOptions().dtype(at::kDouble));
  auto* values = x.mutable_data_ptr<double>();
  for (int64_t i = 0; i < x.numel(); ++i) {
    values[i] = std::sin(phase + 1.7 * static_cast<double>(i) + 0.01 * static_cast<double>(i * i));
  }
  return x.to(dtype);
}

Case make_case(at::ScalarType dtype) {
  return {.hidden = waves({7, 5}, 0.3, dtype).requires_grad_(true),
          .weight = waves({11, 5}, 1.1, dtype).requires_grad_(true),
          .targets = ids_tensor({0, 3, 10, 3, 7, 1, 5}),
          .logprob_weights = waves({7}, 2.0, dtype),
          .entropy_weights = waves({7}, 4.0, dtype)};
}

TokenScores plain_scores(const Case& c, double temperature) {
  const at::Tensor logp = at::log_softmax(at::linear(c.hidden, c.weight) / temperature, -1);
  return {.logprobs_N = logp.gather(1, c.targets.unsqueeze(1)).squeeze(1),
          .entropies_N = -(logp.exp() * logp).sum(-1)};
}

at::Tensor weighted(const Case& c, const TokenScores& scores) {
  return (scores.logprobs_N * c.logprob_weights + scores.entropies_N * c.entropy_weights).sum();
}

// One running float32 sum over such a vocabulary is wrong by more than 1e-4 nats.
TEST(TokenScores, KeepTheAccuracyOfFloat32OverALargeVocabulary) {
  const at::Tensor hidden = waves({7, 8}, 0.3, at::kFloat);
  const at::Tensor weight = waves({150001, 8}, 1.1, at::kFloat);
  const at::Tensor targets = ids_tensor({0, 3, 150000, 3, 7, 1, 5});

  const TokenScores scores = token_scores(hidden, weight, targets, {});
  const TokenScores exact =
      token_scores(hidden.to(at::kDouble), weight.to(at::kDouble), targets, {});

  EXPECT_LT(max_difference(scores.logprobs_N.to(at::kDouble), exact.logprobs_N), 2e-5);
  EXPECT_LT(max_difference(scores.entropies_N.to(at::kDouble), exact.entropies_N), 2e-5);
}

TEST(TokenScores, EqualThePlainLogSoftmaxForEveryChunkSize) {
  const Case c = make_case(at::kDouble);
  const TokenScores plain = plain_scores(c, 0.7);

  for (const int64_t chunk : {1, 2, 3, 7, 100}) {
    const TokenScores scores =
        token_scores(c.hidden, c.weight, c.targets, {.temperature = 0.7, .chunk_tokens = chunk});
    // float64: only rounding may differ.
    EXPECT_LT(max_difference(scores.logprobs_N, plain.logprobs_N), 1e-13) << chunk;
    EXPECT_LT(max_difference(scores.entropies_N, plain.entropies_N), 1e-13) << chunk;
  }
}

TEST(TokenScores, HaveTheGradientsOfThePlainLogSoftmax) {
  const Case plain_case = make_case(at::kDouble);
  weighted(plain_case, plain_scores(plain_case, 0.7)).backward();

  for (const int64_t chunk : {1, 3, 100}) {
    const Case c = make_case(at::kDouble);
    weighted(
        c, token_scores(c.hidden, c.weight, c.targets, {.temperature = 0.7, .chunk_tokens = chunk}))
        .backward();
    EXPECT_LT(max_difference(c.hidden.grad(), plain_case.hidden.grad()), 1e-13) << chunk;
    EXPECT_LT(max_difference(c.weight.grad(), plain_case.weight.grad()), 1e-13) << chunk;
  }
}

// The kernels against libtorch's operators, value and gradient, over several blocks of columns.
TEST(TokenScores, EqualTheReferenceByRows) {
  for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16}) {
    std::vector<at::Tensor> results[2];
    for (const bool by_rows : {false, true}) {
      const at::Tensor hidden = waves({3000, 24}, 0.3, dtype).requires_grad_(true);
      const at::Tensor weight = waves({12345, 24}, 1.1, dtype).requires_grad_(true);
      std::vector<int64_t> targets(3000);
      for (int64_t i = 0; i < 3000; ++i) targets[i] = i * 7919 % 12345;
      ASSERT_LT(logit_shape(3000, weight).columns, 12345);
      const TokenScores scores = token_scores(
          hidden, weight, ids_tensor(targets), {.temperature = 0.9, .by_rows = by_rows});
      (scores.logprobs_N * waves({3000}, 2.0, at::kFloat) +
       scores.entropies_N * waves({3000}, 4.0, at::kFloat))
          .sum()
          .backward();
      results[by_rows ? 1 : 0] = {
          scores.logprobs_N.detach(), scores.entropies_N.detach(), hidden.grad(), weight.grad()};
    }
    // Values are float32 in both dtypes; gradients of bfloat16 may differ by a unit in the last of
    // its 8 bits, since the two sum other blocks.
    const double unit = dtype == at::kFloat ? 4e-6 : 0.0079;
    for (size_t i = 0; i < 4; ++i) {
      const at::Tensor& wanted = results[1][i];
      const double size = std::max(1.0, wanted.abs().max().item<double>());
      EXPECT_LT(max_difference(results[0][i].to(at::kFloat), wanted.to(at::kFloat)),
                size * (i < 2 ? 4e-6 : unit))
          << "result " << i << ", " << dtype;
    }
  }
}

// Scores and gradients, those of two backward passes one after the other.
std::vector<at::Tensor> twice_pulled(at::ScalarType dtype, int64_t kept_mb) {
  const at::Tensor hidden = waves({2000, 8}, 0.3, dtype).requires_grad_(true);
  const at::Tensor weight = waves({9000, 8}, 1.1, dtype).requires_grad_(true);
  std::vector<int64_t> targets(2000);
  for (int64_t i = 0; i < 2000; ++i) targets[i] = i * 7919 % 9000;
  const TokenScores scores =
      token_scores(hidden, weight, ids_tensor(targets), {.temperature = 0.9, .kept_mb = kept_mb});
  const at::Tensor sum = (scores.logprobs_N * waves({2000}, 2.0, at::kFloat) +
                          scores.entropies_N * waves({2000}, 4.0, at::kFloat))
                             .sum();
  std::vector<at::Tensor> results{scores.logprobs_N.detach(), scores.entropies_N.detach()};
  for (const bool again : {true, false}) {
    hidden.mutable_grad().reset();
    weight.mutable_grad().reset();
    sum.backward({}, /*retain_graph=*/again);
    results.push_back(hidden.grad());
    results.push_back(weight.grad());
  }
  return results;
}

TEST(TokenScores, AreTheSameBitsWithLogitsKeptOfNoneSomeOrAllBlocks) {
  for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16}) {
    const LogitShape shape = logit_shape(2000, waves({9000, 8}, 1.1, dtype));
    ASSERT_GT(shape.num_blocks, 2);
    const std::vector<at::Tensor> wanted = twice_pulled(dtype, 0);
    for (const int64_t kept_mb : {20, 1000}) {
      ASSERT_GT(shape.num_within(kept_mb), 0);
      ASSERT_EQ(shape.num_within(kept_mb) == shape.num_blocks, kept_mb == 1000);

      const std::vector<at::Tensor> results = twice_pulled(dtype, kept_mb);

      for (size_t i = 0; i < results.size(); ++i) {
        EXPECT_TRUE(results[i].equal(wanted[i]))
            << "result " << i << ", " << dtype << ", " << kept_mb;
      }
    }
    // The second backward pass is the first once more.
    EXPECT_TRUE(wanted[2].equal(wanted[4]));
    EXPECT_TRUE(wanted[3].equal(wanted[5]));
  }
}

TEST(TokenScores, AreNotMultipliedAgainWhereTheirLogitsAreKept) {
  // The weight's gradient, from logits of ones where the backward pass multiplies by the weight.
  const auto gradient = [](int64_t kept_mb, bool overwrites) {
    const at::Tensor hidden = waves({2000, 8}, 0.3, at::kFloat).requires_grad_(true);
    const at::Tensor weight = waves({9000, 8}, 1.1, at::kFloat).requires_grad_(true);
    const at::Tensor targets = ids_tensor(std::vector<int64_t>(2000, 5));
    const TokenScores scores = token_scores(hidden, weight, targets, {.kept_mb = kept_mb});
    // Behind the back of libtorch, which forbids it.
    if (overwrites) std::fill_n(weight.mutable_data_ptr<float>(), weight.numel(), 1.0F);
    scores.logprobs_N.sum().backward();
    return weight.grad();
  };
  const at::Tensor wanted = gradient(1000, false);

  EXPECT_TRUE(gradient(1000, true).equal(wanted));
  EXPECT_FALSE(gradient(0, true).equal(wanted));
}

TEST(TokenScores, HaveGradientsThroughEachOutputAlone) {
  for (const bool use_entropy : {false, true}) {
    const Case plain_case = make_case(at::kDouble);
    const TokenScores plain = plain_scores(plain_case, 1.3);
    (use_entropy ? plain.entropies_N : plain.logprobs_N).sum().backward();
    const Case c = make_case(at::kDouble);
    const TokenScores scores =
        token_scores(c.hidden, c.weight, c.targets, {.temperature = 1.3, .chunk_tokens = 2});
    (use_entropy ? scores.entropies_N : scores.logprobs_N).sum().backward();

    EXPECT_LT(max_difference(c.hidden.grad(), plain_case.hidden.grad()), 1e-13);
    EXPECT_LT(max_difference(c.weight.grad(), plain_case.weight.grad()), 1e-13);
  }
}

TEST(TokenScores, AreFloat32ForBfloat16Weights) {
  const Case c = make_case(at::kBFloat16);
  const TokenScores scores = token_scores(c.hidden, c.weight, c.targets, {});

  EXPECT_EQ(scores.logprobs_N.scalar_type(), at::kFloat);
  const TokenScores plain = plain_scores(make_case(at::kDouble), 1.0);
  // 8 bits of mantissa in logits of size 3.
  EXPECT_LT(max_difference(scores.logprobs_N, plain.logprobs_N), 0.05);
}

TEST(TokenScores, AreUnchangedByAShiftOfAllLogits) {
  const Case c = make_case(at::kDouble);
  const at::Tensor shifted = at::cat({c.weight, c.weight.new_full({11, 1}, 300.0)}, 1);
  const at::Tensor hidden = at::cat({c.hidden, c.hidden.new_ones({7, 1})}, 1);

  // exp(300) overflows float32 but not a normalised sum.
  EXPECT_LT(max_difference(token_scores(hidden, shifted, c.targets, {}).logprobs_N,
                           token_scores(c.hidden, c.weight, c.targets, {}).logprobs_N),
            1e-11);
}

TEST(TokenScores, NameTheArgumentThatIsWrong) {
  const Case c = make_case(at::kFloat);

  try {
    (void)token_scores(c.hidden, c.weight, c.targets.narrow(0, 0, 3), {});
    FAIL() << "three targets for seven rows were taken";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr("targets [7]"));
  }
}

}  // namespace
}  // namespace stratagram::model
