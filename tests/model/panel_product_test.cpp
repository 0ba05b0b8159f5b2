#include "model/panel_product.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/abs.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/isnan.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
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

// Every remainder of the panels' 16 outputs, the blocks' 256 inputs, the tiles' 6 rows and the 256
// rows that are taken at once has its turn.
TEST_P(PanelProductOf, EqualsTheOneInFloat64) {
  const at::ScalarType dtype = GetParam();
  for (const int64_t inputs : {1, 7, 255, 256, 257, 576}) {
    for (const int64_t outputs : {1, 15, 16, 17, 130}) {
      const at::Tensor weight = wave({outputs, inputs}, 0.37, dtype);
      const at::Tensor bias = wave({outputs}, 0.91, dtype);
      const PanelWeight panels(weight);
      for (const int64_t rows : {0, 1, 2, 3, 4, 5, 6, 7, 13, 64, 256, 259}) {
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
