#include "train/adamw.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/full.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>

#include <cmath>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>

#include "core/file.h"
#include "tests/support/expect_error.h"
#include "tests/support/process_memory.h"
#include "tests/support/temp_folder.h"
#include "tests/support/tensor_memory.h"
#include "tests/support/tiny_model.h"

namespace stratagram::train {
namespace {

// Copies, so that one test's updates do not show in another's weights.
model::Weights tiny_weights(at::ScalarType dtype) {
  const at::Tensor line = at::arange(12, at::TensorOptions().dtype(at::kDouble)) / 10 - 0.45;
  return {{"layer.weight", line.reshape({3, 4}).to(dtype).clone()},
          {"norm.weight", at::ones({5}, at::TensorOptions().dtype(dtype))}};
}

model::Weights copy_of(const model::Weights& weights) {
  model::Weights copy;
  for (const auto& [name, tensor] : weights) copy[name] = tensor.detach().clone();
  return copy;
}

void expect_equal(const model::Weights& got, const model::Weights& wanted) {
  ASSERT_EQ(got.size(), wanted.size());
  for (const auto& [name, tensor] : wanted) EXPECT_TRUE(got.at(name).equal(tensor)) << name;
}

// A gradient that differs by step and place.
void set_gradients_(const model::Weights& weights, int64_t step, double scale = 1.0) {
  double phase = 0.7 * static_cast<double>(step);
  for (const auto& [name, weight] : weights) {
    const at::Tensor places =
        at::arange(weight.numel(), at::TensorOptions().dtype(at::kDouble)) * 1.3 + phase;
    weight.mutable_grad() = (places.sin() * scale).reshape(weight.sizes()).to(weight.scalar_type());
    phase += 1;
  }
}

TEST(AdamW, EqualsTorchsOwnInFloat64) {
  const auto golden = nlohmann::json::parse(read_file(STRATAGRAM_TEST_DATA "/train/adamw.json"));
  const auto doubles = [](const nlohmann::json& values) {
    return at::tensor(values.get<std::vector<double>>(), at::TensorOptions().dtype(at::kDouble));
  };
  model::Weights weights;
  weights["matrix"] =
      at::arange(6, at::TensorOptions().dtype(at::kDouble)).sin().reshape({2, 3}).contiguous();
  weights["vector"] = at::arange(4, at::TensorOptions().dtype(at::kDouble)).cos();
  AdamW optimizer(weights,
                  {.beta1 = 0.8,
                   .beta2 = 0.95,
                   .epsilon = 1e-6,
                   .weight_decay = 0.1,
                   .max_gradient_norm = 1.5});

  for (const nlohmann::json& step : golden["steps"]) {
    weights["matrix"].mutable_grad() = doubles(step["matrix_gradient"]).reshape({2, 3});
    weights["vector"].mutable_grad() = doubles(step["vector_gradient"]);

    const UpdateReport report = optimizer.step_(step["rate"]);

    EXPECT_NEAR(report.gradient_norm, step["norm"].get<double>(), 1e-12);
    // The clip factor passes through float32.
    EXPECT_LT(max_difference(weights["matrix"].flatten(), doubles(step["matrix"])), 1e-8);
    EXPECT_LT(max_difference(weights["vector"], doubles(step["vector"])), 1e-8);
  }
}

TEST(AdamW, MovesByTheLearningRateAgainstTheSignOnItsFirstStep) {
  const model::Weights weights{{"w", at::zeros({2, 1})}};
  AdamW optimizer(weights, {.epsilon = 1e-12, .weight_decay = 0, .max_gradient_norm = 0});
  weights.at("w").mutable_grad() = at::tensor({3.0F, -0.001F}).reshape({2, 1});

  optimizer.step_(0.01);

  // m / (1 - b1) over sqrt(v / (1 - b2)) is the sign of the gradient.
  EXPECT_NEAR(weights.at("w")[0].item<double>(), -0.01, 1e-8);
  EXPECT_NEAR(weights.at("w")[1].item<double>(), 0.01, 1e-8);
}

TEST(AdamW, DecaysMatricesButNeitherNormsNorBiases) {
  const model::Weights weights = tiny_weights(at::kFloat);
  const model::Weights before = copy_of(weights);
  AdamW optimizer(weights, {.weight_decay = 0.5});

  // No gradient at all: only the decay is left.
  const UpdateReport report = optimizer.step_(0.1);

  EXPECT_TRUE(report.applied);
  EXPECT_LT(max_difference(weights.at("layer.weight"), before.at("layer.weight") * 0.95), 1e-7);
  EXPECT_TRUE(weights.at("norm.weight").equal(before.at("norm.weight")));
}

TEST(AdamW, ClipsByTheNormOverAllTensors) {
  const model::Weights clipped = tiny_weights(at::kFloat);
  const model::Weights scaled = tiny_weights(at::kFloat);
  AdamW first(clipped, {.epsilon = 1.0, .max_gradient_norm = 1.0});
  AdamW second(scaled, {.epsilon = 1.0, .max_gradient_norm = 0.0});
  set_gradients_(clipped, 0, 10.0);
  set_gradients_(scaled, 0, 10.0);
  double norm = 0;
  for (const auto& [name, weight] : scaled) {
    norm += weight.grad().to(at::kDouble).square().sum().item<double>();
  }
  norm = std::sqrt(norm);
  for (const auto& [name, weight] : scaled) weight.mutable_grad().div_(norm);

  const UpdateReport report = first.step_(0.1);
  second.step_(0.1);

  EXPECT_NEAR(report.gradient_norm, norm, 1e-5 * norm);
  for (const auto& [name, weight] : clipped) {
    // float32 weights below 1.
    EXPECT_LT(max_difference(weight, scaled.at(name)), 2e-7) << name;
  }
}

TEST(AdamW, LeavesASmallGradientUnclipped) {
  const model::Weights clipped = tiny_weights(at::kFloat);
  const model::Weights free = tiny_weights(at::kFloat);
  AdamW first(clipped, {.max_gradient_norm = 1e6});
  AdamW second(free, {.max_gradient_norm = 0});
  set_gradients_(clipped, 0);
  set_gradients_(free, 0);

  first.step_(0.1);
  second.step_(0.1);

  expect_equal(clipped, free);
}

TEST(AdamW, ChangesNothingForAGradientThatIsNotFinite) {
  const model::Weights weights = tiny_weights(at::kFloat);
  const model::Weights before = copy_of(weights);
  AdamW optimizer(weights, {});
  const model::Weights state = copy_of(optimizer.state());
  set_gradients_(weights, 0);
  weights.at("norm.weight").grad()[2] = std::numeric_limits<float>::infinity();

  const UpdateReport report = optimizer.step_(0.1);

  EXPECT_FALSE(report.applied);
  expect_equal(weights, before);
  expect_equal(optimizer.state(), state);
  EXPECT_FALSE(weights.at("layer.weight").grad().defined());
}

TEST(AdamW, GivesTheSameBitsTwice) {
  std::vector<model::Weights> results;
  for (int repeat = 0; repeat < 2; ++repeat) {
    const model::Weights weights = tiny_weights(at::kFloat);
    AdamW optimizer(weights, {});
    for (int64_t step = 0; step < 5; ++step) {
      set_gradients_(weights, step, 3.0);
      optimizer.step_(0.01);
    }
    results.push_back(copy_of(weights));
  }

  expect_equal(results[0], results[1]);
}

TEST(AdamW, GoesOnFromASavedStateBitForBit) {
  for (const at::ScalarType dtype : {at::kFloat, at::kDouble, at::kBFloat16}) {
    const model::Weights straight = tiny_weights(dtype);
    AdamW whole(straight, {});
    model::Weights state, weights_then;
    for (int64_t step = 0; step < 10; ++step) {
      if (step == 5) {
        state = copy_of(whole.state());
        weights_then = copy_of(straight);
      }
      set_gradients_(straight, step);
      whole.step_(0.003);
    }

    const model::Weights resumed = copy_of(weights_then);
    AdamW second(resumed, {});
    second.load_(state, "checkpoint");
    for (int64_t step = 5; step < 10; ++step) {
      set_gradients_(resumed, step);
      second.step_(0.003);
    }

    EXPECT_EQ(second.num_updates(), 10);
    expect_equal(resumed, straight);
    expect_equal(second.state(), whole.state());
  }
}

TEST(AdamW, LearnsInBfloat16BelowTheRoundingOfTheWeights) {
  // 1 - 2^-9 is the neighbour below 1 in bfloat16; a step of 1e-4 alone would be rounded away.
  const model::Weights weights{{"w", at::ones({3, 2}, at::TensorOptions().dtype(at::kBFloat16))}};
  AdamW optimizer(weights, {.weight_decay = 0});

  for (int step = 0; step < 50; ++step) {
    weights.at("w").mutable_grad() = at::ones({3, 2}, at::TensorOptions().dtype(at::kBFloat16));
    optimizer.step_(1e-4);
  }

  // 50 equal gradients move the master by 50 * 1e-4 = 0.005.
  EXPECT_NEAR(optimizer.state().at("master.w").max().item<double>(), 0.995, 1e-5);
  EXPECT_EQ(weights.at("w").max().item<double>(), 0.99609375);
}

TEST(AdamW, SumsSmallGradientsThatBfloat16WouldLose) {
  const model::Weights weights{{"w", at::zeros({1, 1}, at::TensorOptions().dtype(at::kBFloat16))}};
  AdamW optimizer(weights, {.max_gradient_norm = 0});

  for (const double gradient : {256.0, 1.0, 1.0, 1.0, 1.0}) {
    (weights.at("w") * gradient).sum().backward();
  }

  // In bfloat16, 256 + 1 is 256.
  EXPECT_EQ(optimizer.step_(0).gradient_norm, 260.0);
}

TEST(AdamW, GivesTheSameBitsWithItsStateOnDisk) {
  const TempFolder folder;
  for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16}) {
    const model::Weights in_memory = tiny_weights(dtype);
    const model::Weights on_disk = tiny_weights(dtype);
    AdamW first(in_memory, {});
    AdamW second(on_disk, {.state_on_disk = true}, folder.path());
    for (int64_t step = 0; step < 5; ++step) {
      set_gradients_(in_memory, step, 3.0);
      set_gradients_(on_disk, step, 3.0);
      EXPECT_EQ(first.step_(0.01).update_ratio, second.step_(0.01).update_ratio);
    }

    expect_equal(on_disk, in_memory);
    expect_equal(second.state(), first.state());
    EXPECT_TRUE(std::filesystem::is_empty(folder.path())) << "the file has no name";

    AdamW third(on_disk, {.state_on_disk = true}, folder.path());
    third.load_(copy_of(first.state()), "checkpoint");
    expect_equal(third.state(), first.state());
  }
}

