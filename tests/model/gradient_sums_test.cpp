#include "model/gradient_sums.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <tuple>
#include <vector>

#include "model/head.h"
#include "tests/support/tiny_model.h"

namespace stratagram::model {
namespace {

// Some columns of a wider gradient, added to what is there.
TEST(GradientSums, AddTheGradientOfAWeight) {
  for (const auto& [rows, outputs, inputs] : {std::tuple<int64_t, int64_t, int64_t>{1, 1, 1},
                                              {3, 7, 5},
                                              {64, 64, 64},
                                              {33, 100, 65},
                                              {300, 960, 48},
                                              {515, 20, 130},
                                              {256, 800, 16}}) {
    const at::Tensor x_NI = wave({rows, inputs}, 0.37, at::kBFloat16);
    const at::Tensor wide = wave({rows, outputs + 9}, 0.91, at::kBFloat16);
    const at::Tensor gradient_NO = wide.narrow(1, 4, outputs);
    const at::Tensor sums_OI = at::ones({outputs, inputs}, at::kFloat);

    add_product_(sums_OI, gradient_NO.t(), x_NI);

    const at::Tensor wanted = gradient_NO.to(at::kDouble).t().mm(x_NI.to(at::kDouble)) + 1.0;
    // Float32 sums of exact products, or one rounding to 8 bits.
    const double allowed = has_float_product()
                               ? 1e-6 * static_cast<double>(rows + 9)
                               : std::max(1.0, wanted.abs().max().item<double>()) * 4e-3;
    EXPECT_LT(max_difference(sums_OI.to(at::kDouble), wanted), allowed)
        << rows << " x " << outputs << " x " << inputs;
  }
}

// Factors as they are, and one that is some columns of a wider matrix.
TEST(GradientSums, AddTheProductOfRows) {
  for (const auto& [rows, depth, columns] : {std::tuple<int64_t, int64_t, int64_t>{1, 3, 2},
                                             {64, 64, 64},
                                             {130, 70, 33},
                                             {300, 96, 48}}) {
    const at::Tensor a_MK = wave({rows, depth + 7}, 0.37, at::kBFloat16).narrow(1, 3, depth);
    const at::Tensor b_KN = wave({depth, columns}, 0.91, at::kBFloat16);
    const at::Tensor sums_MN = at::ones({rows, columns}, at::kFloat);

    add_product_(sums_MN, a_MK, b_KN);

    const at::Tensor wanted = a_MK.to(at::kDouble).mm(b_KN.to(at::kDouble)) + 1.0;
    const double allowed = has_float_product()
                               ? 1e-6 * static_cast<double>(depth + 9)
                               : std::max(1.0, wanted.abs().max().item<double>()) * 4e-3;
    EXPECT_LT(max_difference(sums_MN.to(at::kDouble), wanted), allowed) << rows << " x " << depth;
  }
}

TEST(GradientSums, AddAProductInFloat32) {
  const at::Tensor a_MK = wave({70, 300}, 0.37, at::kFloat);
  const at::Tensor b_KN = wave({300, 40}, 0.91, at::kFloat);
  const at::Tensor sums_MN = at::ones({70, 40}, at::kFloat);

  add_product_(sums_MN, a_MK, b_KN);

  const at::Tensor wanted = a_MK.to(at::kDouble).mm(b_KN.to(at::kDouble)) + 1.0;
  EXPECT_LT(max_difference(sums_MN.to(at::kDouble), wanted), 3e-4);
}

// A gradient of one row and a weight of one column may have any strides.
TEST(GradientSums, TakeARowOfAnyStride) {
  const at::Tensor row_1O = wave({64, 1}, 0.3, at::kBFloat16).t();
  const at::Tensor sums_OI = at::zeros({64, 1}, at::kFloat);

  add_product_(
      sums_OI, row_1O.t(), at::ones({3, 2}, at::kBFloat16).narrow(1, 0, 1)[0].view({1, 1}));

  EXPECT_TRUE(sums_OI.equal(row_1O.t().to(at::kFloat)));
}

// One row for all, and columns side by side: neither has rows that lie apart.
TEST(GradientSums, TakeFactorsOfAnyStrides) {
  const at::Tensor row_1K = wave({1, 40}, 0.3, at::kBFloat16);
  const at::Tensor b_KN = wave({50, 40}, 0.7, at::kBFloat16).t();
  for (const at::Tensor& a_MK :
       {row_1K.expand({64, 40}), wave({64, 80}, 0.3, at::kBFloat16).slice(1, 0, 80, 2)}) {
    const at::Tensor sums_MN = at::zeros({64, 50}, at::kFloat);
    const at::Tensor wanted_MN = at::zeros({64, 50}, at::kFloat);

    add_product_(sums_MN, a_MK, b_KN);
    add_product_(wanted_MN, a_MK.contiguous(), b_KN.contiguous());

    EXPECT_TRUE(sums_MN.equal(wanted_MN));
    EXPECT_GT(sums_MN.abs().max().item<double>(), 0.1);
  }
}

// Sums that are there already, apart or one of them missing, keep what they hold.
TEST(GradientSums, OfJoinedWeightsComeToLieInOneMemory) {
  const at::Tensor x_NI = wave({50, 24}, 0.37, at::kBFloat16);
  const at::Tensor gradient_NO = wave({50, 32}, 0.91, at::kBFloat16);
  const at::Tensor wanted_OI = at::zeros({32, 24}, at::kFloat);
  add_product_(wanted_OI, gradient_NO.t(), x_NI);
  for (const int present : {0, 1, 2}) {
    std::vector<at::Tensor> weights;
    for (const int64_t rows : {20, 12}) {
      weights.push_back(at::zeros({rows, 24}, at::kBFloat16));
      want_gradient_(weights.back());
    }
    for (int i = 0; i < present; ++i) gradient_sum_(weights[i]).fill_(5.0);

    (void)weight_gradients_(weights, gradient_NO, x_NI);

    const at::Tensor& first = weights[0].grad();
    const at::Tensor& second = weights[1].grad();
    EXPECT_TRUE(second.is_alias_of(first));
    EXPECT_EQ(second.storage_offset(), first.storage_offset() + first.numel());
    EXPECT_LT(max_difference(first, wanted_OI.narrow(0, 0, 20) + (present > 0 ? 5.0 : 0.0)), 1e-5);
    EXPECT_LT(max_difference(second, wanted_OI.narrow(0, 20, 12) + (present > 1 ? 5.0 : 0.0)),
              1e-5);
  }
}

TEST(GradientSums, KeepWhatBfloat16SumsWouldLose) {
  const at::Tensor weight = at::zeros({1, 1}, at::kBFloat16);
  want_gradient_(weight);
  const at::Tensor one = at::ones({1, 1}, at::kBFloat16);

  for (const double gradient : {256.0, 1.0, 1.0, 1.0, 1.0}) (weight * gradient).sum().backward();
  for (int i = 0; i < 4; ++i) add_product_(gradient_sum_(weight), one, one);

  // In bfloat16, 256 + 1 is 256.
  EXPECT_EQ(weight.grad().item<double>(), 264.0);
  EXPECT_EQ(weight.grad().scalar_type(), at::kFloat);
}

TEST(GradientSums, AreNotMadeForFrozenWeights) {
  const at::Tensor weight = at::zeros({2, 2}, at::kBFloat16);
  want_gradient_(weight);
  weight.requires_grad_(false);

  EXPECT_FALSE(gradient_sum_(weight).defined());
  EXPECT_FALSE(weight.grad().defined());
}

// What the two ways of a product share: the same weights' gradients, added in place or by autograd.
TEST(GradientSums, OfPartsOfAJoinedProductAreThoseOfAutograd) {
  const at::Tensor x_NI = wave({50, 24}, 0.37, at::kBFloat16);
  const at::Tensor gradient_NO = wave({50, 40}, 0.91, at::kBFloat16);
  std::vector<at::Tensor> summed;
  for (const int64_t rows : {20, 12, 8}) {
    summed.push_back(at::zeros({rows, 24}, at::kBFloat16));
    want_gradient_(summed.back());
  }
  const std::vector<at::Tensor> plain{at::zeros({20, 24}, at::kBFloat16),
                                      at::zeros({12, 24}, at::kBFloat16),
                                      at::zeros({8, 24}, at::kBFloat16)};

  for (int pass = 0; pass < 2; ++pass) {
    for (const at::Tensor& left : weight_gradients_(summed, gradient_NO, x_NI)) {
      EXPECT_FALSE(left.defined());
    }
  }
  const std::vector<at::Tensor> wanted = weight_gradients_(plain, gradient_NO, x_NI);
  for (size_t i = 0; i < summed.size(); ++i) {
    const at::Tensor twice = wanted[i].to(at::kDouble) * 2;
    EXPECT_LT(max_difference(summed[i].grad().to(at::kDouble), twice),
              4e-3 * twice.abs().max().item<double>())
        << i;
  }
}

TEST(GradientSums, AreTheSameBitsEveryTimeWithTwoThreads) {
  const int threads = at::get_num_threads();
  at::set_num_threads(2);
  const at::Tensor x_NI = wave({300, 96}, 0.37, at::kBFloat16);
  const at::Tensor gradient_NO = wave({300, 500}, 0.91, at::kBFloat16);
  const at::Tensor first = at::zeros({500, 96}, at::kFloat);
  add_product_(first, gradient_NO.t(), x_NI);
  for (int run = 0; run < 20; ++run) {
    // Elsewhere in memory.
    const at::Tensor again = at::zeros({501, 96}, at::kFloat).narrow(0, run % 2, 500);
    add_product_(again, gradient_NO.clone().t(), x_NI.clone());
    ASSERT_TRUE(again.equal(first)) << run;
  }
  at::set_num_threads(threads);
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
    EXPECT_FALSE(gradient_sum_(weight).defined());
    (weight * 3.0).sum().backward();
    EXPECT_EQ(weight.grad().scalar_type(), dtype);
  }
}

// Every dtype and both kinds of weights: with their sum, and with autograd's gradient.
TEST(GradientSums, EmbedPullsEachTokensRow) {
  const at::Tensor tokens_N = ids_tensor({3, 0, 3, 3, 9, 0, 5});
  for (const at::ScalarType dtype : {at::kDouble, at::kFloat, at::kBFloat16}) {
    for (const bool summed : {false, true}) {
      const at::Tensor weight_VD = wave({10, 37}, 0.3, at::kBFloat16).to(dtype);
      if (summed) {
        want_gradient_(weight_VD);
      } else {
        weight_VD.requires_grad_(true);
      }
      const at::Tensor pull_ND = wave({7, 37}, 0.7, at::kBFloat16);
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
    const at::Tensor weight_VD = wave({300, 24}, 0.3, at::kBFloat16).to(dtype);
    want_gradient_(weight_VD);
    for (const int64_t rows : {40, 3}) {
      std::vector<int64_t> ids(rows);
      for (int64_t i = 0; i < rows; ++i) ids[i] = i * 7 % 300;
      const at::Tensor hidden_ND = embed(weight_VD, ids_tensor(ids));
      // Of the first pass with the logits kept.
      const TokenScores scores =
          token_scores(hidden_ND, weight_VD, ids_tensor(ids), {.kept_mb = rows == 40 ? 1 : 0});
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
