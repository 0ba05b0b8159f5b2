#include "judge/error_report.h"

#include <gmock/gmock.h>

namespace stratagram::judge {
namespace {

using nlohmann::ordered_json;
using testing::HasSubstr;
using testing::Not;

constexpr size_t kA = 0;
constexpr size_t kB = 1;
constexpr size_t kC = 2;
constexpr size_t kD = 3;

Failure failure(const std::string& where) {
  return {.solution = {.problem_id = "id " + where, .problem = "p", .response = "r", .gold = "4"},
          .where = where};
}

// Two steps with two and four failures.
Failures two_steps() {
  FailureGroup first{.source = "run", .step = 0, .num_responses = 9, .num_failures = 5};
  first.sample = {failure("f:1"), failure("f:2")};
  FailureGroup second{.source = "run", .step = 10, .num_responses = 9, .num_failures = 4};
  second.sample = {failure("f:3"), failure("f:4"), failure("f:5"), failure("f:6")};
  return {.groups = {first, second}};
}

const SurveyResult kAnswers{
    .items = {{kA, kA}, {kB, kC}, {kD, kD}, {kD, kB}, {kB, kB}, {std::nullopt, kA}},
    .num_replies = 14,
    .num_unreadable = 3,
    .num_unanswered = 1};

TEST(GroupErrors, SharesCountEachFailureOnceAndEachAskingHalf) {
  const Failures failures = two_steps();

  const auto groups = group_errors(failures, kAnswers);

  ASSERT_EQ(groups.size(), 2U);
  EXPECT_EQ(groups[0].num_judged, 2);
  EXPECT_DOUBLE_EQ(groups[0].shares[kA]->share, 0.5);
  EXPECT_DOUBLE_EQ(groups[0].shares[kB]->share, 0.25);
  EXPECT_DOUBLE_EQ(groups[0].shares[kC]->share, 0.25);
  EXPECT_DOUBLE_EQ(groups[0].shares[kD]->share, 0.0);
  EXPECT_THAT(groups[1].num_answers, testing::ElementsAre(0, 3, 0, 3));
}

TEST(GroupErrors, LeaveOutFailuresWithoutBothAnswers) {
  const Failures failures = two_steps();

  EXPECT_EQ(group_errors(failures, kAnswers)[1].num_judged, 3);
}

TEST(GroupErrors, PlanningIsAAndCAmongTheGenuineErrors) {
  const Failures failures = two_steps();

  const auto groups = group_errors(failures, kAnswers);

  // A, A is 1; B, C is a half. Then D, D does not count; D, B is 0; B, B is 0.
  EXPECT_DOUBLE_EQ(groups[0].planning->share, 0.75);
  EXPECT_DOUBLE_EQ(groups[1].planning->share, 0.0);
}

TEST(GroupErrors, HaveNoSharesWithoutAFailure) {
  const Failures failures{.groups = {{.source = "run", .num_responses = 3}}};

  const auto groups = group_errors(failures, {});

  EXPECT_FALSE(groups[0].shares[kA].has_value());
  EXPECT_FALSE(groups[0].planning.has_value());
}

TEST(ErrorReport, LinksCasesInWhichTheVerifierMayBeWrong) {
  const Failures failures = two_steps();

  const ordered_json report = error_report(failures, kAnswers, {{"model", "m"}});

  const ordered_json& suspected = report.at("suspected_verifier_errors");
  ASSERT_EQ(suspected.size(), 2U);
  EXPECT_EQ(suspected[0].at("where"), "f:3");
  EXPECT_EQ(suspected[0].at("votes"), 2);
  EXPECT_EQ(suspected[0].at("gold"), "4");
  EXPECT_EQ(suspected[1].at("where"), "f:4");
  EXPECT_EQ(suspected[1].at("votes"), 1);
}

TEST(ErrorReport, HoldsEveryCaseAndWhatWasNotReadable) {
  const Failures failures = two_steps();

  const ordered_json report = error_report(failures, kAnswers, {{"model", "m"}});

  ASSERT_EQ(report.at("cases").size(), 6U);
  EXPECT_EQ(report.at("cases")[1].at("answers"), ordered_json({"slip", "strategy"}));
  EXPECT_EQ(report.at("cases")[5].at("answers"), ordered_json({nullptr, "misunderstood"}));
  EXPECT_EQ(report.at("replies"),
            ordered_json({{"all", 14}, {"unreadable", 3}, {"failures_without_answer", 1}}));
  EXPECT_EQ(report.at("groups")[1].at("step"), 10);
  EXPECT_EQ(report.at("settings").at("model"), "m");
  EXPECT_EQ(report.at("agreement").at("failures"), 5);
}

TEST(ErrorTable, ShowsALineAStepAndTheSuspects) {
  const Failures failures = two_steps();

  const std::string table = error_table(failures, kAnswers);

  EXPECT_THAT(table, HasSubstr("75 % ["));
  EXPECT_THAT(table, HasSubstr("suspected error of the verifier: f:3\n"));
  EXPECT_THAT(table, Not(HasSubstr("f:4")));
  EXPECT_THAT(table, HasSubstr("kappa"));
}

TEST(ErrorSurvey, ShowsProblemReferenceAndResponse) {
  const Failure one = failure("f:1");

  const ErrorSurvey made = error_survey(std::vector<const Failure*>{&one}, 1000);

  ASSERT_EQ(made.survey.items.size(), 1U);
  EXPECT_THAT(made.survey.items[0].text, HasSubstr("<problem>\np\n</problem>"));
  EXPECT_THAT(made.survey.items[0].text, HasSubstr("<reference_answer>\n4\n</reference_answer>"));
  EXPECT_THAT(made.survey.items[0].text, HasSubstr("<response>\nr\n</response>"));
  EXPECT_EQ(made.survey.options.size(), kNumErrorClasses);
}

TEST(ErrorSurvey, CountsResponsesThatAreTooLongToShow) {
  Failure one = failure("f:1");
  one.solution.response = std::string(500, 'x');

  const ErrorSurvey made = error_survey(std::vector<const Failure*>{&one, &one}, 100);

  EXPECT_EQ(made.num_shortened, 2);
  EXPECT_THAT(made.survey.items[0].text, HasSubstr("400 bytes left out"));
}

}  // namespace
}  // namespace stratagram::judge
