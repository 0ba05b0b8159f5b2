#include "speed/gradient_differences.h"

#include <ATen/ops/tensor.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace stratagram::speed {
namespace {

using testing::ElementsAre;
using testing::Key;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

at::Tensor vector_of(const std::vector<double>& values) {
  return at::tensor(values, at::TensorOptions().dtype(at::kDouble));
}

LargestDifference between(const model::Weights& got, const model::Weights& wanted) {
  return largest_difference(gradient_differences(got, wanted));
}

TEST(GradientDifferences, GiveThatOfTheWorstWeight) {
  const model::Weights wanted = {{"a", vector_of({3.0, 4.0})}, {"b", vector_of({10.0})}};
  const model::Weights got = {{"a", vector_of({3.0, 4.5})}, {"b", vector_of({10.1})}};

  // "a" is off by 0.5 of 5, and a thousandth of the largest norm, 10, is added to the size.
  EXPECT_NEAR(between(got, wanted).relative, 0.5 / 5.01, 1e-12);
  EXPECT_EQ(between(got, wanted).name, "a");
  EXPECT_EQ(between(wanted, wanted).relative, 0.0);
}

TEST(GradientDifferences, ForgiveRoundingOfAGradientThatIsZero) {
  const model::Weights wanted = {{"bias", vector_of({1e-9})}, {"b", vector_of({1.0})}};
  const model::Weights got = {{"bias", vector_of({5e-8})}, {"b", vector_of({1.0})}};

  EXPECT_LT(between(got, wanted).relative, 1e-4);
}

TEST(GradientDifferences, AreInfiniteForMissingAndNotFiniteGradients) {
  const at::Tensor none;
  const at::Tensor one = vector_of({1.0});
  const at::Tensor not_a_number = vector_of({std::nan("")});
  const model::Weights wanted = {{"a", one}, {"none", none}};

  EXPECT_EQ(between({{"a", none}, {"none", none}}, wanted).relative, kInfinity);
  EXPECT_EQ(between({{"a", one}, {"none", vector_of({0.0})}}, wanted).relative, kInfinity);
  EXPECT_EQ(between({{"a", not_a_number}, {"none", none}}, wanted).relative, kInfinity);
  EXPECT_EQ(between(wanted, {{"a", not_a_number}, {"none", none}}).relative, kInfinity);
  EXPECT_EQ(between(wanted, wanted).relative, 0.0);
}

// As one vector: a layer that is mostly rounding is weighed by its size.
TEST(GradientDifferences, OfAKindAreThoseOfAllLayersTogether) {
  const GradientDifferences kinds = of_kinds({{"model.layers.0.mlp.w", {.wanted = 3, .off = 0.6}},
                                              {"model.layers.12.mlp.w", {.wanted = 4, .off = 0.8}},
                                              {"model.layers.12.attn.w", {.wanted = 2, .off = 0.1}},
                                              {"model.norm", {.wanted = 7, .off = 0}}});

  EXPECT_THAT(
      kinds,
      ElementsAre(Key("model.layers.*.attn.w"), Key("model.layers.*.mlp.w"), Key("model.norm")));
  EXPECT_DOUBLE_EQ(kinds.at("model.layers.*.mlp.w").wanted, 5);
  EXPECT_DOUBLE_EQ(kinds.at("model.layers.*.mlp.w").off, 1);
  EXPECT_EQ(kinds.at("model.layers.*.attn.w").off, 0.1);
  EXPECT_EQ(kinds.at("model.norm").wanted, 7);
}

// A gain in which tokens cancel each other, and a fault in one where they do not.
TEST(GradientDifferences, WithoutRoundingKeepWhatItDoesNotExplain) {
  const GradientDifferences rest =
      without_rounding({{"fault", {.wanted = 1, .off = 0.4}},
                        {"gain", {.wanted = 1, .off = 0.6}},
                        {"missing", {.wanted = 1, .off = kInfinity}}},
                       {{"fault", 0.03}, {"gain", 0.1}, {"missing", 0.1}});

  EXPECT_EQ(rest.at("fault").off, 0.4);
  EXPECT_EQ(rest.at("gain").off, 0);
  EXPECT_EQ(rest.at("missing").off, kInfinity);
}

}  // namespace
}  // namespace stratagram::speed
