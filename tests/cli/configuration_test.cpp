// Faults of a configuration: each is found before the run folder is made.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/cli/workspace.h"

namespace stratagram {
namespace {

using testing::HasSubstr;
using testing::Not;

struct Fault {
  const char* assignment;
  std::vector<std::string> parts;
};

TEST(Configuration, EachFaultOfAKeyIsNamedAndNoFolderIsMade) {
  const Workspace work;
  const std::vector<Fault> faults = {
      {"run.num_step=3", {"--set run.num_step=3", "unknown key", "'run.num_steps'"}},
      {"colour=3", {"unknown key 'colour'", "stratagram config"}},
      {"run.num_steps=0", {"'run.num_steps'", "at least 1", "got 0"}},
      {"run.num_steps=2.5", {"'run.num_steps'", "wanted an integer", "got 2.5"}},
      {"rollout.top_p=0.9", {"rollout.top_p", "must stay at 1"}},
      {"credit.rule=hikra", {"'credit.rule'", "one of", "'hicra'"}},
      {"loss.dual_clip_bound=3", {"'loss.dual_clip_bound' has no effect", "loss.dual_clip = true"}},
      {"model.reference=x", {"model.reference has no effect", "loss.kl_coefficient"}},
      {"reward.overlong_tokens=12", {"reward.overlong_tokens = 12", "rollout.max_new_tokens = 12"}},
      {"reward.extraction=[\"box\"]", {"reward.extraction", "boxed", "'box'"}},
      {"data.prompt=solve", {"data.prompt", "{problem}", "'solve'"}},
      {"run.num_steps", {"wanted KEY=VALUE"}},
      {"model.device=tpu", {"cpu or cuda:N", "'tpu'"}},
  };
  for (const Fault& fault : faults) {
    SCOPED_TRACE(fault.assignment);

    const ProgramResult result =
        work.run({"train", "run.toml", "--out", "out", "--set", fault.assignment});

    expect_failure(result, 2, fault.parts);
    EXPECT_FALSE(work.exists("out"));
  }
}

TEST(Configuration, AFaultInTheFileIsNamedWithItsLine) {
  const Workspace work;
  work.write("bad.toml", "[model]\npath = \"model\"\n[rolout]\nmax_new_tokens = 4\n");
  work.write("broken.toml", "[model]\npath = model\n");

  expect_failure(work.run({"train", "bad.toml", "--out", "out"}),
                 2,
                 {"bad.toml:4", "'rolout.max_new_tokens'", "'rollout.max_new_tokens'"});
  expect_failure(
      work.run({"train", "broken.toml", "--out", "out"}), 2, {"broken.toml:2", "wanted TOML"});
  expect_failure(work.run({"sft", "bad.toml", "--out", "out"}), 2, {"bad.toml:4", "unknown key"});
  EXPECT_FALSE(work.exists("out"));
}

TEST(Configuration, EveryFaultThatDoesNotFitIsListedAtOnce) {
  const Workspace work;

  const ProgramResult result = work.run({"train",
                                         "run.toml",
                                         "--out",
                                         "out",
                                         "--set",
                                         "rollout.top_k=5",
                                         "--set",
                                         "data.prompt=solve"});

  expect_failure(result, 2, {"rollout.top_p, top_k", "data.prompt"});
}

TEST(Configuration, AMissingFileIsADataError) {
  const Workspace work;

  expect_failure(work.run({"train", "none.toml", "--out", "out"}),
                 3,
                 {"none.toml", "cannot be read", "No such file"});
}

TEST(Configuration, AFolderThatHoldsARunIsLeftAsItIs) {
  const Workspace work;
  work.write("out/config.json", "{}");
  work.write("out/metrics.jsonl", "{\"step\": 0}\n");
  const Files before = work.files("out");

  expect_failure(work.run({"train", "run.toml", "--out", "out"}),
                 2,
                 {"out: already holds a run", "--resume", "--out"});
  expect_failure(
      work.run({"sft", "sft.toml", "--out", "out"}), 2, {"out: already holds a run", "--resume"});
  EXPECT_EQ(work.files("out"), before);
}

TEST(Configuration, AFolderWithOtherContentIsLeftAsItIs) {
  const Workspace work;
  work.write("out/thesis.txt", "years of work");

  expect_failure(
      work.run({"train", "run.toml", "--out", "out"}), 2, {"out", "other content", "--out"});
  EXPECT_EQ(work.files("out"), (Files{{"thesis.txt", "years of work"}}));
}

TEST(Configuration, OutIsWantedUnlessTheRunIsOnlyChecked) {
  const Workspace work;

  expect_failure(work.run({"train", "run.toml"}), 2, {"wanted --out DIR"});
  const ProgramResult train = work.run({"train", "run.toml", "--check"});
  const ProgramResult sft = work.run({"sft", "sft.toml", "--check"});

  expect_success(train);
  EXPECT_THAT(train.err, HasSubstr("nothing was trained"));
  EXPECT_THAT(train.err, HasSubstr("memory of a rollout: weights"));
  expect_success(sft);
}

TEST(Configuration, CheckWritesNothing) {
  const Workspace work;
  const Files before = work.files();

  expect_success(work.run({"train", "run.toml", "--out", "out", "--check"}));
  expect_success(work.run({"sft", "sft.toml", "--out", "out", "--check"}));

  EXPECT_FALSE(work.exists("out"));
  EXPECT_EQ(work.files(), before);
}

TEST(Configuration, ThereMustBeARunToResume) {
  const Workspace work;

  expect_failure(work.run({"train", "run.toml", "--out", "out", "--resume"}),
                 3,
                 {"out: no run to resume", "leave out --resume"});
  EXPECT_FALSE(work.exists("out"));
}

TEST(Configuration, AResumedRunKeepsItsConfigurationAndItsProblems) {
  const Workspace work;
  expect_success(work.run({"train", "run.toml", "--out", "out"}));
  const Files before = work.files("out");

  expect_failure(work.run({"train", "run.toml", "--out", "out", "--resume", "--set", "run.seed=4"}),
                 2,
                 {"run.seed = 3", "now it is 4", "--out"});
  work.write("problems.jsonl", "{\"id\": 1, \"problem\": \"x\", \"answer\": \"2\"}\n");
  expect_failure(
      work.run({"train", "run.toml", "--out", "out", "--resume"}), 2, {"problems", "digest"});
  EXPECT_EQ(work.files("out"), before);
}

TEST(Configuration, AResumeIsRecordedBesideTheRecordOfTheStart) {
  const Workspace work;
  // A new folder or an old one, by whether it holds a run.
  const auto train = [&](std::vector<std::string> more) {
    std::vector<std::string> command{"train", "run.toml", "--out", "out"};
    command.insert(command.end(), more.begin(), more.end());
    expect_success(work.run(command));
    return nlohmann::json::parse(work.read("out/config.json"));
  };
  const nlohmann::json start = train({});
  ASSERT_FALSE(start.contains("resumes"));

  (void)train({"--resume", "--set", "run.num_steps=4", "--set", "run.max_rollout_mb=7"});
  nlohmann::json record = train({"--resume", "--set", "run.num_steps=5"});

  const nlohmann::json resumes = record.at("resumes");
  record.erase("resumes");
  EXPECT_EQ(record, start);
  ASSERT_EQ(resumes.size(), 2U);
  EXPECT_EQ(resumes[0].at("step"), 3);
  EXPECT_EQ(resumes[0].at("changed"),
            nlohmann::json::parse(R"({"run.num_steps": {"from": 3, "to": 4},
                                      "run.max_rollout_mb": {"from": 2000, "to": 7}})"));
  EXPECT_EQ(resumes[1].at("step"), 4);
  // The limit was given for the first resume only, so the second one went back.
  EXPECT_EQ(resumes[1].at("changed"),
            nlohmann::json::parse(R"({"run.num_steps": {"from": 4, "to": 5},
                                      "run.max_rollout_mb": {"from": 7, "to": 2000}})"));
  for (const nlohmann::json& resume : resumes) {
    for (const char* fact : {"version", "commit", "machine"}) {
      EXPECT_EQ(resume.at(fact), start.at(fact)) << fact;
    }
  }
}

TEST(Configuration, ADamagedListOfResumesIsADataError) {
  const Workspace work;
  expect_success(work.run({"train", "run.toml", "--out", "out"}));
  nlohmann::json record = nlohmann::json::parse(work.read("out/config.json"));

  for (const nlohmann::json& damaged : {nlohmann::json(3),
                                        nlohmann::json::object(),
                                        nlohmann::json::parse("[3]"),
                                        nlohmann::json::parse(R"([{"changed": {"a": 1}}])")}) {
    record["resumes"] = damaged;
    work.write("out/config.json", record.dump());
    expect_failure(work.run({"train", "run.toml", "--out", "out", "--resume"}),
                   3,
                   {"out/config.json: resumes", "cannot be resumed"});
  }
}

TEST(Configuration, ADamagedRecordOfTheRunIsADataError) {
  const Workspace work;
  expect_success(work.run({"train", "run.toml", "--out", "out"}));

  for (const char* content : {"{", "[]", "{}", "{\"config\": 3, \"digests\": 4}"}) {
    SCOPED_TRACE(content);
    work.write("out/config.json", content);
    expect_failure(work.run({"train", "run.toml", "--out", "out", "--resume"}),
                   3,
                   {"out/config.json", "cannot be resumed"});
  }
}

// What configs/ shows must be what the program reads today.
TEST(Configuration, EveryFileInConfigsIsSound) {
  const Workspace work;
  const std::filesystem::path folder = std::filesystem::absolute(STRATAGRAM_SOURCE_DIR) / "configs";
  work.write(
      "puzzles.jsonl",
      R"({"id": "c", "problem": "x", "answer": "1 + 2", "nums": [1, 2], "target": 3, "solution": "y"})");
  int64_t num_files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".toml") continue;
    SCOPED_TRACE(entry.path().filename().string());
    ++num_files;
    const bool is_sft = entry.path().stem().string().find("sft") != std::string::npos;

    const ProgramResult result = work.run({is_sft ? "sft" : "train",
                                           entry.path().string(),
                                           "--check",
                                           "--set",
                                           "model.path=model",
                                           "--set",
                                           "data.problems=puzzles.jsonl"});

    expect_success(result);
    EXPECT_THAT(result.err, Not(HasSubstr("error")));
  }
  EXPECT_GE(num_files, 2);
}

}  // namespace
}  // namespace stratagram
