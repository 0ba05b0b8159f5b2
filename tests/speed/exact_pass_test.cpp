// What guards every figure: a pass that is right goes through, a wrong one is an error.
#include "speed/exact_pass.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

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

  [[nodiscard]] std::vector<Group> groups() const {
    return random_groups(random_prompts(policy, 2, 5),
                         {.group = 2, .tokens = 6, .vocab_size = policy.model.config().vocab_size});
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
  EXPECT_LT(check_gradients(policy.model, groups()), 0.25);
  for (const auto& [name, weight] : policy.model.weights()) EXPECT_FALSE(weight.requires_grad());
}

// What moved weights say about rounding is about what rounding does, in most kinds of weight.
TEST_P(ExactPass, KnowsHowFarRoundingMovesGradients) {
  const model::Weights exact = gradients_of(in_float64(policy.model), groups());
  GradientDifferences moved;
  for (const auto& [name, norm] : rounding_of_gradients(policy.model, groups(), exact)) {
    moved[name] = {.off = norm};
  }
  const GradientDifferences trained =
      of_kinds(gradient_differences(gradients_of(policy.model, groups()), exact));

  std::vector<double> times;
  for (const auto& [name, norms] : of_kinds(moved)) {
    times.push_back(trained.at(name).off / norms.off);
  }
  std::ranges::nth_element(times, times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2));
  EXPECT_GT(times[times.size() / 2], 0.2);
  EXPECT_LT(times[times.size() / 2], 6);
}

// Of whichever kind, in all layers: beyond what is allowed of the coarser dtype.
TEST_P(ExactPass, FindsAKindOfWeightWhoseGradientsAreTooLarge) {
  const model::Weights exact = gradients_of(in_float64(policy.model), groups());
  const model::Weights right = gradients_of(policy.model, groups());
  for (const char* kind : {"q_proj",
                           "k_proj",
                           "v_proj",
                           "o_proj",
                           "gate_proj",
                           "up_proj",
                           "down_proj",
                           "input_layernorm",
                           "post_attention_layernorm",
                           "norm.weight",
                           "embed_tokens"}) {
    model::Weights wrong = right;
    for (auto& [name, gradient] : wrong) {
      if (name.find(kind) != std::string::npos) gradient = gradient.mul(1.4);
    }
    const LargestDifference worst =
        largest_difference(of_kinds(gradient_differences(wrong, exact)));

    EXPECT_GT(worst.relative, 0.3) << kind;
    EXPECT_NE(worst.name.find(kind), std::string::npos) << worst.name;
  }
}

INSTANTIATE_TEST_SUITE_P(Dtypes, ExactPass, testing::Values(at::kFloat, at::kBFloat16));

}  // namespace
}  // namespace stratagram::speed
