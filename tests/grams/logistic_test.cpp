#include "grams/logistic.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/error.h"
#include "core/stream.h"

namespace stratagram::grams {
namespace {

struct Data {
  FeatureRows rows{.values = {}, .width = 3};
  std::vector<bool> yes{};
};

// Labels drawn from a known model.
Data drawn(size_t num_rows, double bias, const std::vector<double>& weights) {
  const Stream stream({.seed = 4, .purpose = "test"});
  Data data;
  for (size_t i = 0; i < num_rows; ++i) {
    double logit = bias;
    for (size_t k = 0; k < 3; ++k) {
      const double value = stream.normal(10 * i + k);
      data.rows.values.push_back(value);
      logit += weights[k] * value;
    }
    data.yes.push_back(stream.uniform(10 * i + 9) < 1 / (1 + std::exp(-logit)));
  }
  return data;
}

double objective(const Data& data, const Logistic& model, double ridge) {
  double sum = 0;
  for (size_t i = 0; i < data.yes.size(); ++i) {
    const double p = model.probability(data.rows.row(i));
    sum += std::log(data.yes[i] ? p : 1 - p);
  }
  for (const double weight : model.weights) sum -= ridge / 2 * weight * weight;
  return sum;
}

TEST(Logistic, FindsTheModelThatItsLabelsWereDrawnFrom) {
  const Data data = drawn(20000, -1.0, {2.0, 0.0, -0.5});

  const Logistic model = fit_logistic(data.rows, data.yes, 1e-6);

  // Three standard errors of 20,000 draws.
  EXPECT_NEAR(model.bias, -1.0, 0.08);
  EXPECT_NEAR(model.weights[0], 2.0, 0.11);
  EXPECT_NEAR(model.weights[1], 0.0, 0.07);
  EXPECT_NEAR(model.weights[2], -0.5, 0.07);
}

TEST(Logistic, IsTheHighestPointOfTheLikelihoodLessTheRidge) {
  const Data data = drawn(60, 0.5, {1.0, -2.0, 0.0});
  const double ridge = 2.5;
  const Logistic best = fit_logistic(data.rows, data.yes, ridge);
  const double highest = objective(data, best, ridge);

  for (size_t k = 0; k < 4; ++k) {
    for (const double by : {-1e-3, 1e-3}) {
      Logistic other = best;
      (k == 3 ? other.bias : other.weights[k]) += by;

      EXPECT_LT(objective(data, other, ridge), highest) << "parameter " << k << " by " << by;
    }
  }
}

TEST(Logistic, HasTheLogitOfTheShareAsBiasWhenNoFeatureSpeaks) {
  const FeatureRows rows{.values = {0, 0, 0, 0}, .width = 1};

  const Logistic model = fit_logistic(rows, {true, false, false, false}, 1.0);

  EXPECT_NEAR(model.bias, std::log(1.0 / 3.0), 1e-6);  // a ridge of 1e-9 is on the bias, too
  EXPECT_DOUBLE_EQ(model.weights[0], 0.0);
}

TEST(Logistic, StaysFiniteForLabelsThatAPlaneParts) {
  const FeatureRows rows{.values = {-2, -1, 1, 2}, .width = 1};

  const Logistic model = fit_logistic(rows, {false, false, true, true}, 0.1);

  EXPECT_GT(model.weights[0], 0);
  EXPECT_LT(model.weights[0], 100);
  EXPECT_NEAR(model.bias, 0, 1e-9);
}

TEST(Logistic, GivesProbabilitiesInsideNaughtAndOneForAnyLogit) {
  const Logistic model{.bias = 0, .weights = {1000}};

  EXPECT_EQ(model.probability(std::vector<double>{1}), 1.0);
  EXPECT_EQ(model.probability(std::vector<double>{-1}), 0.0);
  EXPECT_EQ(model.probability(std::vector<double>{0}), 0.5);
}

}  // namespace
}  // namespace stratagram::grams
