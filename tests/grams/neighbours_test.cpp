#include "grams/neighbours.h"

#include <gtest/gtest.h>

#include <cmath>

namespace stratagram::grams {
namespace {

// Examples on the unit circle, by degrees.
Neighbours on_circle(const std::vector<std::pair<Example, double>>& examples, int64_t num_nearest) {
  std::vector<Example> list;
  Embeddings vectors{.values = {}, .width = 2};
  for (const auto& [example, degrees] : examples) {
    list.push_back(example);
    const double radians = degrees / 180 * 3.14159265358979323846;
    // Lengths do not matter.
    vectors.values.push_back(static_cast<float>(7 * std::cos(radians)));
    vectors.values.push_back(static_cast<float>(7 * std::sin(radians)));
  }
  return {std::move(list), vectors, num_nearest};
}

const std::vector<float> kEast{3, 0};

TEST(Neighbours, AverageTheCosineOfTheNearest) {
  const Neighbours neighbours =
      on_circle({{{.text = "a"}, 180}, {{.text = "b"}, 60}, {{.text = "c"}, -90}}, 2);

  // float32 vectors.
  EXPECT_NEAR(neighbours.nearness("x", kEast), (0.5 + 0.0) / 2, 1e-6);
}

TEST(Neighbours, LeaveTheGramItselfOut) {
  const Neighbours neighbours = on_circle({{{.text = "a"}, 0}, {{.text = "b"}, 60}}, 1);

  EXPECT_NEAR(neighbours.nearness("a", kEast), 0.5, 1e-6);
  EXPECT_NEAR(neighbours.nearness("b", kEast), 1.0, 1e-6);
}

TEST(Neighbours, TakeFewerWhereThereAreFewer) {
  EXPECT_NEAR(on_circle({{{.text = "a"}, 60}}, 5).nearness("x", kEast), 0.5, 1e-6);
  EXPECT_EQ(on_circle({{{.text = "a"}, 60}}, 5).nearness("a", kEast), 0);
}

TEST(Neighbours, GiveTheRoleOfMostAndAmongEqualsThatOfTheNearest) {
  const Example branching{.text = "a", .role = Role::kBranching};
  const Example deduction{.text = "b", .role = Role::kDeduction};
  const Example also_deduction{.text = "c", .role = Role::kDeduction};

  EXPECT_EQ(on_circle({{branching, 10}, {deduction, 20}, {also_deduction, 30}}, 3).role("x", kEast),
            Role::kDeduction);
  EXPECT_EQ(on_circle({{branching, 10}, {deduction, 20}, {also_deduction, 30}}, 2).role("x", kEast),
            Role::kBranching);
  EXPECT_EQ(on_circle({{{.text = "a"}, 10}}, 3).role("x", kEast), std::nullopt);
}

}  // namespace
}  // namespace stratagram::grams
