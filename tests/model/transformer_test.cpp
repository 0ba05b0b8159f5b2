#include "model/transformer.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/ones.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "model/head.h"
#include "tests/support/tiny_model.h"

namespace stratagram::model {
namespace {

using ::testing::HasSubstr;

TEST(PackedForward, OfSeveralSequencesEqualsEachAlone) {
  const Transformer model = tiny_model();
  const std::vector<int64_t> first{3, 1, 4, 1, 5};
  const std::vector<int64_t> second{9, 2, 6};
  PackedAttention attention({5, 3});

  const at::Tensor hidden_ND =
      model.forward(ids_tensor({3, 1, 4, 1, 5, 9, 2, 6}), packed_positions({5, 3}), attention);
  const at::Tensor logits_NV = model.head_logits(hidden_ND);

  // float32: matrix products of another height may sum in another order.
  EXPECT_LT(max_difference(logits_NV.narrow(0, 0, 5), full_pass_logits(model, first)), 2e-5);
  EXPECT_LT(max_difference(logits_NV.narrow(0, 5, 3), full_pass_logits(model, second)), 2e-5);
}

TEST(Forward, DoesNotSeeTheFuture) {
  const Transformer model = tiny_model({.dtype = at::kDouble});

  const at::Tensor a = full_pass_logits(model, {3, 1, 4, 1, 5});
  const at::Tensor b = full_pass_logits(model, {3, 1, 4, 7, 8});

  EXPECT_LT(max_difference(a.narrow(0, 0, 3), b.narrow(0, 0, 3)), 1e-12);
  EXPECT_GT(max_difference(a.narrow(0, 3, 2), b.narrow(0, 3, 2)), 1e-3);
}

TEST(Forward, WithRecomputationHasTheSameGradients) {
  std::vector<model::Weights> gradients;
  for (const bool recompute : {false, true}) {
    const Transformer model = tiny_model({.dtype = at::kDouble});
    for (const auto& [name, tensor] : model.weights()) tensor.requires_grad_(true);
    PackedAttention attention({5, 3});
    const at::Tensor hidden_ND = model.forward(ids_tensor({3, 1, 4, 1, 5, 9, 2, 6}),
                                               packed_positions({5, 3}),
                                               attention,
                                               {.recompute = recompute});
    (hidden_ND * hidden_ND).sum().backward();
    model::Weights found;
    for (const auto& [name, tensor] : model.weights()) {
      if (tensor.grad().defined()) found[name] = tensor.grad();
    }
    gradients.push_back(found);
  }

  ASSERT_EQ(gradients[0].size(), gradients[1].size());
  for (const auto& [name, gradient] : gradients[0]) {
    EXPECT_LT(max_difference(gradient, gradients[1].at(name)), 1e-12) << name;
  }
}

TEST(Transformer, ShowsInPlaceUpdatesOfItsWeights) {
  const Transformer model = tiny_model();
  const at::Tensor before = full_pass_logits(model, {1, 2});

  model.weights().at("model.layers.0.mlp.up_proj.weight").mul_(2);

  EXPECT_GT(max_difference(before, full_pass_logits(model, {1, 2})), 1e-4);
}

void expect_refused(const ModelConfig& config, const Weights& weights, const char* what) {
  try {
    const Transformer model(config, weights);
    FAIL() << "wanted an error that says: " << what;
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kData);
    EXPECT_THAT(error.what(), HasSubstr(what));
  }
}

TEST(Transformer, NamesTheTensorThatDoesNotFit) {
  const Transformer model = tiny_model();

  Weights missing = model.weights();
  missing.erase("model.layers.1.self_attn.q_norm.weight");
  expect_refused(
      model.config(), missing, "'model.layers.1.self_attn.q_norm.weight' [10] is missing");

  Weights wrong = model.weights();
  wrong["model.norm.weight"] = at::ones({5});
  expect_refused(model.config(), wrong, "'model.norm.weight': wanted shape [24]");

  Weights extra = model.weights();
  extra["model.layers.0.self_attn.q_proj.bias"] = at::ones({40});
  expect_refused(model.config(), extra, "q_proj.bias' [40] has no place");

  Weights mixed = model.weights();
  mixed["model.norm.weight"] = at::ones({24}, at::kDouble);
  expect_refused(model.config(), mixed, "'model.norm.weight': wanted Float");
}

}  // namespace
}  // namespace stratagram::model
