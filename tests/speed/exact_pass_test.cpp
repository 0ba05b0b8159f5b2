// What guards every figure: a pass that is right goes through, a wrong one is an error.
#include "speed/exact_pass.h"

#include <ATen/ops/full.h>
#include <ATen/ops/tensor.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/error.h"
#include "rollout/engine.h"
#include "speed/subject.h"
#include "speed/training_pass.h"
#include "tests/support/expect_error.h"
#include "tests/support/tiny_run.h"

namespace stratagram::speed {
namespace {

class ExactPass : public testing::TestWithParam<at::ScalarType> {
 protected:
  ExactPass() : policy(talker({.model = {.vocab_size = 0, .dtype = GetParam()}})) {}

  [[nodiscard]] Completion sampled(const Prompt& prompt) const {
    rollout::Engine engine(policy.model, policy.tokenizer, {}, {.max_sequences = 1});
    return engine.generate({{.prompt = prompt}}, {.max_new_tokens = 5}, {.seed = 1})[0][0];
  }

  rollout::Policy policy;
};

TEST_P(ExactPass, AgreesWithARolloutOfThisPolicy) {
  const Prompt prompt = random_prompts(policy, 1, 4).front();

  EXPECT_LT(check_rollout(policy.model, prompt, sampled(prompt)), 0.25);
}

TEST_P(ExactPass, RefusesLogprobsAndEntropiesOfAnotherPolicy) {
  const Prompt prompt = random_prompts(policy, 1, 4).front();
  Completion logprobs = sampled(prompt);
  Completion entropies = logprobs;
  logprobs.logprobs[3] -= 0.5F;
  entropies.entropies[4] += 0.5F;

  for (const Completion& wrong : {logprobs, entropies}) {
    expect_error([&] { (void)check_rollout(policy.model, prompt, wrong); },
                 ErrorKind::kInternal,
                 "a rollout's log-probabilities and entropies: wanted those of the float64 pass");
  }
}

TEST_P(ExactPass, AgreesWithTheTrainersGradients) {
  const std::vector<Group> groups =
      random_groups(random_prompts(policy, 2, 5),
                    {.group = 2, .tokens = 6, .vocab_size = policy.model.config().vocab_size});

  EXPECT_LT(check_gradients(policy.model, groups), 0.25);
  for (const auto& [name, weight] : policy.model.weights()) EXPECT_FALSE(weight.requires_grad());
}

INSTANTIATE_TEST_SUITE_P(Dtypes, ExactPass, testing::Values(at::kFloat, at::kBFloat16));

at::Tensor vector_of(std::vector<double> values) {
  return at::tensor(values, at::TensorOptions().dtype(at::kDouble));
}

TEST(GradientDifference, IsThatOfTheWorstWeight) {
  const model::Weights wanted = {{"a", vector_of({3.0, 4.0})}, {"b", vector_of({10.0})}};
  const model::Weights got = {{"a", vector_of({3.0, 4.5})}, {"b", vector_of({10.1})}};

  // "a" is off by 0.5 of 5, and a thousandth of the largest norm, 10, is added to the size.
  EXPECT_NEAR(gradient_difference(got, wanted), 0.5 / 5.01, 1e-12);
  EXPECT_EQ(gradient_difference(wanted, wanted), 0.0);
}

TEST(GradientDifference, ForgivesRoundingOfAGradientThatIsZero) {
  const model::Weights wanted = {{"bias", vector_of({1e-9})}, {"b", vector_of({1.0})}};
  const model::Weights got = {{"bias", vector_of({5e-8})}, {"b", vector_of({1.0})}};

  EXPECT_LT(gradient_difference(got, wanted), 1e-4);
}

TEST(GradientDifference, IsInfiniteForMissingAndNotFiniteGradients) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const model::Weights wanted = {{"a", vector_of({1.0})}, {"none", at::Tensor()}};

  EXPECT_EQ(gradient_difference({{"a", at::Tensor()}, {"none", at::Tensor()}}, wanted), kInfinity);
  EXPECT_EQ(gradient_difference({{"a", vector_of({1.0})}, {"none", vector_of({0.0})}}, wanted),
            kInfinity);
  EXPECT_EQ(gradient_difference({{"a", vector_of({std::nan("")})}, {"none", at::Tensor()}}, wanted),
            kInfinity);
  EXPECT_EQ(gradient_difference(wanted, wanted), 0.0);
}

}  // namespace
}  // namespace stratagram::speed
