#include "rollout/sampler.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/stream.h"
#include "tests/support/expect_error.h"
#include "tests/support/tiny_model.h"

namespace stratagram::rollout {
namespace {

const std::vector<float> kProbs{0.05F, 0.3F, 0.02F, 0.4F, 0.13F, 0.1F};

// The distribution after the filters, the long way: sort, cut, scale.
std::vector<double> plain_filtered(const SamplingConfig& config) {
  std::vector<size_t> order(kProbs.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(
      order.begin(), order.end(), [](size_t a, size_t b) { return kProbs[a] > kProbs[b]; });
  std::vector<double> kept(kProbs.size(), 0.0);
  std::vector<size_t> left;
  for (size_t i = 0; i < order.size(); ++i) {
    if (config.top_k > 0 && static_cast<int64_t>(i) >= config.top_k) break;
    if (kProbs[order[i]] < config.min_p * kProbs[order[0]]) break;
    left.push_back(order[i]);
  }
  double total = 0;
  for (const size_t token : left) total += kProbs[token];
  double sum = 0;
  for (const size_t token : left) {
    if (sum >= config.top_p * total) break;
    kept[token] = kProbs[token];
    sum += kProbs[token];
  }
  const double scale = std::accumulate(kept.begin(), kept.end(), 0.0);
  for (double& prob : kept) prob /= scale;
  return kept;
}

// 0.9 of the three likeliest (0.9795 together) is more than the first alone holds; of the first two
// it would not be.
TEST(Pick, CountsTheSmallestKeptTokensInTheShareThatTopPIsOf) {
  const std::vector<float> probs{0.87F, 0.085F, 0.0245F, 0.0205F};

  EXPECT_EQ(pick(probs, 0.999, {.top_p = 0.9, .top_k = 3}), 1);
}

TEST(Pick, DrawsFromTheFilteredDistribution) {
  const Stream stream({.seed = 4, .purpose = "pick"});
  const std::vector<SamplingConfig> configs{{.top_p = 0.8},
                                            {.top_p = 0.69},
                                            {.top_k = 2},
                                            {.min_p = 0.3},
                                            {.top_p = 0.88, .top_k = 4},
                                            {.top_p = 0.9, .top_k = 4, .min_p = 0.2}};
  for (const SamplingConfig& config : configs) {
    const std::vector<double> wanted = plain_filtered(config);
    std::vector<int> counts(kProbs.size());
    const int n = 60000;
    for (int i = 0; i < n; ++i) ++counts[pick(kProbs, stream.uniform(i), config)];

    double chi_square = 0;
    for (size_t v = 0; v < wanted.size(); ++v) {
      if (wanted[v] == 0) {
        EXPECT_EQ(counts[v], 0) << "token " << v << " is filtered away";
      } else {
        chi_square += std::pow(counts[v] - n * wanted[v], 2) / (n * wanted[v]);
      }
    }
    // At most 5 degrees of freedom: 25.7 is exceeded once in 10,000.
    EXPECT_LT(chi_square, 25.7);
  }
}

TEST(Pick, TakesTheLastPossibleTokenForTheLargestUniform) {
  const std::vector<float> probs{0.5F, 0.5F, 0.0F};

  EXPECT_EQ(pick(probs, std::nextafter(1.0, 0.0), {.top_k = 2}), 1);
  EXPECT_EQ(pick(probs, 0.0, {.top_k = 2}), 0);
}

TEST(Sample, DrawsFromTheWholeDistribution) {
  const Stream stream({.seed = 5, .purpose = "pick"});
  const int64_t num_rows = 60000;
  const at::Tensor logits = at::tensor(kProbs, at::TensorOptions().dtype(at::kFloat))
                                .log()
                                .add(3.0)
                                .repeat({num_rows, 1});
  std::vector<double> uniforms;
  for (int64_t row = 0; row < num_rows; ++row) uniforms.push_back(stream.uniform(row));

  std::vector<int> counts(kProbs.size());
  for (const Sampled& sampled : sample(logits, uniforms, {})) ++counts[sampled.token];

  double chi_square = 0;
  for (size_t v = 0; v < kProbs.size(); ++v) {
    const double wanted = static_cast<double>(num_rows) * kProbs[v];
    chi_square += std::pow(counts[v] - wanted, 2) / wanted;
  }
  EXPECT_LT(chi_square, 25.7);  // 5 degrees of freedom: once in 10,000
}

TEST(Sample, GivesLogprobAndEntropyOfTheWholeDistributionAtTheTemperature) {
  const at::Tensor logits =
      at::tensor({1.0, 3.0, -2.0, 0.5}, at::TensorOptions().dtype(at::kFloat)).unsqueeze(0);
  const at::Tensor wanted = at::log_softmax(logits / 0.5, -1)[0];

  const std::vector<Sampled> sampled =
      sample(logits, std::vector<double>{0.999999}, {.temperature = 0.5, .top_k = 2});

  EXPECT_EQ(sampled[0].token, 1);
  EXPECT_NEAR(sampled[0].logprob, wanted[1].item<double>(), 1e-6);
  EXPECT_NEAR(sampled[0].entropy, -(wanted.exp() * wanted).sum().item<double>(), 1e-6);
}

TEST(Sample, AtTemperatureZeroTakesTheLikeliestToken) {
  const at::Tensor logits =
      at::tensor({1.0, 3.0, 2.9}, at::TensorOptions().dtype(at::kFloat)).unsqueeze(0);

  for (const double uniform : {0.0, 0.5, 0.99}) {
    EXPECT_EQ(sample(logits, std::vector<double>{uniform}, {.temperature = 0})[0].token, 1);
  }
}

TEST(Sample, RefusesLogitsThatAreNotFinite) {
  at::Tensor logits = at::zeros({2, 3});
  logits[1][2] = std::numeric_limits<float>::quiet_NaN();

  expect_error([&] { (void)sample(logits, std::vector<double>{0.1, 0.1}, {}); },
               ErrorKind::kNumeric,
               "row 1 of 2");
}

}  // namespace
}  // namespace stratagram::rollout
