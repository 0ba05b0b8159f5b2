#include "model/products.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/mm.h>
#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "model/elements.h"
#include "model/panel_product.h"
#include "tests/support/tiny_model.h"

namespace stratagram::model {
namespace {

class PackedProductsOf : public ::testing::TestWithParam<at::ScalarType> {
 protected:
  void SetUp() override {
    if (!PackedProducts::available(wave({2, 2}, 1.0, GetParam()))) {
      GTEST_SKIP() << "this processor or build packs no weights of " << GetParam();
    }
  }
};

INSTANTIATE_TEST_SUITE_P(Model,
                         PackedProductsOf,
                         ::testing::Values(at::kFloat, at::kBFloat16),
                         [](const auto& one) { return std::string(c10::toString(one.param)); });

TEST_P(PackedProductsOf, EqualThePlainOnes) {
  const c10::InferenceMode inference;
  const at::ScalarType dtype = GetParam();
  for (const int64_t num_rows : {1, 3, 8, 16, 37}) {
    const at::Tensor weight = wave({130, 70}, 0.37, dtype);
    const at::Tensor bias = wave({130}, 0.9, dtype);
    const at::Tensor x = wave({num_rows, 70}, 0.11, dtype);
    PackedProducts packed(num_rows);
    packed.add(weight);

    for (const at::Tensor& with : {bias, at::Tensor()}) {
      // Of size 30; bfloat16 has 8 bits.
      EXPECT_LT(max_difference(packed.linear(x, weight, with).to(at::kFloat),
                               plain_products().linear(x, weight, with).to(at::kFloat)),
                dtype == at::kFloat ? 1e-5 : 0.13)
          << num_rows << " rows, " << dtype;
    }
  }
}

// What the engine's promise stands on when a pass has fewer than 16 rows.
TEST_P(PackedProductsOf, RoundARowAlikeInEveryPlaceAndCompany) {
  const c10::InferenceMode inference;
  const at::ScalarType dtype = GetParam();
  for (const int64_t num_rows : {2, 3, 5, 8, 12}) {
    const at::Tensor weight = wave({192, 576}, 0.37, dtype);
    const at::Tensor row = wave({1, 576}, 0.11, dtype);
    PackedProducts packed(num_rows);
    packed.add(weight);
    at::Tensor first;
    for (int64_t place = 0; place < num_rows; ++place) {
      at::Tensor x = wave({num_rows, 576}, 0.05 + 0.01 * static_cast<double>(place), dtype);
      x.narrow(0, place, 1).copy_(row);
      const at::Tensor y = packed.linear(x, weight, {}).narrow(0, place, 1);
      if (place == 0) first = y;
      EXPECT_EQ(max_difference(y, first), 0.0) << num_rows << " rows, place " << place;
    }
  }
}

TEST_P(PackedProductsOf, AnotherHeightOrWeightAreThePlainOnes) {
  const c10::InferenceMode inference;
  const at::ScalarType dtype = GetParam();
  const at::Tensor weight = wave({210, 576}, 0.37, dtype);
  const at::Tensor other = wave({210, 576}, 0.2, dtype);
  for (const int64_t num_rows : {4, 40}) {
    PackedProducts packed(num_rows);
    packed.add(weight);
    const at::Tensor more = wave({num_rows + 1, 576}, 0.1, dtype);
    const at::Tensor same = wave({num_rows, 576}, 0.1, dtype);
    EXPECT_TRUE(packed.linear(more, weight, {}).equal(plain_products().linear(more, weight, {})));
    EXPECT_TRUE(packed.linear(same, other, {}).equal(plain_products().linear(same, other, {})));
  }
}

// Up to kPanelRows are panels where there is AVX-512, as all are with AVX2 alone: rounded once from
// sums of blocks in float32. Libraries round another way.
TEST_P(PackedProductsOf, FewRowsAreThoseOfPanels) {
  if (!has_avx512()) GTEST_SKIP() << "libtorch has no AVX-512 here";
  const c10::InferenceMode inference;
  const at::Tensor weight = wave({210, 576}, 0.37, GetParam());
  const at::Tensor bias = wave({210}, 0.7, GetParam());
  for (const int64_t num_rows : {1, 2, 6, 7}) {
    PackedProducts packed(num_rows);
    packed.add(weight);
    const at::Tensor x = wave({num_rows, 576}, 0.11, GetParam());
    const bool equal = packed.linear(x, weight, bias).equal(PanelWeight(weight).multiply(x, bias));
    // Rounded to bfloat16 the two agree here.
    EXPECT_EQ(equal, num_rows <= kPanelRows || GetParam() == at::kBFloat16) << num_rows;
  }
}

// What rollout and trainer compute, whose log-probabilities should not differ by their products.
TEST(PackedProducts, AreThePlainOnesBitForBitWhereBothArePanels) {
  if (!has_avx2_alone()) GTEST_SKIP() << "libtorch has more than AVX2 here, or less";
  const c10::InferenceMode inference;
  for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16}) {
    const at::Tensor weight = wave({210, 576}, 0.37, dtype);
    const at::Tensor bias = wave({210}, 0.7, dtype);
    PackedProducts packed(401);
    packed.add(weight);
    const at::Tensor x = wave({401, 576}, 0.11, dtype);
    const at::Tensor added = wave({401, 210}, 0.9, dtype);

    EXPECT_TRUE(packed.linear(x, weight, bias).equal(plain_products().linear(x, weight, bias)));
    EXPECT_TRUE(packed.add_linear(added, x, weight, bias)
                    .equal(plain_products().add_linear(added, x, weight, bias)));
  }
}

