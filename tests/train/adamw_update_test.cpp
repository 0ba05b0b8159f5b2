#include "train/adamw_update.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/mv.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/error.h"
#include "tests/support/expect_error.h"
#include "tests/support/tiny_model.h"
#include "train/adamw_kernel.h"

namespace stratagram::train {
namespace {

// Below, at and above whole vectors and pieces.
constexpr int64_t kSizes[] = {1, 15, 16, 17, 31, 4096, 32'767, 32'768, 32'769, 100'003};

// No number of these is zero.
at::Tensor waves(int64_t count, double pace, at::ScalarType dtype) {
  return wave({count + 1}, pace, dtype).narrow(0, 1, count).contiguous();
}

AdamWNumbers numbers_of_alias(const at::Tensor& weight) {
  AdamWNumbers numbers{.weight = weight,
                       .exp_avg = at::zeros(weight.sizes(), at::kFloat),
                       .exp_avg_sq = at::zeros(weight.sizes(), at::kFloat)};
  if (weight.scalar_type() == at::kBFloat16) {
    numbers.lower = at::zeros(weight.sizes(), at::kShort);
  }
  return numbers;
}

AdamWNumbers numbers_of(const at::Tensor& weight) {
  return numbers_of_alias(weight.clone());
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
      const at::Tensor weight = waves(size, 0.7, at::kFloat).to(dtype);
      const AdamWNumbers one_pass = numbers_of(weight);
      const AdamWNumbers plain = numbers_of(weight);
      const AdamWSquares squares = no_squares(), plain_squares = no_squares();
      for (int64_t step = 0; step < 4; ++step) {
        AdamWRule rule = GetParam().rule;
        rule.num_updates += step;
        const at::Tensor gradient =
            waves(size, 1.3 + 0.2 * static_cast<double>(step), at::kFloat) * 3;
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

std::vector<at::Tensor> updated_by(int num_threads, at::ScalarType dtype) {
  constexpr int64_t kItems = 300'001;
  at::set_num_threads(num_threads);
  const AdamWNumbers numbers = numbers_of(waves(kItems, 0.7, dtype));
  const AdamWSquares squares = no_squares();
  update_numbers_(
      numbers, waves(kItems, 1.3, at::kFloat), {.learning_rate = 1e-3, .decay = 0.1}, squares);
  return {numbers.master(),
          numbers.weight,
          numbers.exp_avg,
          numbers.exp_avg_sq,
          squares.masters,
          squares.changes};
}

TEST(UpdateNumbers, HaveTheSameBitsForEveryNumberOfThreads) {
  const int threads = at::get_num_threads();
  for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16}) {
    const std::vector<at::Tensor> wanted = updated_by(1, dtype);
    for (const int count : {2, 3}) {
      const std::vector<at::Tensor> got = updated_by(count, dtype);
      for (size_t i = 0; i < wanted.size(); ++i) {
        EXPECT_TRUE(got[i].equal(wanted[i])) << c10::toString(dtype) << ", tensor " << i;
      }
    }
  }
  at::set_num_threads(threads);
}

TEST(UpdateNumbers, MakeGraphsThatHoldTheWeightInvalid) {
  const at::Tensor weight = waves(16, 0.7, at::kFloat).view({4, 4}).requires_grad_(true);
  const at::Tensor x = waves(4, 0.3, at::kFloat).requires_grad_(true);
  const at::Tensor loss = at::mv(weight, x).sum();

  update_numbers_(numbers_of_alias(weight).part(0, 16),
                  waves(16, 1.3, at::kFloat),
                  {.learning_rate = 0.1},
                  no_squares());

  EXPECT_ANY_THROW(loss.backward());
}

TEST(UpdateNumbers, OfAPartLeaveTheRestAlone) {
  const at::Tensor weight = waves(100, 0.7, at::kBFloat16);
  const AdamWNumbers numbers = numbers_of(weight);

  update_numbers_(
      numbers.part(20, 33), waves(33, 1.3, at::kFloat), {.learning_rate = 0.1}, no_squares());

  const at::Tensor is_same = numbers.weight.eq(weight).view(-1);
  EXPECT_TRUE(is_same.narrow(0, 0, 20).all().item<bool>());
  EXPECT_TRUE(is_same.narrow(0, 53, 47).all().item<bool>());
  EXPECT_FALSE(is_same.narrow(0, 20, 33).any().item<bool>());
}

TEST(UpdateByKernel, NamesTheTensorThatDoesNotFit) {
  const AdamWNumbers numbers = numbers_of(waves(8, 0.7, at::kBFloat16));
  const at::Tensor gradient = waves(8, 1.3, at::kFloat);
  const auto expect = [&](const AdamWNumbers& given, const at::Tensor& pull, const char* text) {
    expect_error([&] { (void)update_by_kernel_(given, pull, {}); }, ErrorKind::kInternal, text);
  };

  expect(numbers,
         gradient.narrow(0, 0, 7),
         "gradient: wanted 8 contiguous Float on the CPU, got 7 Float on cpu");
  expect(numbers, gradient.to(at::kBFloat16), "gradient: wanted 8 contiguous Float");
  AdamWNumbers lacking = numbers;
  lacking.lower = at::Tensor();
  expect(lacking, gradient, "lower: wanted 8 contiguous Short on the CPU, got none");
  lacking = numbers;
  lacking.exp_avg_sq = numbers.exp_avg_sq.to(at::kDouble);
  expect(lacking, gradient, "exp_avg_sq: wanted 8 contiguous Float on the CPU, got 8 Double");
}

}  // namespace
}  // namespace stratagram::train
