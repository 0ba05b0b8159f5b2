#include "train/adamw_update.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "train/adamw_kernel.h"

namespace stratagram::train {
namespace {

// Below, at and above whole vectors and pieces.
constexpr int64_t kSizes[] = {1, 15, 16, 17, 31, 4096, 32'767, 32'768, 32'769, 100'003};

AdamWNumbers numbers_of(const at::Tensor& weight) {
  AdamWNumbers numbers{.weight = weight.clone(),
                       .exp_avg = at::zeros(weight.sizes(), at::kFloat),
                       .exp_avg_sq = at::zeros(weight.sizes(), at::kFloat)};
  if (weight.scalar_type() == at::kBFloat16) {
    numbers.lower = at::zeros(weight.sizes(), at::kShort);
  }
  return numbers;
}

AdamWSquares no_squares() {
  return {.masters = at::zeros({}, at::kDouble), .changes = at::zeros({}, at::kDouble)};
}

// Largest distance of an item over its size in `wanted`, that of items below `floor` over it.
double relative(const at::Tensor& got, const at::Tensor& wanted, double floor) {
  const at::Tensor exact = wanted.to(at::kDouble);
  return ((got.to(at::kDouble) - exact).abs() / exact.abs().clamp_min(floor)).max().item<double>();
}

struct RuleCase {
  const char* name;
  AdamWRule rule;
};

class UpdateNumbers : public testing::TestWithParam<RuleCase> {};

TEST_P(UpdateNumbers, InOnePassEqualsTheOperators) {
  for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16}) {
    for (const int64_t size : kSizes) {
      const at::Tensor weight = at::randn({size}).to(dtype);
      const AdamWNumbers one_pass = numbers_of(weight);
      const AdamWNumbers plain = numbers_of(weight);
      const AdamWSquares squares = no_squares(), plain_squares = no_squares();
      for (int64_t step = 0; step < 4; ++step) {
        AdamWRule rule = GetParam().rule;
        rule.num_updates += step;
        const at::Tensor gradient = at::randn({size}) * 3;
        update_numbers_(one_pass, gradient, rule, squares);
        update_by_operators_(plain, gradient, rule, plain_squares);
      }

      SCOPED_TRACE(testing::Message() << c10::toString(dtype) << " " << size);
      // A few roundings of float32 in each of four updates; those of a mean are of what was added,
      // not of what is left of it.
      const double what_a_gradient_adds = 3 * (1 - GetParam().rule.beta1);
      EXPECT_LT(relative(one_pass.exp_avg, plain.exp_avg, what_a_gradient_adds), 2e-6);
      EXPECT_LT(relative(one_pass.exp_avg_sq, plain.exp_avg_sq, 1e-6), 2e-6);
      EXPECT_LT(relative(one_pass.master(), plain.master(), 1e-1), 2e-6);
      EXPECT_LT(relative(squares.masters, plain_squares.masters, 0), 1e-5);
      EXPECT_LT(relative(squares.changes, plain_squares.changes, 0), 1e-4);
      EXPECT_FALSE(one_pass.master().equal(weight.to(at::kFloat)));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Rules,
                         UpdateNumbers,
                         testing::Values(RuleCase{.name = "Plain", .rule = {.learning_rate = 1e-3}},
                                         RuleCase{.name = "DecayedAndClipped",
                                                  .rule = {.learning_rate = 3e-3,
                                                           .decay = 0.5,
                                                           .gradient_divisor = 7.5}},
                                         RuleCase{.name = "Late",
                                                  .rule = {.learning_rate = 1e-2,
                                                           .beta1 = 0.8,
                                                           .beta2 = 0.95,
                                                           .epsilon = 1e-3,
                                                           .num_updates = 1000}}),
                         [](const auto& tested) { return std::string(tested.param.name); });

TEST(UpdateNumbers, HaveTheSameBitsForEveryNumberOfThreads) {
  const at::Tensor weight = at::randn({300'001}).to(at::kBFloat16);
  const at::Tensor gradient = at::randn({300'001});
  const AdamWRule rule{.learning_rate = 1e-3, .decay = 0.1};
  const int threads = at::get_num_threads();
  std::vector<AdamWNumbers> all;
  std::vector<double> changes;
  for (const int count : {1, 2, 3}) {
    at::set_num_threads(count);
    all.push_back(numbers_of(weight));
    const AdamWSquares squares = no_squares();
    update_numbers_(all.back(), gradient, rule, squares);
    changes.push_back(squares.changes.item<double>());
  }
  at::set_num_threads(threads);

  for (size_t i = 1; i < all.size(); ++i) {
    EXPECT_TRUE(all[i].weight.equal(all[0].weight));
    EXPECT_TRUE(all[i].lower.equal(all[0].lower));
    EXPECT_TRUE(all[i].exp_avg_sq.equal(all[0].exp_avg_sq));
    EXPECT_EQ(changes[i], changes[0]);
  }
}

TEST(UpdateNumbers, OfAPartLeaveTheRestAlone) {
  const at::Tensor weight = at::randn({10, 10}).to(at::kBFloat16);
  const AdamWNumbers numbers = numbers_of(weight);

  update_numbers_(numbers.part(20, 33), at::randn({33}), {.learning_rate = 0.1}, no_squares());

  const at::Tensor is_same = numbers.weight.eq(weight).view(-1);
  EXPECT_TRUE(is_same.narrow(0, 0, 20).all().item<bool>());
  EXPECT_TRUE(is_same.narrow(0, 53, 47).all().item<bool>());
  EXPECT_FALSE(is_same.narrow(0, 20, 33).any().item<bool>());
}

TEST(UpdateByKernel, RefusesWhatIsNotOfOneSize) {
  const AdamWNumbers numbers = numbers_of(at::randn({8}));

  EXPECT_THROW((void)update_by_kernel_(numbers, at::randn({7}), {}), Error);
  EXPECT_THROW((void)update_by_kernel_(numbers, at::randn({8}).to(at::kBFloat16), {}), Error);
}

}  // namespace
}  // namespace stratagram::train
