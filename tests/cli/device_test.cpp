// Devices, memory and disks that do not suffice.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/cli/workspace.h"

namespace stratagram {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

TEST(Device, ADeviceThatIsNotThereIsADeviceError) {
  const Workspace work;
  const ProgramResult doctor = work.run({"doctor"});
  if (doctor.out.find("default device    cuda") != std::string::npos) {
    GTEST_SKIP() << "this machine has CUDA";
  }
  const std::vector<std::string> parts = {"device error: device cuda:0", "no CUDA", "take cpu"};

  expect_failure(work.run({"train", "run.toml", "--out", "run", "--device", "cuda:0"}), 4, parts);
  expect_failure(
      work.run({"generate", "--model", "model", "--prompt", "x", "--device", "cuda:0"}), 4, parts);
  expect_failure(
      work.run({"sft", "sft.toml", "--out", "run", "--set", "model.device=cuda:0"}), 4, parts);
  EXPECT_FALSE(work.exists("run"));
}

TEST(Device, ADeviceOfAnUnknownNameIsAUsageFault) {
  const Workspace work;

  expect_failure(work.run({"generate", "--model", "model", "--prompt", "x", "--device", "gpu"}),
                 2,
                 {"device: wanted cpu or cuda:N, got 'gpu'"});
}

ProgramResult train_with(const Workspace& work, const std::vector<std::string>& assignments) {
  std::vector<std::string> command{"train", "run.toml", "--out", "run"};
  for (const std::string& assignment : assignments) {
    command.insert(command.end(), {"--set", assignment});
  }
  return work.run(command);
}

TEST(Memory, APlanThatDoesNotFitSaysTheNumbersBeforeTheFolderIsMade) {
  const Workspace work;

  const ProgramResult result =
      train_with(work, {"rollout.memory_budget_mb=1", "rollout.max_sequences=4096"});

  expect_failure(result,
                 4,
                 {"device error",
                  "12 tokens",
                  "weights 1 MB",
                  "the budget is 1 MB",
                  "rollout.max_sequences",
                  "rollout.memory_budget_mb"});
  EXPECT_FALSE(work.exists("run"));
}

TEST(Memory, ATrainingPlanBeyondTheMemoryThatIsThereEndsWith4BeforeTheFolderIsMade) {
  const Workspace work;

  // Hundreds of millions of tokens in one pass.
  const ProgramResult result = train_with(work,
                                          {"update.micro_batch_tokens=1000000000",
                                           "run.prompts_per_step=100000",
                                           "run.samples_per_prompt=200"});

  expect_failure(result,
                 4,
                 {"device error: training needs weights 1 MB",
                  "activations ",
                  "lower update.micro_batch_tokens",
                  "update.recompute_layers = true",
                  "rollout.max_new_tokens"});
  EXPECT_FALSE(work.exists("run"));
}

TEST(Memory, TheCheckOfARunPrintsItsPlan) {
  const Workspace work;

  const ProgramResult train = work.run({"train", "run.toml", "--check"});
  const ProgramResult sft = work.run({"sft", "sft.toml", "--check"});

  EXPECT_THAT(train.err, HasSubstr("memory of a rollout: weights 1 MB"));
  for (const ProgramResult* result : {&train, &sft}) {
    expect_success(*result);
    EXPECT_THAT(result->err, HasSubstr("memory of the run: weights 1 MB + moments 1 MB + "));
  }
}

void expect_no_temporary_files(const Workspace& work) {
  for (const auto& [name, bytes] : work.files()) {
    EXPECT_EQ(name.find(".tmp-"), std::string::npos) << name;
  }
}

// A run of three steps in a folder that takes no file beyond this size.
ProgramResult train_with_limit(const Workspace& work, uint64_t bytes) {
  return work.run(
      ProgramCall{.arguments = {"train", "run.toml", "--out", "run"}, .max_file_bytes = bytes});
}

TEST(Disk, ACheckpointThatDoesNotFitEndsTheRunWith4AndLeavesNoHalfOfIt) {
  const Workspace work;

  // Enough for rollouts and metrics, too little for the weights (33 KB).
  const ProgramResult result = train_with_limit(work, 20000);

  expect_failure(
      result, 4, {"device error", "writing failed", "File too large", "free some space"});
  EXPECT_TRUE(fs::is_empty(work.path("run/checkpoints")));
  expect_no_temporary_files(work);
}

TEST(Disk, ARunThatAFullDiskEndedGoesOnWhenThereIsRoom) {
  const Workspace work;
  ASSERT_EQ(train_with_limit(work, 20000).exit_code, 4);

  expect_success(work.run({"train", "run.toml", "--out", "run", "--resume"}));

  EXPECT_EQ(lines_of(work.read("run/metrics.jsonl")).size(), 3);
  EXPECT_TRUE(work.exists("run/checkpoints/000003/model.safetensors"));
}

TEST(Disk, ResponsesThatAFullDiskCutShortGoOnWhenThereIsRoom) {
  const Workspace work;
  const auto generate = [&](const std::string& out) {
    return ProgramCall{.arguments = {"generate",
                                     "--model",
                                     "model",
                                     "--problems",
                                     "problems.jsonl",
                                     "--max-new-tokens",
                                     "20",
                                     "--samples",
                                     "20",
                                     "--out",
                                     out}};
  };
  ProgramCall limited = generate("out.jsonl");
  limited.max_file_bytes = 4000;

  const ProgramResult result = work.run(limited);

  expect_failure(
      result, 4, {"out.part.jsonl: writing", "File too large", "run the same command again"});
  EXPECT_FALSE(work.exists("out.jsonl"));
  const std::string kept = work.read("out.part.jsonl");
  EXPECT_LE(kept.size(), 4000U);
  EXPECT_TRUE(kept.ends_with('\n'));  // of the row that was cut short nothing stays
  expect_success(work.run(generate("out.jsonl")));
  expect_success(work.run(generate("whole.jsonl")));
  EXPECT_EQ(work.read("out.jsonl"), work.read("whole.jsonl"));
  expect_no_temporary_files(work);
}

TEST(Disk, ResultsThatStdoutDidNotTakeAreAnError) {
  const std::vector<std::vector<std::string>> commands = {
      {"config"}, {"doctor"}, {"verify", "--gold", "1", "--answer", "1"}};
  for (const std::vector<std::string>& command : commands) {
    SCOPED_TRACE(command[0]);

    const ProgramResult result = run_program({.arguments = command, .stdout_to = "/dev/full"});

    expect_failure(result, 4, {"stratagram " + command[0], "stdout: writing failed"});
  }
}

// A file system of its own, with room for the start of a run and not for its checkpoints.
class SmallDisk : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(work.path("disk"));
    if (mount("tmpfs", work.path("disk").c_str(), "tmpfs", 0, "size=64k") != 0) {
      GTEST_SKIP() << "no small file system can be mounted here: " << std::strerror(errno);
    }
    is_mounted = true;
  }
  void TearDown() override {
    if (is_mounted) umount(work.path("disk").c_str());
  }
  Workspace work;
  bool is_mounted = false;
};

TEST_F(SmallDisk, EndsARunWith4AndTheSystemsReason) {
  const ProgramResult result = work.run({"train", "run.toml", "--out", "disk/run"});

  expect_failure(result, 4, {"disk/run", "No space left on device"});
}

}  // namespace
}  // namespace stratagram
