#include "model/rope.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/ones.h>
#include <gtest/gtest.h>

#include <cmath>

#include "model/layer_math.h"
#include "tests/support/tiny_model.h"

namespace stratagram::model {
namespace {

TEST(RopeFrequencies, AreTheThetaPowersOfThePaper) {
  ModelConfig config = tiny_config();
  config.head_width = 8;
  config.rope_theta = 10000.0;

  const std::vector<double> frequencies = rope_frequencies(config);

  ASSERT_EQ(frequencies.size(), 4U);
  EXPECT_DOUBLE_EQ(frequencies[0], 1.0);
  EXPECT_DOUBLE_EQ(frequencies[1], 0.1);
  EXPECT_DOUBLE_EQ(frequencies[3], 0.001);
}

TEST(RopeFrequencies, OfLlama3KeepShortWavesAndDivideLongOnes) {
  ModelConfig config = tiny_config();
  config.head_width = 128;
  config.rope_theta = 500000.0;
  const std::vector<double> plain = rope_frequencies(config);
  config.rope = {.kind = "llama3",
                 .factor = 8,
                 .low_freq_factor = 1,
                 .high_freq_factor = 4,
                 .original_max_positions = 8192};

  const std::vector<double> scaled = rope_frequencies(config);

  EXPECT_DOUBLE_EQ(scaled.front(), plain.front());
  EXPECT_DOUBLE_EQ(scaled.back(), plain.back() / 8);
  for (size_t i = 0; i < plain.size(); ++i) {
    EXPECT_LE(scaled[i], plain[i]);
    EXPECT_GE(scaled[i], plain[i] / 8);
  }
}

TEST(Rotate, TurnsEachPairByPositionTimesFrequency) {
  ModelConfig config = tiny_config();
  config.head_width = 2;
  const at::Tensor frequencies = at::ones({1}) * 0.5;

  const at::Tensor turned =
      rotate(at::ones({1, 1, 2}), make_rotation(frequencies, ids_tensor({3})));

  EXPECT_NEAR(turned[0][0][0].item<double>(), std::cos(1.5) - std::sin(1.5), 1e-6);
  EXPECT_NEAR(turned[0][0][1].item<double>(), std::cos(1.5) + std::sin(1.5), 1e-6);
}

}  // namespace
}  // namespace stratagram::model