// One weight of more numbers than are updated at once.
model::Weights large_weight(at::ScalarType dtype) {
  constexpr int64_t kItems = 5 * AdamW::kItemsAtOnce / 2 + 8;
  return {{"w", wave({kItems / 8, 8}, 0.7, dtype)}};
}

TEST(AdamW, UpdatesALargeWeightOnDiskAsInMemory) {
  const TempFolder folder;
  const model::Weights in_memory = large_weight(at::kBFloat16);
  const model::Weights on_disk = copy_of(in_memory);
  AdamW first(in_memory, {});
  AdamW second(on_disk, {.state_on_disk = true}, folder.path());
  for (int64_t step = 0; step < 2; ++step) {
    set_gradients_(in_memory, step, 3.0);
    set_gradients_(on_disk, step, 3.0);
    first.step_(0.01);
    second.step_(0.01);
  }

  expect_equal(on_disk, in_memory);
  expect_equal(second.state(), first.state());
}

TEST(AdamW, TakesNoMemoryForAStateOnDiskBetweenUpdates) {
  for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16}) {
    const TempFolder folder;
    const model::Weights weights = large_weight(dtype);
    const int64_t bytes = weights.at("w").numel() * (dtype == at::kFloat ? 8 : 10);
    AdamW optimizer(weights, {.state_on_disk = true}, folder.path());
    set_gradients_(weights, 0);
    const int64_t before = mapped_file_memory();

    ASSERT_TRUE(optimizer.step_(0.01).applied);

    EXPECT_LT(mapped_file_memory(), before + bytes / 4);

    for (const auto& [name, tensor] : optimizer.state()) (void)tensor.sum();
    EXPECT_GT(mapped_file_memory(), before + bytes / 2) << "reading brings them";
    optimizer.release_state();
    EXPECT_LT(mapped_file_memory(), before + bytes / 4);
  }
}

