// Stopping a run: by Ctrl-C, twice, or by force; and going on as if nothing had happened.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/stream.h"
#include "tests/cli/workspace.h"

namespace stratagram {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kSteps = "40";

std::vector<std::string> train(const std::string& out) {
  return {"train", "run.toml", "--out", out, "--set", std::string("run.num_steps=") + kSteps};
}

std::vector<std::string> sft(const std::string& out) {
  return {"sft", "sft.toml", "--out", out, "--set", "run.num_epochs=40"};
}

std::vector<std::string> resumed(std::vector<std::string> command) {
  command.emplace_back("--resume");
  return command;
}

// Everything that a run leaves, but for what tells of time, of the machine's load and of resumes.
Files lasting_files(const Workspace& work, const std::string& out) {
  Files files = work.files(out);
  files.erase(".lock");
  std::string metrics;
  for (const std::string& line : lines_of(files["metrics.jsonl"])) {
    json record = json::parse(line);
    for (auto at = record.begin(); at != record.end();) {
      const std::string& name = at.key();
      const bool passes =
          name.starts_with("time/") || name.starts_with("speed/") || name.starts_with("memory/");
      at = passes ? record.erase(at) : std::next(at);
    }
    metrics += record.dump() + "\n";
  }
  files["metrics.jsonl"] = metrics;
  json config = json::parse(files["config.json"]);
  config.erase("resumes");
  files["config.json"] = config.dump();
  return files;
}

// Not EXPECT_EQ on the maps: weights are not worth printing.
void expect_same_files(const Files& got, const Files& wanted) {
  std::vector<std::string> got_names;
  std::vector<std::string> wanted_names;
  for (const auto& [name, bytes] : got) got_names.push_back(name);
  for (const auto& [name, bytes] : wanted) wanted_names.push_back(name);
  EXPECT_EQ(got_names, wanted_names);
  for (const auto& [name, bytes] : wanted) {
    const auto found = got.find(name);
    if (found != got.end()) {
      EXPECT_TRUE(found->second == bytes) << name << " differs";
    }
  }
}

TEST(Interrupt, TrainingEndsWith6AndGoesOnToTheFilesOfARunThatWasNeverStopped) {
  const Workspace work;
  expect_success(work.run(train("whole")));

  const ProgramResult stopped = work.run(
      ProgramCall{.arguments = train("run"), .signals = {{.number = SIGINT, .after = "step 3/"}}});
  expect_failure(stopped, 6, {"stratagram train: interrupted", "of 40 steps", "--resume"});
  const ProgramResult finished = work.run(resumed(train("run")));

  expect_success(finished);
  EXPECT_THAT(finished.err, HasSubstr("resumed after step"));
  EXPECT_THAT(finished.err, HasSubstr("done: 40 steps"));
  expect_same_files(lasting_files(work, "run"), lasting_files(work, "whole"));
}

TEST(Interrupt, ASupervisedRunEndsWith6AndGoesOnLikeOneThatWasNeverStopped) {
  const Workspace work;
  expect_success(work.run(sft("whole")));

  const ProgramResult stopped = work.run(
      ProgramCall{.arguments = sft("run"), .signals = {{.number = SIGINT, .after = "step 1/"}}});
  expect_failure(stopped, 6, {"stratagram sft: interrupted", "of 80 steps", "--resume"});
  expect_success(work.run(resumed(sft("run"))));

  expect_same_files(lasting_files(work, "run"), lasting_files(work, "whole"));
}

// The weights must have moved, or the comparisons above would say nothing.
TEST(Interrupt, TheComparedRunsChangeTheirWeights) {
  const Workspace work;
  expect_success(work.run({"train", "run.toml", "--out", "run"}));

  const Files files = work.files("run");
  const auto weights = files.find("checkpoints/000003/model.safetensors");

  ASSERT_NE(weights, files.end());
  EXPECT_NE(weights->second, files.at("checkpoints/000002/model.safetensors"));
}

// One step of so many passes that it is still going on when both signals come: the first waits for
// its end, the second does not.
TEST(Interrupt, ASecondSignalEndsTheProgramAtOnce) {
  const Workspace work;
  std::string rows;
  for (int i = 0; i < 4000; ++i) {
    rows += R"({"id": )" + std::to_string(i) +
            R"(, "problem": "one", "answer": "1", "solution": "It is one."})" + "\n";
  }
  work.write("problems.jsonl", rows);
  const std::vector<std::string> command = {"sft",
                                            "sft.toml",
                                            "--out",
                                            "run",
                                            "--set",
                                            "run.sequences_per_step=4000",
                                            "--set",
                                            "update.micro_batch_tokens=16"};

  const ProgramResult result = work.run(ProgramCall{
      .arguments = command,
      .signals = {
          {.number = SIGINT, .after = "4000 pairs", .delay = std::chrono::milliseconds(300)},
          // The program says that it has seen the first: signals that come together count as one.
          {.number = SIGINT, .after = "a second Ctrl-C stops at once"}}});

  EXPECT_EQ(result.exit_code, 6) << result.err;
  EXPECT_THAT(result.err, Not(HasSubstr("--resume")));
  EXPECT_TRUE(std::filesystem::is_empty(work.path("run/checkpoints")));
}

TEST(Interrupt, TerminationIsTreatedLikeCtrlC) {
  const Workspace work;

  const ProgramResult stopped = work.run(
      ProgramCall{.arguments = train("run"), .signals = {{.number = SIGTERM, .after = "step 2/"}}});

  expect_failure(stopped, 6, {"interrupted", "--resume"});
}

// Kills a run again and again at keyed instants, the first ones during its start, and goes on.
void kill_and_finish(const Workspace& work,
                     const std::vector<std::string>& command,
                     const std::string& end_of_start,
                     uint64_t seed) {
  const std::string record = "run/config.json";
  const Stream stream({.seed = seed, .purpose = "instants of death"});
  int64_t num_killed = 0;
  for (uint64_t i = 0; i < 8; ++i) {
    ProgramCall call{.arguments = work.exists(record) ? resumed(command) : command};
    const bool at_start = i < 2;
    call.signals = {
        {.number = SIGKILL,
         .after = at_start ? end_of_start : "step ",
         .delay = std::chrono::microseconds(stream.below(at_start ? 20000 : 60000, i))}};

    const ProgramResult result = work.run(call);

    if (result.signal == SIGKILL) {
      ++num_killed;
    } else {
      EXPECT_EQ(result.exit_code, 0) << result.err;  // it was done sooner
    }
  }
  EXPECT_GE(num_killed, 4);
  expect_success(work.run(work.exists(record) ? resumed(command) : command));
}

TEST(Killed, ATrainingRunGoesOnToTheFilesOfARunThatWasNeverStopped) {
  const Workspace work;
  expect_success(work.run(train("whole")));

  kill_and_finish(work, train("run"), "memory of a rollout", 1);

  expect_same_files(lasting_files(work, "run"), lasting_files(work, "whole"));
}

TEST(Killed, ASupervisedRunGoesOnToTheFilesOfARunThatWasNeverStopped) {
  const Workspace work;
  expect_success(work.run(sft("whole")));

  kill_and_finish(work, sft("run"), "4 pairs", 2);

  expect_same_files(lasting_files(work, "run"), lasting_files(work, "whole"));
}

// What a kill between the making of the folder and its config.json leaves.
TEST(Killed, ARunThatDiedBeforeItsRecordStoodCanBeStartedAgain) {
  const Workspace work;
  std::filesystem::create_directories(work.path("run/rollouts"));
  std::filesystem::create_directories(work.path("run/checkpoints"));
  work.write("run/.lock", "");
  work.write("run/config.json.tmp-17", "{");

  expect_success(work.run({"train", "run.toml", "--out", "run"}));

  EXPECT_FALSE(work.exists("run/config.json.tmp-17"));
}

}  // namespace
}  // namespace stratagram
