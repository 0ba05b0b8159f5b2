#include "model/softmax_rows.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/full.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "tests/support/tiny_model.h"

namespace stratagram::model {
namespace {

at::Tensor waves(int64_t num_rows, int64_t num_columns, double height) {
  return (at::arange(num_rows * num_columns, at::kDouble) * 0.7391)
      .sin()
      .mul(height)
      .view({num_rows, num_columns});
}

struct Plain {
  at::Tensor normalisers, entropies, probs;
};

Plain plain_of(const at::Tensor& logits, double temperature) {
  const at::Tensor z = logits.to(at::kDouble) / temperature;
  const at::Tensor normalisers = z.logsumexp(-1);
  const at::Tensor logp = z - normalisers.unsqueeze(1);
  return {
      .normalisers = normalisers, .entropies = -(logp.exp() * logp).sum(-1), .probs = logp.exp()};
}

TEST(SoftmaxRows, StatsEqualThoseOfFloat64) {
  for (const int64_t num_columns : {1, 5, 1023, 1024, 1025, 5000, 40961}) {
    for (const double height : {0.01, 3.0, 60.0}) {
      for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16}) {
        const at::Tensor logits = waves(3, num_columns, height).to(dtype);
        const SoftmaxStats stats = softmax_stats(softmax_parts(logits, 0.7));
        const Plain plain = plain_of(logits, 0.7);

        EXPECT_LT(max_difference(stats.normalisers_C.to(at::kDouble), plain.normalisers),
                  2e-7 * (10 + 2 * height));
        EXPECT_LT(max_difference(stats.entropies_C.to(at::kDouble), plain.entropies), 4e-6)
            << num_columns << " columns of height " << height;
      }
    }
  }
}

TEST(SoftmaxRows, PartsAreTheSameHoweverTheColumnsCome) {
  const at::Tensor logits = waves(4, 5000, 4.0).to(at::kFloat);
  const at::Tensor whole = softmax_parts(logits, 1.3);
  const at::Tensor pieces = at::cat({softmax_parts(logits.narrow(1, 0, 2048).contiguous(), 1.3),
                                     softmax_parts(logits.narrow(1, 2048, 2952).contiguous(), 1.3)},
                                    1);

  EXPECT_EQ(max_difference(whole, pieces), 0.0);
}

TEST(SoftmaxRows, StatsAreNotFiniteWhereALogitIsNot) {
  for (const float bad :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    at::Tensor logits = waves(2, 3000, 1.0).to(at::kFloat);
    logits[1][2050] = bad;
    const SoftmaxStats stats = softmax_stats(softmax_parts(logits, 1.0));

    EXPECT_TRUE(std::isfinite(stats.entropies_C[0].item<double>()));
    EXPECT_FALSE(std::isfinite(stats.entropies_C[1].item<double>()));
  }
}

// Far below the rest: no probability, and no not-a-number.
TEST(SoftmaxRows, TakesLogitsOfAnySize) {
  at::Tensor logits = at::full({1, 2100}, -3e38, at::TensorOptions().dtype(at::kFloat));
  logits[0][7] = 3e38;
  logits[0][2099] = 3e38;
  const SoftmaxStats stats = softmax_stats(softmax_parts(logits, 1.0));

  EXPECT_NEAR(stats.entropies_C[0].item<double>(), std::log(2.0), 1e-6);
}

TEST(SoftmaxRows, GradientEqualsTheFormulaInFloat64) {
  const double temperature = 0.8;
  const at::Tensor logits = waves(5, 2100, 3.0).to(at::kFloat);
  const Plain plain = plain_of(logits, temperature);
  const std::vector<int64_t> targets{0, 1023, 1024, 2099, 700};
  const at::Tensor logprob_gradient = at::arange(5, at::kDouble) - 1.5;
  const at::Tensor entropy_gradient = (at::arange(5, at::kDouble) - 2.0) * 0.3;
  at::Tensor wanted = -plain.probs * (logprob_gradient.unsqueeze(1) +
                                      entropy_gradient.unsqueeze(1) *
                                          (plain.probs.log() + plain.entropies.unsqueeze(1)));
  for (int64_t row = 0; row < 5; ++row) wanted[row][targets[row]] += logprob_gradient[row];
  wanted = wanted / temperature;

  SoftmaxPull pull{.stats = softmax_stats(softmax_parts(logits, temperature)),
                   .targets_C = ids_tensor(targets),
                   .logprob_gradients_C = logprob_gradient.to(at::kFloat),
                   .entropy_gradients_C = entropy_gradient.to(at::kFloat),
                   .temperature = temperature};
  std::vector<at::Tensor> pieces;
  for (const auto& [first, count] : {std::pair<int64_t, int64_t>{0, 1024}, {1024, 1076}}) {
    pieces.push_back(logits.narrow(1, first, count).clone(at::MemoryFormat::Contiguous));
    pull.first_column = first;
    softmax_gradient_(pieces.back(), pull);
  }

  EXPECT_LT(max_difference(at::cat(pieces, 1).to(at::kDouble), wanted), 1e-6);
}

// The token at which the running sum of float64 probabilities passes the uniform; one next to it
// where the two are closer than float32 can tell.
TEST(SoftmaxRows, DrawsTheTokenAtWhichTheRunningSumPassesTheUniform) {
  for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16}) {
    const at::Tensor logits = waves(400, 2500, 2.0).to(dtype);
    const at::Tensor sums = plain_of(logits, 0.9).probs.cumsum(1);
    std::vector<double> uniforms;
    for (int64_t row = 0; row < 400; ++row) {
      uniforms.push_back(std::fmod(static_cast<double>(row) * 0.618, 1.0));
    }

    const std::vector<int32_t> tokens =
        draw_rows(logits, softmax_parts(logits, 0.9), 0.9, uniforms);

    for (int64_t row = 0; row < 400; ++row) {
      const int32_t token = tokens[row];
      EXPECT_GT(sums[row][token].item<double>(), uniforms[row] - 1e-6);
      if (token == 0) continue;
      EXPECT_LT(sums[row][token - 1].item<double>(), uniforms[row] + 1e-6);
    }
  }
}

TEST(SoftmaxRows, NeverDrawsWhatHasNoProbability) {
  at::Tensor logits = at::full({2, 3000}, -1e30, at::TensorOptions().dtype(at::kFloat));
  logits.narrow(1, 10, 2).fill_(1.0);
  const std::vector<int32_t> tokens = draw_rows(
      logits, softmax_parts(logits, 1.0), 1.0, std::vector<double>{0.0, std::nextafter(1.0, 0.0)});

  EXPECT_EQ(tokens, (std::vector<int32_t>{10, 11}));
}

TEST(SoftmaxRows, GivesTheProbabilitiesOfARow) {
  const at::Tensor logits = waves(3, 1500, 2.0).to(at::kBFloat16);
  const Plain plain = plain_of(logits, 1.4);
  std::vector<float> probs(1500);

  softmax_row(logits, 1, 1.4, plain.normalisers[1].item<double>(), probs);

  double difference = 0;
  for (int64_t v = 0; v < 1500; ++v) {
    difference = std::max(difference, std::abs(probs[v] - plain.probs[1][v].item<double>()));
  }
  EXPECT_LT(difference, 1e-7);
}

}  // namespace
}  // namespace stratagram::model