TEST(AdamW, TakesNoMoreMemoryForACheckpointThanMastersInFloat32) {
  const model::Weights weights = large_weight(at::kBFloat16);
  AdamW optimizer(weights, {});
  const int64_t masters = weights.at("w").numel() * 4;
  // Besides them some numbers at a time, and what is made of those.
  const int64_t at_once = AdamW::kItemsAtOnce * 12;

  model::Weights state;
  {
    const TensorMemory memory;
    state = optimizer.state();
    EXPECT_LE(memory.peak(), masters + at_once);
  }
  const TensorMemory memory;
  optimizer.load_(state, "checkpoint");
  EXPECT_LE(memory.peak(), at_once);
}

TEST(AdamW, RefusesAMasterThatIsNotFinite) {
  const model::Weights weights = tiny_weights(at::kBFloat16);
  AdamW optimizer(weights, {});
  model::Weights state = copy_of(optimizer.state());
  state["master.norm.weight"][3] = std::numeric_limits<double>::quiet_NaN();

  expect_error([&] { optimizer.load_(state, "run/000010"); },
               ErrorKind::kData,
               "run/000010: tensor 'master.norm.weight': wanted finite numbers");
}

TEST(AdamW, RefusesAStateOnDiskWithoutAFolderOrInFloat64) {
  const model::Weights weights = tiny_weights(at::kFloat);
  expect_error([&] { const AdamW optimizer(weights, {.state_on_disk = true}, "/no/such/folder"); },
               ErrorKind::kDevice,
               "/no/such/folder: no scratch file can be made there");
  const model::Weights wide = tiny_weights(at::kDouble);
  expect_error([&] { const AdamW optimizer(wide, {.state_on_disk = true}, "/tmp"); },
               ErrorKind::kConfig,
               "wanted float32 or bfloat16");
}

