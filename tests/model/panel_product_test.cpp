#include "model/panel_product.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/abs.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/isnan.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "core/error.h"
#include "tests/support/tiny_model.h"

namespace stratagram::model {
namespace {

class PanelProductOf : public ::testing::TestWithParam<at::ScalarType> {};

INSTANTIATE_TEST_SUITE_P(Model,
                         PanelProductOf,
                         ::testing::Values(at::kFloat, at::kBFloat16),
                         [](const auto& one) { return std::string(c10::toString(one.param)); });

// Every remainder of the panels' 16 outputs, the blocks' 256 inputs, the tiles' 6 rows and the 132
// rows and 128 outputs that are taken at once has its turn.
TEST_P(PanelProductOf, EqualsTheOneInFloat64) {
  const at::ScalarType dtype = GetParam();
  for (const int64_t inputs : {1, 7, 255, 256, 257, 576}) {
    for (const int64_t outputs : {1, 15, 16, 17, 128, 257}) {
      const at::Tensor weight = wave({outputs, inputs}, 0.37, dtype);
      const at::Tensor bias = wave({outputs}, 0.91, dtype);
      const PanelWeight panels(weight);
      for (const int64_t rows : {0, 1, 2, 3, 4, 5, 6, 7, 13, 64, 132, 259}) {
        const at::Tensor x = wave({rows, inputs}, 0.11, dtype);
        const at::Tensor exact = x.to(at::kDouble).mm(weight.to(at::kDouble).t());
        // What float32 sums of so many terms of that size may be off by.
        const at::Tensor sizes = x.to(at::kDouble).abs().mm(weight.to(at::kDouble).abs().t()) +
                                 bias.to(at::kDouble).abs();
        for (const bool adds : {false, true}) {
          const at::Tensor wanted = adds ? exact + bias.to(at::kDouble) : exact;
          const at::Tensor got = panels.multiply(x, adds ? bias : at::Tensor());
          ASSERT_EQ(got.scalar_type(), dtype);
          ASSERT_EQ(got.sizes(), wanted.sizes());
          const at::Tensor allowed = sizes * (static_cast<double>(inputs + 1) * 6e-8) +
                                     wanted.abs() * (dtype == at::kFloat ? 0.0 : 0.0039063);
          EXPECT_TRUE((at::abs(got.to(at::kDouble) - wanted) <= allowed).all().item<bool>())
              << rows << " rows of " << inputs << " by " << outputs << (adds ? " with a bias" : "");
        }
      }
    }
  }
}

// What lets a pass have as many rows as there are, and a prompt be read beside any others.
TEST_P(PanelProductOf, RoundsARowAlikeInEveryPlaceCompanyAndNumberOfThreads) {
  const PanelWeight panels(wave({210, 576}, 0.37, GetParam()));
  const at::Tensor x = wave({270, 576}, 0.91, GetParam());
  const int threads = at::get_num_threads();
  const at::Tensor whole = panels.multiply(x, {});
  for (const int count : {1, 2, 3}) {
    at::set_num_threads(count);
    for (const auto& [first, rows] : {std::pair{0, 1}, {3, 5}, {255, 2}, {7, 64}, {269, 1}}) {
      EXPECT_TRUE(
          at::equal(panels.multiply(x.narrow(0, first, rows), {}), whole.narrow(0, first, rows)))
          << rows << " rows from " << first << ", " << count << " threads";
    }
  }
  at::set_num_threads(threads);
}

TEST_P(PanelProductOf, KeepsWhatIsNoNumberInItsRow) {
  const PanelWeight panels(wave({20, 30}, 0.37, GetParam()));
  at::Tensor x = wave({9, 30}, 0.91, GetParam());
  x[4][7] = std::numeric_limits<double>::quiet_NaN();

  const at::Tensor nans = panels.multiply(x, {}).isnan();

  EXPECT_TRUE(nans[4].all().item<bool>());
  EXPECT_EQ(nans.sum().item<int64_t>(), 20);
}

// Rows that lie apart, as a part of a joined product does.
TEST_P(PanelProductOf, TakesRowsOfAnyStrides) {
  const PanelWeight panels(wave({20, 30}, 0.37, GetParam()));
  const at::Tensor wide = wave({9, 70}, 0.91, GetParam());
  const at::Tensor turned = wave({30, 9}, 0.11, GetParam()).t();

  EXPECT_TRUE(at::equal(panels.multiply(wide.narrow(1, 11, 30), {}),
                        panels.multiply(wide.narrow(1, 11, 30).contiguous(), {})));
  EXPECT_TRUE(at::equal(panels.multiply(turned, {}), panels.multiply(turned.contiguous(), {})));
}

// As the forward pass, its gradient and a weight's gradient have their factors: rows or columns
// side by side, or neither.
TEST_P(PanelProductOf, OfAnyTwoFactorsEqualsTheOneOfAPackedWeight) {
  const at::Tensor wide = wave({270, 900}, 0.91, GetParam());
  const at::Tensor x_NK = wide.narrow(1, 13, 300);
  const at::Tensor weight_OK = wave({150, 300}, 0.37, GetParam());
  const at::Tensor bias_O = wave({150}, 0.7, GetParam());
  const at::Tensor wanted = PanelWeight(weight_OK).multiply(x_NK, {});
  const at::Tensor with_bias = PanelWeight(weight_OK).multiply(x_NK, bias_O);
  const auto apart = [](const at::Tensor& all) {
    const at::Tensor wider = at::empty({2 * all.size(0), 3 * all.size(1)}, all.options());
    const at::Tensor some = wider.slice(0, 0, std::nullopt, 2).slice(1, 0, std::nullopt, 3);
    return some.copy_(all);
  };
  const at::Tensor apart_KO = apart(weight_OK.t());
  ASSERT_GT(std::min(apart_KO.stride(0), apart_KO.stride(1)), 1);
  for (const at::Tensor& x : {x_NK, x_NK.contiguous(), x_NK.t().contiguous().t(), apart(x_NK)}) {
    for (const at::Tensor& factor : {weight_OK.t(), weight_OK.t().contiguous(), apart_KO}) {
      const at::Tensor result = at::empty({270, 150}, x.options());
      multiply_by_panels_(result, x, factor);
      EXPECT_TRUE(at::equal(result, wanted)) << x.strides() << " by " << factor.strides();
      multiply_by_panels_(result, x, factor, {.bias_O = bias_O});
      EXPECT_TRUE(at::equal(result, with_bias)) << x.strides() << " by " << factor.strides();
    }
  }
}

// Few outputs are divided by rows, too, once there are more threads than panels.
TEST_P(PanelProductOf, IsTheSameForAnyNumberOfThreads) {
  const int threads = at::get_num_threads();
  const at::Tensor x_NK = wave({700, 300}, 0.91, GetParam());
  for (const int64_t outputs : {7, 40, 257}) {
    const at::Tensor weight_OK = wave({outputs, 300}, 0.37, GetParam());
    at::set_num_threads(1);
    const at::Tensor wanted = PanelWeight(weight_OK).multiply(x_NK, {});
    for (const int count : {2, 3, 16}) {
      at::set_num_threads(count);
      const at::Tensor result = at::empty({700, outputs}, x_NK.options());
      multiply_by_panels_(result, x_NK, weight_OK.t());
      EXPECT_TRUE(at::equal(result, wanted)) << outputs << " outputs, " << count << " threads";
      EXPECT_TRUE(at::equal(PanelWeight(weight_OK).multiply(x_NK, {}), wanted));
    }
  }
  at::set_num_threads(threads);
}

// Sums of micro-batches: bfloat16 factors are not rounded before they are added.
TEST_P(PanelProductOf, AddsToFloat32) {
  const at::Tensor a_MK = wave({70, 300}, 0.91, GetParam());
  const at::Tensor b_KN = wave({300, 50}, 0.37, GetParam());
  const at::Tensor before = wave({70, 50}, 0.7, at::kFloat);
  const at::Tensor sums = before.clone();

  multiply_by_panels_(sums, a_MK, b_KN, {.adds = true});

  const at::Tensor exact = before.to(at::kDouble) + a_MK.to(at::kDouble).mm(b_KN.to(at::kDouble));
  const at::Tensor sizes = a_MK.to(at::kDouble).abs().mm(b_KN.to(at::kDouble).abs());
  EXPECT_TRUE(
      (at::abs(sums.to(at::kDouble) - exact) <= (sizes + 1) * (300 * 6e-8)).all().item<bool>());
}

TEST_P(PanelProductOf, OfNoInputsIsZeroOrWhatWasThere) {
  const at::Tensor result = wave({3, 5}, 0.7, GetParam());
  const at::Tensor before = result.clone();
  const at::Tensor a = at::zeros({3, 0}, result.options());
  const at::Tensor b = at::zeros({0, 5}, result.options());

  multiply_by_panels_(result, a, b, {.adds = true});
  EXPECT_TRUE(at::equal(result, before));
  multiply_by_panels_(result, a, b);
  EXPECT_TRUE(at::equal(result, at::zeros_like(result)));
}

TEST(PanelProduct, RefusesFactorsThatDoNotFit) {
  const at::Tensor result = at::zeros({2, 3});
  EXPECT_THROW(multiply_by_panels_(result, at::zeros({2, 4}), at::zeros({5, 3})), Error);
  EXPECT_THROW(multiply_by_panels_(result, at::zeros({3, 4}), at::zeros({4, 3})), Error);
  EXPECT_THROW(multiply_by_panels_(result, at::zeros({2, 4}), at::zeros({4, 2})), Error);
  EXPECT_THROW(multiply_by_panels_(result, at::zeros({2, 4}), at::zeros({4, 3}, at::kBFloat16)),
               Error);
  EXPECT_THROW(multiply_by_panels_(result.to(at::kBFloat16), at::zeros({2, 4}), at::zeros({4, 3})),
               Error);
  EXPECT_THROW(multiply_by_panels_(at::zeros({3, 2}).t(), at::zeros({2, 4}), at::zeros({4, 3})),
               Error);
  const at::Tensor bias = at::zeros({3});
  EXPECT_THROW(multiply_by_panels_(
                   result, at::zeros({2, 4}), at::zeros({4, 3}), {.bias_O = bias, .adds = true}),
               Error);
}

TEST(PanelProduct, RefusesWhatDoesNotFit) {
  EXPECT_THROW(PanelWeight(at::zeros({4, 4}, at::kDouble)), Error);
  EXPECT_THROW(PanelWeight(at::zeros({4})), Error);
  const PanelWeight panels(at::zeros({4, 3}));
  EXPECT_THROW((void)panels.multiply(at::zeros({2, 4}), {}), Error);
  EXPECT_THROW((void)panels.multiply(at::zeros({2, 3}, at::kBFloat16), {}), Error);
  EXPECT_THROW((void)panels.multiply(at::zeros({2, 3}), at::zeros({5})), Error);
}

}  // namespace
}  // namespace stratagram::model
