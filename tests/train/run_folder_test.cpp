#include "train/run_folder.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <utility>

#include "core/error.h"
#include "core/file.h"
#include "tests/support/temp_folder.h"

namespace stratagram::train {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

template <typename Call>
void expect_error(Call call, ErrorKind kind, const char* what) {
  try {
    call();
    FAIL() << "wanted an error that says: " << what;
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind);
    EXPECT_THAT(error.what(), HasSubstr(what));
  }
}

Group one_group() {
  Trajectory trajectory;
  trajectory.completion = {.sample = 3,
                           .token_ids = {7, 9},
                           .logprobs = {-0.123456789F, -2.0F},
                           .entropies = {1.0F, 0.5F},
                           .text = "ab",
                           .byte_ranges = {{0, 1}, {1, 2}},
                           .finish = Finish::kStop,
                           .seed = 5};
  trajectory.judgement = {
      .verdict = Verdict::kCorrect, .reward = 1.0, .reason = "equal", .predicted = "4"};
  trajectory.planning_spans = {{{0, 1}, "wait let me"}};
  trajectory.advantages = {0.5F, 0.25F};
  return {.problem = {.id = "p", .text = "2+2", .answer = "4"},
          .prompt = {.problem_id = "p", .text = "Q: 2+2", .token_ids = {1}},
          .trajectories = {trajectory}};
}

TEST(RunFolder, RefusesAFolderThatHoldsARunAndLeavesItUntouched) {
  const TempFolder temp;
  {
    RunFolder::create(temp.path() / "run", {{"version", 1}});
  }

  expect_error([&] { RunFolder::create(temp.path() / "run", {{"version", 2}}); },
               ErrorKind::kConfig,
               "--resume");
  EXPECT_EQ(RunFolder::open(temp.path() / "run").config().at("version"), 1);
}

TEST(RunFolder, AddsEachAnnouncedResumeToItsRecordAndKeepsTheRest) {
  const TempFolder temp;
  const fs::path path = temp.path() / "run";
  {
    RunFolder::create(path, {{"version", 1}});
  }
  for (const int64_t step : {4, 6}) {
    RunFolder opened = RunFolder::open(path);
    opened.announce_resume({{"commit", fmt::format("c{}", step)}});
    RunFolder folder = std::move(opened);  // as a trainer takes it

    folder.record_resume(step);
    folder.record_resume(step);  // one resume is recorded once
  }
  {
    RunFolder folder = RunFolder::open(path);
    folder.record_resume(8);  // nothing was announced
  }

  EXPECT_EQ(nlohmann::json::parse(read_file(path / "config.json")),
            nlohmann::json::parse(R"({"version": 1, "resumes": [{"commit": "c4", "step": 4},
                                                               {"commit": "c6", "step": 6}]})"));
  for (const auto& entry : fs::directory_iterator(path)) {
    EXPECT_EQ(entry.path().filename().string().find(".tmp"), std::string::npos);
  }
}

TEST(RunFolder, RefusesAFolderWithOtherContent) {
  const TempFolder temp;
  temp.write("run/thesis.tex", "x");

  expect_error([&] { RunFolder::create(temp.path() / "run", {}); }, ErrorKind::kConfig, "--out");
}

TEST(RunFolder, RefusesASecondWriter) {
  const TempFolder temp;
  const RunFolder first = RunFolder::create(temp.path() / "run", nlohmann::json::object());

  expect_error(
      [&] { RunFolder::open(temp.path() / "run"); }, ErrorKind::kConfig, "another process");
}

TEST(RunFolder, SaysThatThereIsNothingToResume) {
  const TempFolder temp;

  expect_error([&] { RunFolder::open(temp.path()); }, ErrorKind::kData, "no run to resume");
}

TEST(RunFolder, WritesARolloutRowWithEveryFieldOfTheContract) {
  const nlohmann::json row = rollout_row(one_group(), one_group().trajectories[0], 12);

  EXPECT_EQ(row.dump(),
            R"({"advantages":[0.5,0.25],"entropies":[1.0,0.5],"finish":"stop","gold":"4",)"
            R"("logprobs":[-0.123457,-2.0],"planning":[{"begin":0,"end":1,"gram":"wait let me"}],)"
            R"("predicted":"4","problem_id":"p","prompt":"Q: 2+2","reason":"equal",)"
            R"("response":"ab","reward":1.0,"sample":3,"seed":5,"step":12,"token_ids":[7,9],)"
            R"("verdict":"correct"})");
}

TEST(RunFolder, ForgetsWhatCameAfterTheCheckpoint) {
  const TempFolder temp;
  RunFolder folder = RunFolder::create(temp.path() / "run", nlohmann::json::object());
  for (int64_t step = 0; step < 4; ++step) {
    folder.append_metrics({{"step", step}});
    folder.write_rollouts(step, std::vector{one_group()}, 1 << 20);
  }
  std::filesystem::create_directories(folder.checkpoint(2));
  std::filesystem::create_directories(folder.checkpoint(4));
  std::filesystem::create_directories(folder.path() / "checkpoints/.000005.tmp");
  std::ofstream(folder.path() / "metrics.jsonl", std::ios::app) << R"({"step": 4, "los)";

  folder.forget_from(2);

  EXPECT_EQ(read_file(folder.path() / "metrics.jsonl"), "{\"step\":0}\n{\"step\":1}\n");
  EXPECT_THAT(folder.checkpoints(), ElementsAre(2));
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "rollouts/000001.jsonl"));
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "rollouts/000002.jsonl"));
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "checkpoints/.000005.tmp"));
}

// write_folder_atomically() and remove_checkpoint() work under these names; a process that is
// killed there must not leave what looks like a checkpoint.
TEST(RunFolder, TakesNoHalfWrittenOrHalfRemovedFolderForACheckpoint) {
  const TempFolder temp;
  RunFolder folder = RunFolder::create(temp.path() / "run", nlohmann::json::object());
  std::filesystem::create_directories(folder.checkpoint(2));
  std::filesystem::create_directories(folder.path() / "checkpoints/000004.tmp-1234");
  std::filesystem::create_directories(folder.path() / "checkpoints/000001.removed");

  EXPECT_THAT(folder.checkpoints(), ElementsAre(2));
  folder.forget_from(9);
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "checkpoints/000004.tmp-1234"));
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "checkpoints/000001.removed"));
}

TEST(RunFolder, StopsWritingRolloutsAtTheByteLimit) {
  const TempFolder temp;
  RunFolder folder = RunFolder::create(temp.path() / "run", nlohmann::json::object());

  EXPECT_TRUE(folder.write_rollouts(0, std::vector{one_group()}, 600));
  EXPECT_FALSE(folder.write_rollouts(1, std::vector{one_group()}, 600));
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "rollouts/000001.jsonl"));
}

TEST(RunFolder, NamesTheLineOfDamagedMetrics) {
  const TempFolder temp;
  RunFolder folder = RunFolder::create(temp.path() / "run", nlohmann::json::object());
  folder.append_metrics({{"step", 0}});
  std::ofstream(folder.path() / "metrics.jsonl", std::ios::app) << "oops\n";

  expect_error([&] { (void)folder.metrics(); }, ErrorKind::kData, "metrics.jsonl:2");
}

}  // namespace
}  // namespace stratagram::train
