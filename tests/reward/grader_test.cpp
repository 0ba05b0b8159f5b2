#include "reward/grader.h"

#include <gtest/gtest.h>

#include "core/stream.h"
#include "tests/support/expect_error.h"

namespace stratagram::reward {
namespace {

const Problem kMath{.id = "m", .text = "?", .answer = "42", .kind = "math"};
const Problem kPuzzle{.id = "c",
                      .text = "?",
                      .answer = "24",
                      .kind = "countdown",
                      .numbers = {6, 2, 3},
                      .target = 24};

TEST(Grader, GivesVerdictRewardReasonAndWhatItRead) {
  const Grader grader({.correct = 2.0, .wrong = -1.0});

  const Judgement right = grader.judge(kMath, "so \\boxed{42}", Finish::kStop);
  const Judgement wrong = grader.judge(kMath, "so \\boxed{43}", Finish::kStop);
  const Judgement silent = grader.judge(kMath, "I do not know", Finish::kStop);

  EXPECT_EQ(right.verdict, Verdict::kCorrect);
  EXPECT_EQ(right.reward, 2.0);
  EXPECT_EQ(right.predicted, "42");
  EXPECT_EQ(wrong.verdict, Verdict::kWrong);
  EXPECT_EQ(wrong.reason, "different_value");
  EXPECT_EQ(silent.verdict, Verdict::kUnparseable);
  EXPECT_EQ(silent.reason, "no_answer");
  EXPECT_EQ(silent.reward, -1.0);
}

TEST(Grader, DoesNotTakeTheLastNumberOfAResponseThatWasCutOff) {
  const Grader grader({});

  EXPECT_EQ(grader.judge(kMath, "first 40 then 42", Finish::kStop).verdict, Verdict::kCorrect);
  const Judgement cut = grader.judge(kMath, "first 40 then 42", Finish::kLength);
  EXPECT_EQ(cut.verdict, Verdict::kUnparseable);
  EXPECT_EQ(cut.reason, "cut_off");
  EXPECT_EQ(grader.judge(kMath, "\\boxed{42} and then", Finish::kLength).verdict,
            Verdict::kCorrect);
}

Judgement judged(const std::string& gold, const std::string& response) {
  const Problem problem{.id = "p", .text = "?", .answer = gold, .kind = "math"};
  return Grader({}).judge(problem, response, Finish::kStop);
}

TEST(Grader, TakesBoxesThatBelongTogetherAsOneAnswer) {
  EXPECT_EQ(judged("4, 9", "\\boxed{4} and \\boxed{9}").verdict, Verdict::kCorrect);
  EXPECT_EQ(judged("4, 9", "\\boxed{9} and \\boxed{4}").predicted, "9, 4");
  EXPECT_EQ(judged("4, 9", "\\boxed{9}").verdict, Verdict::kWrong);
  EXPECT_EQ(judged("9", "\\boxed{4} and \\boxed{9}").verdict, Verdict::kWrong);
  EXPECT_EQ(judged("9", "\\boxed{4} or \\boxed{9}").verdict, Verdict::kWrong);
}

TEST(Grader, AcceptsAlternativesThatAreEachRight) {
  // A set of one value is that value, so these are right together too.
  const Judgement both = judged("1/2", "\\boxed{0.5} or $\\boxed{\\frac{2}{4}}$");
  // A set of two sets is not the set of two.
  const Judgement sets = judged("\\{1,2\\}", "\\boxed{\\{1,2\\}} or $\\boxed{\\{2,1\\}}$");
  const Judgement one_wrong = judged("\\{1,2\\}", "\\boxed{\\{1,2\\}} or $\\boxed{\\{2,3\\}}$");

  EXPECT_EQ(both.verdict, Verdict::kCorrect);
  EXPECT_EQ(both.reason, "equal_set");
  EXPECT_EQ(sets.verdict, Verdict::kCorrect);
  EXPECT_EQ(sets.reason, "equal_each");
  EXPECT_EQ(one_wrong.verdict, Verdict::kWrong);
}

TEST(Grader, ReadsBoxesNearEachOtherTogetherOnlyForAGoldThatLists) {
  const std::string response = "\\boxed{13} dogs and \\boxed{4} cats";

  EXPECT_EQ(judged("13, 4", response).verdict, Verdict::kCorrect);
  EXPECT_EQ(judged("13, 4", response).predicted, "13, 4");
  EXPECT_EQ(judged("13, 5", response).verdict, Verdict::kWrong);
  EXPECT_EQ(judged("4", response).verdict, Verdict::kCorrect);
  EXPECT_EQ(judged("13", response).verdict, Verdict::kWrong);
}

TEST(Grader, SeeksTheAnswerBehindTheThought) {
  EXPECT_EQ(judged("4", "<think>\\boxed{3}</think>\\boxed{4}").verdict, Verdict::kCorrect);
  EXPECT_EQ(judged("3", "<think>\\boxed{3}</think>\\boxed{4}").verdict, Verdict::kWrong);
}

TEST(Grader, CallsAnAnswerThatWasCutOffUnparseable) {
  for (const char* response : {"\\boxed{41} so \\boxed{4",
                               "The answer is 4",
                               "#### 4",
                               "\\boxed 4",
                               "<think>\\boxed{42}</think> We begin"}) {
    const Judgement judgement = Grader({}).judge(kMath, response, Finish::kLength);
    EXPECT_EQ(judgement.verdict, Verdict::kUnparseable) << response;
    EXPECT_EQ(judgement.reason, "cut_off") << response;
  }
}

TEST(Grader, AllowsTheErrorThatTheProblemAllows) {
  const Problem problem{.id = "p", .text = "?", .answer = "8.2", .kind = "math"};
  const Grader grader({});

  EXPECT_EQ(grader.judge(problem, "\\boxed{8.25}", Finish::kStop).verdict, Verdict::kWrong);
  EXPECT_EQ(grader.judge(problem, "\\boxed{8.25}", Finish::kStop, 0.1).verdict, Verdict::kCorrect);
  EXPECT_EQ(grader.judge(problem, "\\boxed{8.35}", Finish::kStop, 0.1).verdict, Verdict::kWrong);
}

TEST(Grader, FollowsTheKeysOfItsConfiguration) {
  const auto verdict = [](const RewardConfig& config, const char* gold, const char* answer) {
    const Problem problem{.id = "p", .text = "?", .answer = gold, .kind = "math"};
    return Grader(config).judge(problem, answer, Finish::kStop).verdict;
  };

  EXPECT_EQ(verdict({.significant_digits = 3}, "1/3", "\\boxed{0.333}"), Verdict::kCorrect);
  EXPECT_EQ(verdict({.relative_tolerance = 0.01}, "1/3", "\\boxed{0.333}"), Verdict::kCorrect);
  EXPECT_EQ(verdict({.strict_units = true}, "5 cm", "\\boxed{5}"), Verdict::kWrong);
  EXPECT_EQ(verdict({.strict_names = true}, "x=5", "\\boxed{y=5}"), Verdict::kWrong);
  EXPECT_EQ(verdict({.max_steps = 1000}, "(a+b+c)^{40}", "\\boxed{(c+b+a)^{39}(a+b+c)}"),
            Verdict::kTimeout);
}

TEST(Grader, ChecksPuzzlesByTheirExpression) {
  const Grader grader({});

  EXPECT_EQ(grader.judge(kPuzzle, "\\boxed{(6+2)*3}", Finish::kStop).verdict, Verdict::kCorrect);
  EXPECT_EQ(grader.judge(kPuzzle, "\\boxed{24}", Finish::kStop).reason, "number_not_given");
  EXPECT_EQ(grader.judge(kPuzzle, "it is 24", Finish::kStop).verdict, Verdict::kUnparseable);
}

TEST(Grader, AddsTheFormatBonusWhateverTheAnswer) {
  const Grader grader({.format_bonus = 0.25, .format = "think_answer"});

  EXPECT_EQ(grader.judge(kMath, "<think>x</think><answer>42</answer>", Finish::kStop).reward, 1.25);
  EXPECT_EQ(grader.judge(kMath, "<think>x</think><answer>41</answer>", Finish::kStop).reward, 0.25);
  EXPECT_EQ(grader.judge(kMath, "<answer>42</answer><think>x</think>", Finish::kStop).reward, 1.0);
}

TEST(Grader, NamesAnUnknownExtractionRule) {
  expect_error(
      [] { const Grader grader({.extraction = {"boxd"}}); }, ErrorKind::kConfig, "got 'boxd'");
}

TEST(Grader, NeverThrowsOnRandomBytes) {
  const Grader grader({});
  const std::string alphabet = "\\boxed{}()0123456789+-*/=,.$%answer is#<>\n \xff\xc3\xa9";
  for (uint64_t round = 0; round < 20000; ++round) {
    const Stream stream({.seed = round, .purpose = "bytes"});
    std::string text;
    for (uint64_t i = 0; i < stream.below(80, 0); ++i) {
      text += alphabet[stream.below(alphabet.size(), i + 1)];
    }
    ASSERT_NO_THROW((void)grader.judge(kMath, text, Finish::kStop)) << text;
    ASSERT_NO_THROW((void)grader.judge(kPuzzle, "\\boxed{" + text, Finish::kStop)) << text;
    ASSERT_NO_THROW((void)grader.judge(kPuzzle, "\\boxed{" + text + "}", Finish::kStop)) << text;
  }
}

TEST(OverlongPunishment, FollowsTheFormulaOfDapo) {
  EXPECT_EQ(overlong_punishment(80, 100, 20), 0.0);
  EXPECT_EQ(overlong_punishment(90, 100, 20), -0.5);
  EXPECT_EQ(overlong_punishment(100, 100, 20), -1.0);
  EXPECT_EQ(overlong_punishment(100, 100, 0), 0.0);
}

}  // namespace
}  // namespace stratagram::reward