TEST(AdamW, RefusesWeightsInFloat16) {
  // Their gradients would want a scale of the loss, which nothing here has.
  expect_error([] { const AdamW optimizer(tiny_weights(at::kHalf), {}); },
               ErrorKind::kInternal,
               "wanted contiguous float32, float64 or bfloat16, got Half");
}

TEST(AdamW, ReportsTheSizeOfTheUpdateBesideThatOfTheWeights) {
  const model::Weights weights{{"w", at::full({2, 2}, 2.0)}};
  AdamW optimizer(weights, {.weight_decay = 0, .max_gradient_norm = 0});
  weights.at("w").mutable_grad() = at::ones({2, 2});

  // The first step moves every weight by the learning rate.
  EXPECT_NEAR(optimizer.step_(0.02).update_ratio, 0.01, 1e-6);
}

TEST(AdamW, NamesTheTensorOfAStateThatDoesNotFit) {
  const model::Weights weights = tiny_weights(at::kFloat);
  AdamW optimizer(weights, {});
  const model::Weights state = copy_of(optimizer.state());

  model::Weights missing = state;
  missing.erase("exp_avg_sq.norm.weight");
  expect_error([&] { optimizer.load_(missing, "run/000010"); },
               ErrorKind::kData,
               "run/000010: tensor 'exp_avg_sq.norm.weight' is missing");
  model::Weights wrong = state;
  wrong["exp_avg.norm.weight"] = at::zeros({4});
  expect_error([&] { optimizer.load_(wrong, "run/000010"); },
               ErrorKind::kData,
               "'exp_avg.norm.weight': wanted Float [5], got Float [4]");
  model::Weights extra = state;
  extra["master.norm.weight"] = at::zeros({5});
  expect_error([&] { optimizer.load_(extra, "run/000010"); },
               ErrorKind::kData,
               "holds 6 tensors of optimizer state, wanted 5");
}

}  // namespace
}  // namespace stratagram::train
