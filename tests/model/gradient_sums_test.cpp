#include "model/gradient_sums.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <tuple>
#include <vector>

#include "model/block_products.h"
#include "model/head.h"
#include "tests/support/tiny_model.h"

namespace stratagram::model {
namespace {

at::Tensor wave(const std::vector<int64_t>& shape, double pace) {
  int64_t count = 1;
  for (const int64_t n : shape) count *= n;
  return (at::arange(count, at::kDouble) * pace).sin().view(shape).to(at::kBFloat16);
}

class BlockProducts : public testing::Test {
 protected:
  void SetUp() override {
    if (!has_block_products(at::zeros({1}, at::kBFloat16))) {
      GTEST_SKIP() << "this processor has no instructions for bfloat16 products";
    }
  }
};

// The gradient of some columns' weights, added to what is there.
TEST_F(BlockProducts, AddTheGradientOfAWeight) {
  for (const auto& [rows, outputs, inputs] :
       {std::tuple<int64_t, int64_t, int64_t>{1, 1, 1}, {3, 7, 5}, {64, 64, 64}, {33, 100, 65},
        {300, 960, 48}, {515, 20, 130}, {256, 800, 16}}) {
    const at::Tensor x_NI = wave({rows, inputs}, 0.37);
    const at::Tensor wide = wave({rows, outputs + 9}, 0.91);
    const at::Tensor gradient_NO = wide.narrow(1, 4, outputs);
    const at::Tensor sums_OI = at::ones({outputs, inputs}, at::kFloat);

    GradientRows(x_NI).add_product_(sums_OI, gradient_NO);

    const at::Tensor wanted =
        gradient_NO.to(at::kDouble).t().mm(x_NI.to(at::kDouble)) + 1.0;
    // Float32 sums of exact products.
    EXPECT_LT(max_difference(sums_OI.to(at::kDouble), wanted), 1e-6 * static_cast<double>(rows + 9))
        << rows << " x " << outputs << " x " << inputs;
  }
}

TEST_F(BlockProducts, DoNotDependOnTheNumberOfThreads) {
  const at::Tensor x_NI = wave({300, 70}, 0.37);
  const at::Tensor gradient_NO = wave({300, 500}, 0.91);
  const int threads = at::get_num_threads();
  std::vector<at::Tensor> results;
  for (const int count : {1, 2, 3}) {
    at::set_num_threads(count);
    results.push_back(at::zeros({500, 70}, at::kFloat));
    GradientRows(x_NI).add_product_(results.back(), gradient_NO);
  }
  at::set_num_threads(threads);
  EXPECT_TRUE(results[0].equal(results[1]));
  EXPECT_TRUE(results[0].equal(results[2]));
}

TEST(GradientSums, KeepWhatBfloat16SumsWouldLose) {
  const at::Tensor weight = at::zeros({1, 1}, at::kBFloat16);
  want_gradient_(weight);

  for (const double gradient : {256.0, 1.0, 1.0, 1.0, 1.0}) (weight * gradient).sum().backward();

  // In bfloat16, 256 + 1 is 256.
  EXPECT_EQ(weight.grad().item<double>(), 260.0);
  EXPECT_EQ(weight.grad().scalar_type(), at::kFloat);
}

TEST(GradientSums, TakeOverAGradientThatIsThere) {
  const at::Tensor weight = at::zeros({2}, at::kBFloat16);
  weight.requires_grad_(true);
  (weight * 3.0).sum().backward();
  ASSERT_EQ(weight.grad().scalar_type(), at::kBFloat16);

  want_gradient_(weight);
  (weight * 2.0).sum().backward();

  EXPECT_EQ(weight.grad().scalar_type(), at::kFloat);
  EXPECT_EQ(weight.grad().max().item<double>(), 5.0);
}

TEST(GradientSums, LeaveOtherDtypesAsTheyAre) {
  for (const at::ScalarType dtype : {at::kFloat, at::kDouble}) {
    const at::Tensor weight = at::zeros({2}, dtype);
    want_gradient_(weight);
    EXPECT_FALSE(gradient_sum_of(weight).defined());
    (weight * 3.0).sum().backward();
    EXPECT_EQ(weight.grad().scalar_type(), dtype);
  }
}

// Every dtype and both kinds of weights: with their sum, and with autograd's gradient.
TEST(GradientSums, EmbedPullsEachTokensRow) {
  const at::Tensor tokens_N = ids_tensor({3, 0, 3, 3, 9, 0, 5});
  for (const at::ScalarType dtype : {at::kDouble, at::kFloat, at::kBFloat16}) {
    for (const bool summed : {false, true}) {
      const at::Tensor weight_VD = wave({10, 37}, 0.3).to(dtype);
      if (summed) {
        want_gradient_(weight_VD);
      } else {
        weight_VD.requires_grad_(true);
      }
      const at::Tensor pull_ND = wave({7, 37}, 0.7);
      for (int pass = 0; pass < 2; ++pass) {
        const at::Tensor rows_ND = embed(weight_VD, tokens_N);
        EXPECT_TRUE(rows_ND.equal(at::embedding(weight_VD, tokens_N)));
        (rows_ND * pull_ND.to(dtype)).sum().backward();
      }
      at::Tensor wanted = at::zeros({10, 37}, at::kDouble);
      wanted.index_add_(0, tokens_N, pull_ND.to(at::kDouble) * 2.0);
      const bool exact = dtype != at::kBFloat16 || summed;
      EXPECT_LT(max_difference(weight_VD.grad().to(at::kDouble), wanted), exact ? 1e-5 : 0.05)
          << dtype << (summed ? ", summed" : "");
    }
  }
}

// Through a head and an embedding that are one weight, over several passes.
TEST(GradientSums, OfATiedHeadEqualThoseOfAutograd) {
  std::vector<at::Tensor> gradients;
  for (const at::ScalarType dtype : {at::kBFloat16, at::kDouble}) {
    const at::Tensor weight_VD = wave({300, 24}, 0.3).to(dtype);
    want_gradient_(weight_VD);
    for (const int64_t rows : {40, 3}) {
      std::vector<int64_t> ids(rows);
      for (int64_t i = 0; i < rows; ++i) ids[i] = i * 7 % 300;
      const at::Tensor hidden_ND = embed(weight_VD, ids_tensor(ids));
      const TokenScores scores = token_scores(hidden_ND, weight_VD, ids_tensor(ids), {});
      (scores.logprobs_N + scores.entropies_N * 0.5).sum().backward();
    }
    gradients.push_back(weight_VD.grad().to(at::kDouble));
  }
  const double size = gradients[1].abs().max().item<double>();
  // bfloat16 rounds the logits and their gradients.
  EXPECT_LT(max_difference(gradients[0], gradients[1]), 0.01 * size);
}

}  // namespace
}  // namespace stratagram::model
