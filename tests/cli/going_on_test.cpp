// eval and generate that are stopped, by Ctrl-C or by force, and called again: the files must be
// those of a call that was never stopped.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>

#include "tests/cli/workspace.h"

namespace stratagram {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kEvalPart = "results/problems.samples.part.jsonl";
constexpr const char* kRowsPart = "rows.part.jsonl";

// Four problems with so many samples that a signal comes in the midst of them.
std::vector<std::string> sampling(std::vector<std::string> command) {
  command.insert(command.end(),
                 {"--model", "model", "--samples", "150", "--max-new-tokens", "24", "--seed", "5"});
  return command;
}

std::vector<std::string> eval_to(const std::string& out,
                                 const std::string& sets = "problems.jsonl") {
  return sampling({"eval", "--benchmarks", sets, "--out", out});
}

std::vector<std::string> generate_to(const std::string& out) {
  return sampling({"generate", "--problems", "problems.jsonl", "--out", out});
}

// A call that is sent a signal when so much of its responses is kept, however fast the machine is.
ProgramResult stopped(const Workspace& work,
                      const std::vector<std::string>& command,
                      const std::string& part,
                      const PlannedSignal& signal = {.number = SIGINT}) {
  ProgramCall call{.arguments = command, .signals = {signal}};
  call.signals[0].file = part;
  if (signal.file_bytes == 0) call.signals[0].file_bytes = 8000;
  return work.run(call);
}

// Not EXPECT_EQ on the maps: so many rows are not worth printing.
void expect_same_files(const Files& got, const Files& wanted) {
  ASSERT_EQ(got.size(), wanted.size());
  for (const auto& [name, bytes] : wanted) {
    ASSERT_EQ(got.count(name), 1) << name;
    EXPECT_TRUE(got.at(name) == bytes) << name << " differs";
  }
}

TEST(InterruptedEval, EndsWith6AndGoesOnToTheFilesOfOneThatWasNeverStopped) {
  const Workspace work;
  expect_success(work.run(eval_to("whole")));

  const ProgramResult first = stopped(work, eval_to("results"), kEvalPart);
  expect_failure(first,
                 6,
                 {"stratagram eval: interrupted",
                  "of 600 responses, which are kept in results/problems.samples.part.jsonl",
                  "run the same command again to go on"});
  EXPECT_EQ(work.files("results").size(), 1);
  const ProgramResult second = work.run(eval_to("results"));

  expect_success(second);
  EXPECT_THAT(second.err, HasSubstr(std::string(kEvalPart) + ": goes on after"));
  expect_same_files(work.files("results"), work.files("whole"));
}

TEST(InterruptedEval, IsNotTakenUpUnderOtherConditionsAndSaysWhich) {
  const Workspace work;
  expect_failure(stopped(work, eval_to("results"), kEvalPart), 6, {"kept"});
  const std::string before = work.read(kEvalPart);
  std::vector<std::string> other = eval_to("results");
  other.insert(other.end(), {"--top-p", "0.5", "--max-sequences", "32", "--template", "qwen-math"});

  expect_failure(work.run(other),
                 2,
                 {kEvalPart,
                  "max_sequences was 64, is 32",
                  "sampling.top_p was 0.95, is 0.5",
                  "template.name was \"plain\", is \"qwen-math\"",
                  "remove it or choose another --out"});

  EXPECT_EQ(work.read(kEvalPart), before);
}

TEST(InterruptedEval, IsNotTakenUpWithAnotherModelOrAnotherSet) {
  const Workspace work;
  expect_failure(stopped(work, eval_to("results"), kEvalPart), 6, {"kept"});
  std::string weights = work.read("model/model.safetensors");
  weights.back() = static_cast<char>(weights.back() ^ 1);
  work.write("model/model.safetensors", weights);
  work.write("problems.jsonl", work.read("problems.jsonl") + "\n");

  expect_failure(
      work.run(eval_to("results")), 2, {kEvalPart, "model_digest was", "problems_digest was"});
}

TEST(InterruptedEval, OfSeveralSetsNamesThoseThatAreLeft) {
  const Workspace work;
  work.write("few.jsonl", "{\"id\": \"f\", \"problem\": \"one\", \"answer\": \"1\"}\n");

  const ProgramResult first =
      stopped(work, eval_to("results", "few.jsonl,problems.jsonl"), kEvalPart);

  EXPECT_EQ(first.exit_code, 6) << first.err;
  EXPECT_THAT(first.err, HasSubstr("run the command again with --benchmarks problems.jsonl\n"));
  EXPECT_TRUE(work.exists("results/few.json"));
  expect_success(work.run(eval_to("results", "problems.jsonl")));
  EXPECT_TRUE(work.exists("results/problems.json"));
}

TEST(InterruptedGenerate, EndsWith6AndGoesOnToTheFileOfOneThatWasNeverStopped) {
  const Workspace work;
  expect_success(work.run(generate_to("whole.jsonl")));

  const ProgramResult first = stopped(work, generate_to("rows.jsonl"), kRowsPart);
  expect_failure(first,
                 6,
                 {"stratagram generate: interrupted",
                  "of 600 responses, which are kept in rows.part.jsonl",
                  "run the same command again to go on"});
  EXPECT_FALSE(work.exists("rows.jsonl"));
  expect_success(work.run(generate_to("rows.jsonl")));

  EXPECT_TRUE(work.read("rows.jsonl") == work.read("whole.jsonl"));
  EXPECT_FALSE(work.exists(kRowsPart));
}

TEST(InterruptedGenerate, IsNotTakenUpUnderOtherConditionsAndSaysWhich) {
  const Workspace work;
  expect_failure(stopped(work, generate_to("rows.jsonl"), kRowsPart), 6, {"kept"});
  std::vector<std::string> other = generate_to("rows.jsonl");
  other.back() = "6";

  expect_failure(work.run(other), 2, {kRowsPart, "seed was 5, is 6", "another --out"});
}

TEST(InterruptedGenerate, WithoutAFileSaysThatResponsesAreLost) {
  const Workspace work;

  const ProgramResult result =
      work.run(ProgramCall{.arguments = sampling({"generate", "--problems", "problems.jsonl"}),
                           .signals = {{.number = SIGINT, .after = "of 600 responses"}}});

  expect_failure(result, 6, {"which are lost", "--out"});
}

// Kills a call again and again, each time when more is kept, and goes on. A row has 250 bytes and
// more, 600 are wanted.
void kill_and_finish(const Workspace& work,
                     const std::vector<std::string>& command,
                     const std::string& part) {
  for (const uint64_t bytes : {2000, 20000, 20001, 50000, 90000}) {
    const ProgramResult killed =
        stopped(work, command, part, {.number = SIGKILL, .file_bytes = bytes});
    EXPECT_EQ(killed.signal, SIGKILL) << killed.err;
  }
  expect_success(work.run(command));
}

TEST(KilledEval, GoesOnToTheFilesOfOneThatWasNeverStopped) {
  const Workspace work;
  expect_success(work.run(eval_to("whole")));

  kill_and_finish(work, eval_to("results"), kEvalPart);

  expect_same_files(work.files("results"), work.files("whole"));
}

TEST(KilledGenerate, GoesOnToTheFileOfOneThatWasNeverStopped) {
  const Workspace work;
  expect_success(work.run(generate_to("whole.jsonl")));

  kill_and_finish(work, generate_to("rows.jsonl"), kRowsPart);

  EXPECT_TRUE(work.read("rows.jsonl") == work.read("whole.jsonl"));
  EXPECT_FALSE(work.exists(kRowsPart));
}

// What a kill between the two files leaves: every row is there, and samples without their result.
TEST(KilledEval, AfterItsSamplesWereWrittenNeedsOnlyItsResult) {
  const Workspace work;
  expect_failure(stopped(work, eval_to("results"), kEvalPart), 6, {"kept"});
  const std::string head = lines_of(work.read(kEvalPart)).at(0);
  expect_success(work.run(eval_to("results")));
  const Files whole = work.files("results");
  std::filesystem::remove(work.path("results/problems.json"));
  work.write(kEvalPart, head + "\n" + work.read("results/problems.samples.jsonl"));

  const ProgramResult result = work.run(eval_to("results"));

  expect_success(result);
  EXPECT_THAT(result.err, HasSubstr("goes on after 600 of 600"));
  EXPECT_THAT(result.err, Not(HasSubstr("memory: weights")));
  expect_same_files(work.files("results"), whole);
}

}  // namespace
}  // namespace stratagram
