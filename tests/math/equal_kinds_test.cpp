// Equality by kind: units, sets, tuples, matrices, ratios, choices, words.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "math/equal.h"
#include "tests/math/reader.h"

namespace stratagram::math {
namespace {

using testing::labelled;
using testing::matrix;
using testing::of_answers;
using testing::of_parts;
using testing::value;
using testing::value_in;
using testing::words;

std::string reason_of(const Answer& gold,
                      const Answer& predicted,
                      const EqualityOptions& options = {}) {
  const Equality found = compare(gold, predicted, options);
  EXPECT_EQ(found.sameness == Sameness::kSame, found.reason.starts_with("equal_")) << found.reason;
  return found.reason;
}

bool is_same(const Answer& gold, const Answer& predicted, const EqualityOptions& options = {}) {
  return compare(gold, predicted, options).sameness == Sameness::kSame;
}

Answer set(const std::vector<std::string>& parts) {
  return of_parts(AnswerKind::kSet, parts);
}
Answer tuple(const std::vector<std::string>& parts) {
  return of_parts(AnswerKind::kTuple, parts);
}
Answer ratio(const std::vector<std::string>& parts) {
  return of_parts(AnswerKind::kRatio, parts);
}

TEST(EqualUnits, AreOptionalUnlessWanted) {
  EXPECT_TRUE(is_same(value("5"), value_in("5", "cm")));
  EXPECT_TRUE(is_same(value_in("5", "cm"), value("5")));
  EXPECT_EQ(reason_of(value_in("5", "cm"), value("5"), {.strict_units = true}), "different_unit");
  EXPECT_TRUE(is_same(value("5"), value_in("5", "cm"), {.strict_units = true}));
}

TEST(EqualUnits, AreConvertedExactlyIntoThatOfTheGold) {
  EXPECT_EQ(reason_of(value_in("5", "m"), value_in("500", "cm")), "equal_exact");
  EXPECT_EQ(reason_of(value_in("127/10", "cm"), value_in("5", "in")), "equal_exact");
  EXPECT_EQ(reason_of(value_in("3600", "m^2"), value_in("0.0036", "km^2")), "equal_exact");
  EXPECT_EQ(reason_of(value_in("90", "km/h"), value_in("25", "m/s")), "equal_exact");
  EXPECT_EQ(reason_of(value_in("77", "degF"), value_in("25", "degC")), "equal_exact");
  EXPECT_EQ(reason_of(value_in("5", "m"), value_in("5", "cm")), "different_value");
  EXPECT_EQ(reason_of(value_in("5", "m"), value_in("5", "s")), "different_unit");
  EXPECT_EQ(reason_of(value_in("5", "m"), value_in("5", "m^2")), "different_unit");
  EXPECT_EQ(reason_of(value_in("5", "USD"), value_in("5", "EUR")), "different_unit");
  EXPECT_EQ(reason_of(value_in("5", "nonsense"), value_in("5", "m")), "different_unit");
}

TEST(EqualUnits, KeepTheRuleOfPrecision) {
  EXPECT_EQ(reason_of(value_in("1/3", "m"), value_in("33.3333", "cm")), "equal_rounded");
  EXPECT_EQ(reason_of(value_in("1/3", "m"), value_in("33.33", "cm")), "different_value");
}

TEST(EqualUnits, TakeBareAnglesForRadiansToo) {
  EXPECT_TRUE(is_same(value_in("90", "deg"), value("90")));
  EXPECT_TRUE(is_same(value_in("90", "deg"), value("pi/2")));
  EXPECT_TRUE(is_same(value("pi/2"), value_in("90", "deg")));
  EXPECT_TRUE(is_same(value_in("90", "deg"), value_in("pi/2", "rad")));
  EXPECT_FALSE(is_same(value_in("90", "deg"), value("2/pi")));
  EXPECT_FALSE(is_same(value_in("90", "deg"), value_in("90", "rad")));
}

TEST(EqualPercents, AreHundredthsOrBareNumbers) {
  EXPECT_TRUE(is_same(value_in("50", "%"), value_in("50.0", "%")));
  EXPECT_TRUE(is_same(value_in("50", "%"), value("1/2")));
  EXPECT_TRUE(is_same(value_in("50", "%"), value("50")));
  EXPECT_TRUE(is_same(value("1/2"), value_in("50", "%")));
  EXPECT_TRUE(is_same(value("28"), value_in("28", "%")));
}

TEST(EqualPercents, AreNotOffByAHundred) {
  EXPECT_EQ(reason_of(value("0.28"), value("28")), "different_value");
  EXPECT_EQ(reason_of(value("28"), value("28/100")), "different_value");
  EXPECT_EQ(reason_of(value_in("50", "%"), value_in("1/2", "%")), "different_value");
  EXPECT_EQ(reason_of(value_in("50", "%"), value("5000")), "different_value");
  EXPECT_EQ(reason_of(value("0.5"), value_in("0.5", "%")), "different_unit");
  EXPECT_EQ(reason_of(value("5000"), value_in("50", "%")), "different_value");
  EXPECT_EQ(reason_of(value_in("50", "%"), value("50"), {.strict_units = true}), "different_unit");
}

TEST(EqualPercents, KeepTheRuleOfPrecision) {
  EXPECT_EQ(reason_of(value("1/3"), value_in("33.3333", "%")), "equal_rounded");
  EXPECT_EQ(reason_of(value("1/3"), value_in("33.33", "%")), "different_value");
  EXPECT_EQ(reason_of(value_in("100/3", "%"), value("0.333333")), "equal_rounded");
}

TEST(EqualLabels, MatterOnlyWhereTheyTellPartsApart) {
  EXPECT_TRUE(is_same(value("5"), labelled("x", "5")));
  EXPECT_TRUE(is_same(labelled("k", "5"), labelled("x", "5")));
  EXPECT_TRUE(is_same(labelled("f(x)", "x^2"), labelled("f(t)", "t^2")));
  EXPECT_FALSE(is_same(labelled("f(x)", "x^2"), labelled("g(t)", "t^2")));
  EXPECT_FALSE(is_same(labelled("f(x)", "x^2"), labelled("f(t)", "2*t")));
  EXPECT_FALSE(is_same(labelled("f(x)", "x^2+t"), labelled("f(t)", "t^2+t")));
  EXPECT_FALSE(is_same(labelled("f(x)", "x^2+x"), labelled("f(t)", "t^2+x")));
  EXPECT_EQ(reason_of(labelled("k", "5"), labelled("x", "5"), {.strict_labels = true}),
            "different_label");
  const auto pair = [](const char* first, const char* second) {
    return of_answers(AnswerKind::kSet, {labelled("x", first), labelled("y", second)});
  };
  EXPECT_TRUE(is_same(pair("1", "2"), pair("1", "2")));
  EXPECT_FALSE(is_same(pair("1", "2"), pair("2", "1")));
  EXPECT_TRUE(is_same(tuple({"1", "2"}), pair("1", "2")));
  EXPECT_TRUE(is_same(pair("1", "2"), tuple({"1", "2"})));
  EXPECT_FALSE(is_same(tuple({"2", "1"}), pair("1", "2")));
}

TEST(EqualSets, HaveNoOrderAndNoMultiplicity) {
  EXPECT_EQ(reason_of(set({"1", "2", "3"}), set({"3", "1", "2"})), "equal_set");
  EXPECT_TRUE(is_same(set({"1", "1", "2"}), set({"2", "1"})));
  EXPECT_TRUE(is_same(set({"sqrt(8)", "-sqrt(8)"}), set({"-2*sqrt(2)", "2*sqrt(2)"})));
  EXPECT_TRUE(is_same(set({"1/3"}), value("1/3")));
  EXPECT_TRUE(is_same(set({"1/3", "2/6"}), value("1/3")));
  EXPECT_TRUE(is_same(set({}), set({})));
}

TEST(EqualSets, MissAndExceedByReason) {
  EXPECT_EQ(reason_of(set({"1", "2"}), set({"1"})), "missing_part");
  EXPECT_EQ(reason_of(set({"1"}), set({"1", "2"})), "extra_part");
  EXPECT_EQ(reason_of(set({"1", "2"}), value("1")), "missing_part");
  EXPECT_EQ(reason_of(value("1"), set({"1", "2"})), "extra_part");
  EXPECT_EQ(reason_of(set({"1", "2"}), set({})), "missing_part");
  EXPECT_EQ(reason_of(set({"1", "2"}), tuple({"1", "2"})), "different_kind");
}

TEST(EqualSets, OfTuplesCompareTheirParts) {
  const Answer points = of_answers(AnswerKind::kSet, {tuple({"1", "2"}), tuple({"3", "4"})});
  const Answer turned = of_answers(AnswerKind::kSet, {tuple({"3", "4"}), tuple({"1", "2"})});
  const Answer swapped = of_answers(AnswerKind::kSet, {tuple({"2", "1"}), tuple({"3", "4"})});

  EXPECT_TRUE(is_same(points, turned));
  EXPECT_FALSE(is_same(points, swapped));
}

TEST(EqualSets, OfThousandsAreComparedWithinTheBudget) {
  std::vector<std::string> up;
  std::vector<std::string> down;
  for (int i = 0; i < 3000; ++i) {
    up.push_back(fmt::format("{}", i));
    down.push_back(fmt::format("{}", 2999 - i));
  }
  EXPECT_TRUE(is_same(set(up), set(down)));
  down[7] = "5000";
  EXPECT_EQ(compare(set(up), set(down)).sameness, Sameness::kDifferent);
}

TEST(EqualTuples, KeepTheirOrder) {
  EXPECT_EQ(reason_of(tuple({"1", "9/2"}), tuple({"1", "4.5"})), "equal_parts");
  EXPECT_EQ(reason_of(tuple({"1", "2"}), tuple({"2", "1"})), "different_value");
  EXPECT_EQ(reason_of(tuple({"1", "2"}), tuple({"1", "2", "3"})), "different_length");
  EXPECT_FALSE(is_same(tuple({"1"}), value("1")));
}

TEST(EqualMatrices, HaveShapes) {
  EXPECT_TRUE(is_same(matrix(2, {"1", "2", "3", "4"}), matrix(2, {"1", "4/2", "3", "sqrt(16)"})));
  EXPECT_EQ(reason_of(matrix(2, {"1", "2", "3", "4"}), matrix(4, {"1", "2", "3", "4"})),
            "different_shape");
  EXPECT_EQ(reason_of(matrix(1, {"1", "2"}), matrix(2, {"1", "2"})), "different_shape");
  EXPECT_EQ(reason_of(matrix(2, {"1", "2", "3", "4"}), matrix(2, {"1", "2", "3", "5"})),
            "different_value");
}

TEST(EqualMatrices, OfOneRowOrColumnAreVectorsToo) {
  EXPECT_TRUE(is_same(matrix(1, {"1", "2"}), tuple({"1", "2"})));
  EXPECT_TRUE(is_same(tuple({"1", "2"}), matrix(2, {"1", "2"})));
  EXPECT_EQ(reason_of(matrix(2, {"1", "2", "3", "4"}), tuple({"1", "2", "3", "4"})),
            "different_shape");
}

TEST(EqualRatios, HaveCommonFactors) {
  EXPECT_TRUE(is_same(ratio({"3", "2", "1"}), ratio({"6", "4", "2"})));
  EXPECT_TRUE(is_same(ratio({"3", "2"}), value("3/2")));
  EXPECT_TRUE(is_same(ratio({"sqrt(2)", "2"}), ratio({"1", "sqrt(2)"})));
  EXPECT_FALSE(is_same(ratio({"3", "2"}), ratio({"2", "3"})));
  EXPECT_FALSE(is_same(ratio({"3", "2", "1"}), ratio({"3", "2"})));
  EXPECT_FALSE(is_same(ratio({"1", "0", "1"}), ratio({"2", "0", "1"})));
  EXPECT_FALSE(is_same(ratio({"0", "0"}), ratio({"1", "2"})));
}

TEST(EqualWords, AreTextsWithoutTheirArticle) {
  EXPECT_EQ(reason_of(words(AnswerKind::kText, "the hexagon"), words(AnswerKind::kText, "hexagon")),
            "equal_text");
  EXPECT_EQ(reason_of(words(AnswerKind::kText, "evelyn"), words(AnswerKind::kText, "briana")),
            "different_text");
  EXPECT_EQ(reason_of(words(AnswerKind::kText, "five"), value("5")), "different_kind");
  EXPECT_TRUE(is_same(words(AnswerKind::kTruth, "true"), words(AnswerKind::kTruth, "true")));
  EXPECT_FALSE(is_same(words(AnswerKind::kTruth, "true"), words(AnswerKind::kTruth, "false")));
}

TEST(EqualChoices, AreLettersOrWhatStandsBesideThem) {
  Answer with_text = words(AnswerKind::kChoice, "B");
  with_text.choice_text = "paris";
  EXPECT_TRUE(is_same(words(AnswerKind::kChoice, "B"), with_text));
  EXPECT_FALSE(is_same(words(AnswerKind::kChoice, "C"), with_text));
  EXPECT_TRUE(is_same(with_text, words(AnswerKind::kText, "paris")));
  EXPECT_FALSE(is_same(with_text, words(AnswerKind::kText, "rome")));
  EXPECT_FALSE(is_same(words(AnswerKind::kChoice, "B"), words(AnswerKind::kText, "paris")));
  EXPECT_FALSE(is_same(words(AnswerKind::kChoice, "AB"), words(AnswerKind::kChoice, "A")));
}

TEST(EqualDates, MaySayMoreThanTheGoldButNotLess) {
  const auto date = [](const char* text) { return words(AnswerKind::kDate, text); };
  EXPECT_EQ(reason_of(date("2024-06-20"), date("2024-06-20")), "equal_text");
  EXPECT_EQ(reason_of(date("?-06-20"), date("2024-06-20")), "equal_date");
  EXPECT_EQ(reason_of(date("2024-06-20"), date("?-06-20")), "missing_part");
  EXPECT_EQ(reason_of(date("2024-06-20"), date("?-06-21")), "different_value");
}

TEST(EqualKinds, AnswerIsTheSameAsItselfForEveryKind) {
  std::vector<Answer> all = {
      value("x/0"),
      value_in("5", "cm"),
      labelled("y", "2*x"),
      set({"1", "0/0"}),
      tuple({"0/0", "1"}),
      ratio({"0", "0"}),
      matrix(2, {"1", "oo-oo"}),
      testing::interval("[3, 1)"),
      of_parts(AnswerKind::kEquation, {"1", "2"}),
      testing::inequality({"0/0", "x"}, {Relation::kLess}),
      words(AnswerKind::kText, ""),
      words(AnswerKind::kDate, "?-?-?"),
      of_answers(AnswerKind::kUnion, {testing::interval("(0, a)"), set({"b"})}),
  };
  for (const Answer& one : all) {
    const Answer copy = one;
    EXPECT_EQ(compare(one, copy).sameness, Sameness::kSame) << compare(one, copy).a_form;
  }
  for (size_t i = 0; i < all.size(); ++i) {
    for (size_t j = 0; j < all.size(); ++j) {
      if (i == j) continue;
      EXPECT_NE(compare(all[i], all[j]).sameness, Sameness::kSame) << i << " " << j;
    }
  }
}

TEST(EqualReadings, AreTheSameWhereAnyPairIs) {
  const std::vector<Answer> ambiguous = {value("1234"), tuple({"1", "234"})};
  const std::vector<Answer> pair = {tuple({"1", "234"})};
  const std::vector<Answer> other = {tuple({"1", "235"})};

  EXPECT_EQ(compare(ambiguous, pair).sameness, Sameness::kSame);
  EXPECT_EQ(compare(pair, ambiguous).sameness, Sameness::kSame);
  EXPECT_EQ(compare(ambiguous, other).sameness, Sameness::kDifferent);
  EXPECT_EQ(compare(std::vector<Answer>{}, other).reason, "unreadable");
}

}  // namespace
}  // namespace stratagram::math
