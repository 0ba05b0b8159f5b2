// Nothing learns silently nothing: each fault, brought about in a whole run, is warned of, counted,
// and after the steps allowed ends the run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "core/jsonl.h"
#include "tests/support/temp_folder.h"
#include "tests/support/tiny_run.h"

namespace stratagram::train {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Two steps may have the fault, the third may not.
TinyRun guarded() {
  TinyRun run;
  run.config.run.num_steps = 8;
  run.config.guard = {.max_idle_steps = 3, .max_not_finite_steps = 1};
  return run;
}

void expect_end_after_three(const TinyRun& run, const std::string& fault) {
  const TempFolder temp;

  const RunEnd end = run_tiny(temp.path() / "run", run);

  EXPECT_THAT(end.error,
              AllOf(HasSubstr("numeric error"), HasSubstr(fault), HasSubstr("in 3 step")));
  EXPECT_THAT(end.metrics, SizeIs(3));
  std::vector<std::string> of_fault;
  for (const std::string& warning : end.warnings) {
    if (warning.find(fault) != std::string::npos) of_fault.push_back(warning);
  }
  EXPECT_THAT(of_fault, ElementsAre(HasSubstr("(1 of 3 steps"), HasSubstr("(2 of 3 steps")));
}

TEST(TrainerGuards, AreSilentInAHealthyRun) {
  const TempFolder temp;

  const RunEnd end = run_tiny(temp.path() / "run", guarded());

  EXPECT_EQ(end.error, "");
  EXPECT_THAT(end.warnings, IsEmpty());
}

TEST(TrainerGuards, EndARunWhoseResponsesAreAllCutOff) {
  TinyRun run = guarded();
  run.talker.end_bias = -20;

  expect_end_after_three(run, "cut off by the length budget");
}

TEST(TrainerGuards, EndARunWhoseAnswersCannotBeRead) {
  TinyRun run = guarded();
  run.config.reward.extraction = {"boxed"};

  expect_end_after_three(run, "no response held an answer");
}

TEST(TrainerGuards, EndARunWithoutSpreadOfRewards) {
  TinyRun run = guarded();
  run.config.reward.correct = 0;

  expect_end_after_three(run, "no group has a spread");
}

TEST(TrainerGuards, EndARunWithoutPlanningTokens) {
  TinyRun run = guarded();
  run.catalogue.grams = {{.text = "never written by it"}};

  expect_end_after_three(run, "no planning token");
}

TEST(TrainerGuards, LetARunWithoutPlanningTokensGoOnUnderARuleThatNeedsNone) {
  TinyRun run = guarded();
  run.catalogue.grams = {{.text = "never written by it"}};
  run.config.credit.rule = "grpo";
  const TempFolder temp;

  EXPECT_EQ(run_tiny(temp.path() / "run", run).error, "");
}

// Rounding alone moves the mean ratio of a step by about 1e-8.
TEST(TrainerGuards, EndARunWhoseFirstRatioIsAwayFromOne) {
  TinyRun run = guarded();
  run.config.loss.old_logprobs = "rollout";
  run.config.guard.max_first_ratio = 0;

  expect_end_after_three(run, "ratio of the first inner step");
}

TEST(TrainerGuards, CountOnAcrossAResume) {
  const TempFolder temp;
  TinyRun run = guarded();
  run.config.reward.extraction = {"boxed"};
  TinyRun part = run;
  part.config.run.num_steps = 2;
  (void)run_tiny(temp.path() / "run", part);
  run.resume = true;

  const RunEnd end = run_tiny(temp.path() / "run", run);

  EXPECT_THAT(end.error, HasSubstr("in 3 steps"));
  EXPECT_THAT(end.metrics, SizeIs(3));
}

TEST(TrainerGuards, KeepWhatWasLearnedAndLetAResumedRunTryAsLongAgain) {
  const TempFolder temp;
  TinyRun run = guarded();
  run.config.reward.extraction = {"boxed"};
  run.config.checkpoint.every_steps = 100;
  (void)run_tiny(temp.path() / "run", run);
  run.resume = true;

  const RunEnd end = run_tiny(temp.path() / "run", run);

  EXPECT_THAT(end.error, HasSubstr("in 3 steps"));
  EXPECT_THAT(end.metrics, SizeIs(6));  // the first three are not done again
}

// The first update of the step throws the weights so far that the loss of the second is not finite.
TinyRun exploding() {
  TinyRun run = guarded();
  run.config.optimizer.learning_rate = 1e15;
  run.config.schedule.warmup_steps = 0;
  run.config.update.inner_epochs = 2;
  return run;
}

TEST(TrainerGuards, EndARunThatIsNotFiniteAndKeepItsBatch) {
  const TempFolder temp;

  const RunEnd end = run_tiny(temp.path() / "run", exploding());

  EXPECT_THAT(end.error, AllOf(HasSubstr("numeric error"), HasSubstr("not finite")));
  ASSERT_THAT(end.metrics, SizeIs(1));
  EXPECT_EQ(end.metrics[0].at("step/skipped_updates"), 1.0);
  JsonlReader batch(temp.path() / "run/not-finite/000000.jsonl");
  std::vector<nlohmann::json> rows;
  while (const auto row = batch.next()) rows.push_back(*row);
  EXPECT_EQ(rows, rollout_rows(temp.path() / "run", 0));
}

TEST(TrainerGuards, LeaveNoCheckpointOfAStepThatWasNotFinite) {
  const TempFolder temp;
  TinyRun run = exploding();
  run.config.checkpoint.every_steps = 1;
  run.config.guard.max_not_finite_steps = 3;

  (void)run_tiny(temp.path() / "run", run);

  EXPECT_TRUE(fs::is_empty(temp.path() / "run/checkpoints"));
}

TEST(TrainerGuards, DoNotCallARunDoneWhoseLastStepWasNotFinite) {
  const TempFolder temp;
  TinyRun run = exploding();
  run.config.run.num_steps = 1;
  run.config.guard.max_not_finite_steps = 3;

  const RunEnd end = run_tiny(temp.path() / "run", run);

  EXPECT_THAT(end.error, HasSubstr("the last step was not finite"));
}

TEST(TrainerGuards, LeaveNoBatchOfAStepThatIsDoneAgain) {
  const TempFolder temp;
  (void)run_tiny(temp.path() / "run", exploding());
  TinyRun healthy = guarded();
  healthy.resume = true;

  EXPECT_EQ(run_tiny(temp.path() / "run", healthy).error, "");

  EXPECT_FALSE(fs::exists(temp.path() / "run/not-finite/000000.jsonl"));
}

}  // namespace
}  // namespace stratagram::train
