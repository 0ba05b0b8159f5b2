// Kill anywhere: a run that was stopped and taken up again is the run that never stopped, bit for
// bit.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <stdexcept>

#include "core/file.h"
#include "core/interrupt.h"
#include "tests/support/temp_folder.h"
#include "tests/support/tiny_run.h"
#include "train/run_folder.h"
#include "train/trainer.h"

namespace stratagram::train {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Killed : std::runtime_error {
  Killed() : std::runtime_error("killed") {}
};

RunEnd resume_in(const fs::path& folder, TinyRun run) {
  run.resume = true;
  run.on_step = {};
  run.on_rollout = {};
  return run_tiny(folder, run);
}

// The checkpoint of a stop is one that the whole run never wrote, and it may push out one that the
// whole run kept; the last one is of both.
std::vector<std::pair<std::string, std::string>> without_early_checkpoints(
    const fs::path& folder, std::vector<std::pair<std::string, std::string>> files) {
  const std::string last =
      fmt::format("checkpoints/{:06}/", RunFolder::open(folder).checkpoints().back());
  std::erase_if(files, [&](const auto& file) {
    return file.first.starts_with("checkpoints/") && !file.first.starts_with(last);
  });
  return files;
}

void expect_same_run_after_a_stop(const RunEnd& got,
                                  const fs::path& got_folder,
                                  const fs::path& wanted_folder) {
  EXPECT_EQ(got.error, "");
  EXPECT_EQ(got.metrics, timeless_metrics(wanted_folder));
  EXPECT_EQ(without_early_checkpoints(got_folder, files_of(got_folder)),
            without_early_checkpoints(wanted_folder, files_of(wanted_folder)));
}

void expect_same_run(const RunEnd& got, const fs::path& got_folder, const fs::path& wanted_folder) {
  EXPECT_EQ(got.error, "");
  EXPECT_EQ(got.metrics, timeless_metrics(wanted_folder));
  // Weights, optimizer, counters and rollouts, byte by byte.
  EXPECT_EQ(files_of(got_folder), files_of(wanted_folder));
}

struct Case {
  const char* name;
  bool dynamic = false;
  int64_t inner_epochs = 1;
  int64_t mini_batches = 1;
  at::ScalarType dtype = at::kFloat;
};

class Resume : public ::testing::TestWithParam<Case> {
 protected:
  Resume() {
    run.config.dynamic_sampling = {.enabled = GetParam().dynamic, .max_batches = 4};
    run.config.update.inner_epochs = GetParam().inner_epochs;
    run.config.update.mini_batches = GetParam().mini_batches;
    run.talker.model.dtype = GetParam().dtype;
    whole = temp.path() / "whole";
    end = run_tiny(whole, run);
    EXPECT_EQ(end.error, "");
  }

