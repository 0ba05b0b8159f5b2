#include "eval/verifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/support/expect_error.h"

namespace stratagram::eval {
namespace {

Problem problem_of(const std::string& answer) {
  return {.id = "p", .answer = answer, .kind = "math"};
}

const Judging kWithError{.error_field = "error"};

Verdict verdict_of_number(const std::string& gold,
                          const std::string& error,
                          const std::string& predicted,
                          const Judging& judging = kWithError) {
  return Verifier(judging)
      .judge(problem_of(gold), {{"error", error}}, "\\boxed{" + predicted + "}", Finish::kStop)
      .verdict;
}

TEST(Verifier, TakesANumberWithinTheAbsoluteErrorAndNoneBeyondIt) {
  EXPECT_EQ(verdict_of_number("$4.2$", "1e-1", "4.25"), Verdict::kCorrect);
  EXPECT_EQ(verdict_of_number("4.2", "0.1", "4.3"), Verdict::kCorrect);
  EXPECT_EQ(verdict_of_number("4.2", "0.1", "4.1"), Verdict::kCorrect);
  EXPECT_EQ(verdict_of_number("4.2", "0.1", "4.31"), Verdict::kWrong);
  EXPECT_EQ(verdict_of_number("4.2", "0.1", "x"), Verdict::kWrong);
  EXPECT_EQ(verdict_of_number("4.2", "0.1", "nan"), Verdict::kWrong);
}

TEST(Verifier, KnowsNoErrorWithoutTheField) {
  EXPECT_EQ(verdict_of_number("4.2", "1e-1", "4.25", {}), Verdict::kWrong);
  EXPECT_EQ(
      Verifier(kWithError).judge(problem_of("4.2"), {}, "\\boxed{4.25}", Finish::kStop).verdict,
      Verdict::kWrong);
}

TEST(Verifier, RefusesAnErrorThatIsNoNumber) {
  for (const char* error : {"large", "-1", ""}) {
    expect_error([&] { (void)verdict_of_number("4.2", error, "4.2"); },
                 ErrorKind::kData,
                 "problem 'p': field 'error': wanted the absolute error");
  }
}

TEST(Verifier, FindsAnswersTheSameThatMeanTheSame) {
  const Verifier verifier({});

  EXPECT_TRUE(verifier.same_answer("1/2", "0.5"));
  EXPECT_TRUE(verifier.same_answer("0.5", "1/2"));
  EXPECT_TRUE(verifier.same_answer("} broken {", "} broken {"));
  EXPECT_FALSE(verifier.same_answer("2", "3"));
}

TEST(Verifier, HasAnIdentityThatChangesWithWhatDecidesVerdicts) {
  const nlohmann::json identity = Verifier(Judging{}).identity();

  EXPECT_EQ(Verifier(Judging{.groups = {{"a", "{b}"}}}).identity(), identity);
  EXPECT_NE(Verifier(Judging{.relative_tolerance = 1e-2}).identity(), identity);
  EXPECT_NE(Verifier(Judging{.extraction = {"boxed"}}).identity().at("probes"),
            identity.at("probes"));
}

}  // namespace
}  // namespace stratagram::eval
