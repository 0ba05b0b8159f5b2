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
