#include "train/guards.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "core/error.h"

namespace stratagram::train {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

StepFacts healthy() {
  return {.num_responses = 8,
          .num_truncated = 7,
          .num_unparseable = 7,
          .num_groups = 2,
          .num_zero_spread = 1,
          .num_planning_tokens = 1,
          .needs_planning = true};
}

TEST(Guards, AreSilentWhileAnythingIsLearned) {
  Guards guards({.max_idle_steps = 1});

  EXPECT_THAT(guards.observe(healthy()), IsEmpty());
}

TEST(Guards, NameTheFaultAndTheStepsLeft) {
  Guards guards({.max_idle_steps = 3});
  StepFacts facts = healthy();
  facts.num_truncated = 8;

  EXPECT_THAT(guards.observe(facts), ElementsAre(HasSubstr("length budget")));
  EXPECT_THAT(guards.observe(facts), ElementsAre(HasSubstr("2 of 3")));
}

void expect_end(const StepFacts& facts, const char* what) {
  Guards guards({.max_idle_steps = 1, .max_not_finite_steps = 1});
  try {
    (void)guards.observe(facts);
    FAIL() << "wanted an error that says: " << what;
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kNumeric);
    EXPECT_THAT(error.what(), HasSubstr(what));
  }
}

TEST(Guards, EndTheRunForEachFault) {
  StepFacts facts = healthy();
  facts.num_truncated = 8;
  expect_end(facts, "length budget");

  facts = healthy();
  facts.num_unparseable = 8;
  expect_end(facts, "could be read");

  facts = healthy();
  facts.num_zero_spread = 2;
  expect_end(facts, "advantage is zero");

  facts = healthy();
  facts.num_planning_tokens = 0;
  expect_end(facts, "no planning token");

  facts = healthy();
  facts.first_ratio = std::numeric_limits<double>::quiet_NaN();
  expect_end(facts, "away from 1");

  facts = healthy();
  facts.finite = false;
  expect_end(facts, "not finite");
}

TEST(Guards, DoNotMissPlanningTokensThatTheRuleDoesNotNeed) {
  Guards guards({.max_idle_steps = 1});
  StepFacts facts = healthy();
  facts.num_planning_tokens = 0;
  facts.needs_planning = false;

  EXPECT_THAT(guards.observe(facts), IsEmpty());
}

TEST(Guards, ForgetAFaultThatWentAway) {
  Guards guards({.max_idle_steps = 2});
  StepFacts facts = healthy();
  facts.num_zero_spread = 2;
  (void)guards.observe(facts);
  (void)guards.observe(healthy());

  EXPECT_NO_THROW((void)guards.observe(facts));
}

TEST(Guards, CountOnAfterAResume) {
  Guards first({.max_idle_steps = 2});
  StepFacts facts = healthy();
  facts.num_zero_spread = 2;
  (void)first.observe(facts);

  Guards second({.max_idle_steps = 2});
  second.read_json(first.to_json());

  EXPECT_THROW((void)second.observe(facts), Error);
}

}  // namespace
}  // namespace stratagram::train