TEST(PackedProducts, AreNotForFloat64) {
  EXPECT_FALSE(PackedProducts::available(wave({2, 2}, 1.0, at::kDouble)));
}

TEST(PackedProducts, HoldEveryWeightOfAModel) {
  const c10::InferenceMode inference;
  const Transformer model =
      tiny_model({.family = Family::kQwen2, .vocab_size = 300, .scale = 0.06, .wide = true});
  ASSERT_TRUE(model.can_pack());
  const PackedProducts packed = model.packed_for(8);
  const std::vector<int64_t> ids{3, 1, 4, 1, 5, 9, 2, 6};
  PackedAttention attention({8});

  const at::Tensor hidden_ND =
      model.forward(ids_tensor(ids), packed_positions({8}), attention, {.products = packed});

  EXPECT_LT(max_difference(model.head_logits(hidden_ND, packed), full_pass_logits(model, ids)),
            2e-5);
}

// In parts of the rows, in the modes that no gradient is recorded in.
void expect_exact_products(int64_t rows, at::ScalarType dtype) {
  const at::Tensor x = wave({rows, 70}, 0.11, dtype);
  const at::Tensor weight = wave({130, 70}, 0.37, dtype);
  const at::Tensor bias = wave({130}, 0.9, dtype);
  const at::Tensor added = wave({rows, 130}, 0.23, dtype);
  const at::Tensor exact = x.to(at::kDouble).mm(weight.t().to(at::kDouble));
  const at::Tensor whole = exact + bias.to(at::kDouble) + added.to(at::kDouble);
  const at::Tensor back = added.to(at::kDouble).mm(weight.to(at::kDouble));
  // Of size 40; bfloat16 has 8 bits, and a sum of two is rounded twice.
  const double allowed = dtype == at::kFloat ? 2e-5 : 0.3;
  for (const bool infers : {false, true}) {
    const c10::InferenceMode inference(infers);
    const at::AutoGradMode off(false);
    const Products& products = plain_products();
    const auto off_by = [](const at::Tensor& got, const at::Tensor& wanted) {
      return max_difference(got.to(at::kDouble), wanted);
    };
    EXPECT_LT(off_by(products.linear(x, weight, {}), exact), allowed);
    EXPECT_LT(off_by(products.add_linear(added, x, weight, bias), whole), allowed);
    EXPECT_LT(off_by(linear_backward(added, weight), back), allowed);
  }
}

TEST(PlainProducts, EqualExactOnesForEveryNumberOfThreadsAndParts) {
  const int threads = at::get_num_threads();
  for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16}) {
    for (const int64_t rows : {401, 4700}) {
      for (const int count : {1, 2, 3}) {
        SCOPED_TRACE(::testing::Message() << rows << " rows, " << count << " threads, " << dtype);
        at::set_num_threads(count);
        expect_exact_products(rows, dtype);
      }
    }
  }
  at::set_num_threads(threads);
}

}  // namespace
}  // namespace stratagram::model