  TempFolder temp;
  TinyRun run;
  fs::path whole;
  RunEnd end;
};

TEST_P(Resume, AfterAStopBetweenStepsGivesTheRunThatNeverStopped) {
  for (const int64_t stop : {1, 2, 5}) {
    const fs::path folder = temp.path() / std::to_string(stop);
    TinyRun stopped = run;
    stopped.on_step = [&](int64_t done) {
      if (done == stop) request_interrupt();
    };
    const RunEnd first = run_tiny(folder, stopped);
    EXPECT_THAT(first.error, HasSubstr("--resume"));
    EXPECT_EQ(static_cast<int64_t>(first.metrics.size()), stop);

    const RunEnd second = resume_in(folder, run);

    expect_same_run_after_a_stop(second, folder, whole);
    expect_same_weights(second.weights, end.weights);
  }
}

TEST_P(Resume, AfterAStopInsideARolloutGivesTheRunThatNeverStopped) {
  const fs::path folder = temp.path() / "stopped";
  TinyRun stopped = run;
  stopped.on_rollout = [&](int64_t step) {
    if (step == 3) request_interrupt();
  };
  EXPECT_THAT(run_tiny(folder, stopped).error, HasSubstr("stopped after 3 of 6 steps"));

  const RunEnd second = resume_in(folder, run);

  expect_same_run(second, folder, whole);
}

// No checkpoint is written on the way out: the steps after the last one are done again.
TEST_P(Resume, AfterAKillGivesTheRunThatNeverStopped) {
  for (const int64_t step : {1, 3, 5}) {
    const fs::path folder = temp.path() / ("killed" + std::to_string(step));
    TinyRun killed = run;
    killed.on_step = [&](int64_t done) {
      if (done == step) throw Killed();
    };
    EXPECT_THROW(run_tiny(folder, killed), Killed);
    std::ofstream(folder / "metrics.jsonl", std::ios::app) << R"({"step":)";

    const RunEnd second = resume_in(folder, run);

    expect_same_run(second, folder, whole);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Trainer,
    Resume,
    ::testing::Values(Case{.name = "Plain"},
                      Case{.name = "DynamicSampling", .dynamic = true},
                      Case{.name = "InnerEpochs", .inner_epochs = 2, .mini_batches = 2},
                      Case{.name = "DynamicInBfloat16",
                           .dynamic = true,
                           .inner_epochs = 2,
                           .dtype = at::kBFloat16}),
    [](const auto& each) { return each.param.name; });

TEST(Checkpoints, StayAsTheConfigurationSays) {
  const TempFolder temp;
  TinyRun run;
  run.config.run.num_steps = 7;
  run.config.checkpoint = {.every_steps = 1, .keep_last = 2, .keep_every = 3};

  (void)run_tiny(temp.path() / "run", run);

  EXPECT_THAT(RunFolder::open(temp.path() / "run").checkpoints(), ElementsAre(3, 6, 7));
}

// A finished run with checkpoints 4 and 6.
class DamagedCheckpoint : public ::testing::Test {
 protected:
  DamagedCheckpoint() { EXPECT_EQ(run_tiny(folder, run).error, ""); }

  // Flips one bit in the middle of a file of the newest checkpoint.
  void damage(const char* file) const {
    const fs::path path = folder / "checkpoints/000006" / file;
    std::string bytes = read_file(path);
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
    write_file_atomically(path, bytes);
  }
  [[nodiscard]] std::string error_of_resume() const {
    TinyRun longer = run;
    longer.config.run.num_steps = 8;
    return resume_in(folder, longer).error;
  }

  TempFolder temp;
  TinyRun run;
  fs::path folder = temp.path() / "run";
};

TEST_F(DamagedCheckpoint, IsNamedWhenAWeightHasAnotherBit) {
  damage("model.safetensors");

  EXPECT_THAT(error_of_resume(), HasSubstr("data error"));
  EXPECT_THAT(error_of_resume(), HasSubstr("checkpoints/000006: its weights"));
}

TEST_F(DamagedCheckpoint, IsNamedWhenTheOptimizerStateHasAnotherBit) {
  damage("trainer.safetensors");

  EXPECT_THAT(error_of_resume(), HasSubstr("checkpoints/000006/trainer.safetensors"));
}

TEST_F(DamagedCheckpoint, IsNamedWhenAFileIsMissing) {
  fs::remove(folder / "checkpoints/000006/trainer.json");

  EXPECT_THAT(error_of_resume(), HasSubstr("checkpoints/000006/trainer.json"));
}

TEST_F(DamagedCheckpoint, IsLeftWithAllThatTheRunWrote) {
  damage("model.safetensors");
  const auto before = files_of(folder);
  const auto metrics = timeless_metrics(folder);

  (void)error_of_resume();

  EXPECT_EQ(files_of(folder), before);
  EXPECT_EQ(timeless_metrics(folder), metrics);
}

TEST_F(DamagedCheckpoint, GivesWayToAnOlderOneWhenItIsRemoved) {
  const RunEnd whole = resume_in(folder, run);
  damage("model.safetensors");
  fs::remove_all(folder / "checkpoints/000006");

  const RunEnd again = resume_in(folder, run);

  EXPECT_EQ(again.error, "");
  EXPECT_EQ(again.metrics, whole.metrics);
  expect_same_weights(again.weights, whole.weights);
}

TEST(ResumeWithoutCheckpoint, BeginsTheRunAgain) {
  const TempFolder temp;
  TinyRun run;
  const RunEnd whole = run_tiny(temp.path() / "whole", run);
  run.config.checkpoint.every_steps = 0;
  TinyRun killed = run;
  killed.on_step = [](int64_t done) {
    if (done == 3) throw Killed();
  };
  EXPECT_THROW(run_tiny(temp.path() / "run", killed), Killed);

  const RunEnd second = resume_in(temp.path() / "run", run);

  EXPECT_EQ(second.metrics, whole.metrics);
  expect_same_weights(second.weights, whole.weights);
}

// Steps of the run that have rollouts on disk.
std::vector<int64_t> steps_with_rollouts(const fs::path& folder) {
  std::vector<int64_t> steps;
  for (int64_t step = 0; step < 20; ++step) {
    if (fs::exists(folder / "rollouts" / fmt::format("{:06}.jsonl", step))) steps.push_back(step);
  }
  return steps;
}

// A run of 2 steps whose rollouts found no room under a limit of 1 MB, resumed for 2 steps more.
std::vector<int64_t> steps_after_resume_with(int64_t max_rollout_mb) {
  const TempFolder temp;
  const fs::path folder = temp.path() / "run";
  TinyRun run;
  run.config.schedule = {.kind = "constant", .warmup_steps = 0};
  run.config.run.max_rollout_mb = 1;
  for (Problem& problem : run.problems) problem.id += std::string(100'000, 'x');  // 1.2 MB a step
  run.config.run.num_steps = 2;
  EXPECT_THAT(run_tiny(folder, run).warnings,
              Contains(HasSubstr("rollouts reached run.max_rollout_mb = 1")).Times(1));
  run.problems = digit_problems(7);  // whose rollouts would fit
  run.config.run.num_steps = 4;
  run.config.run.max_rollout_mb = max_rollout_mb;
  EXPECT_EQ(resume_in(folder, run).error, "");
  return steps_with_rollouts(folder);
}

TEST(Resume, WritesRolloutsAgainWhenTheLimitThatWasReachedIsRaised) {
  EXPECT_THAT(steps_after_resume_with(100), ElementsAre(2, 3));
}

TEST(Resume, WritesNoMoreRolloutsWhenTheLimitThatWasReachedStays) {
  EXPECT_THAT(steps_after_resume_with(1), ElementsAre());
}

}  // namespace
}  // namespace stratagram::train
