// eval and generate that are stopped, by Ctrl-C or by force, and called again: the files must be
// those of a call that was never stopped.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>

#include "core/stream.h"
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
                 {"--model", "model", "--samples", "400", "--max-new-tokens", "24", "--seed", "5"});
  return command;
}

std::vector<std::string> eval_to(const std::string& out,
                                 const std::string& sets = "problems.jsonl") {
  return sampling({"eval", "--benchmarks", sets, "--out", out});
}

std::vector<std::string> generate_to(const std::string& out) {
  return sampling({"generate", "--problems", "problems.jsonl", "--out", out});
}

// A call that is stopped when some of its responses are there.
ProgramResult stopped(const Workspace& work, const std::vector<std::string>& command) {
  return work.run(ProgramCall{
      .arguments = command,
      .signals = {
          {.number = SIGINT, .after = "0 tokens", .delay = std::chrono::milliseconds(150)},
      }});
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

  const ProgramResult first = stopped(work, eval_to("results"));
  expect_failure(first,
                 6,
                 {"stratagram eval: interrupted",
                  "of 1600 responses, which are kept in results/problems.samples.part.jsonl",
                  "run the same command again to go on"});
  EXPECT_EQ(work.files("results").size(), 1);
  const ProgramResult second = work.run(eval_to("results"));

  expect_success(second);
  EXPECT_THAT(second.err, HasSubstr(std::string(kEvalPart) + ": goes on after"));
  expect_same_files(work.files("results"), work.files("whole"));
}

TEST(InterruptedEval, IsNotTakenUpUnderOtherConditionsAndSaysWhich) {
  const Workspace work;
  expect_failure(stopped(work, eval_to("results")), 6, {"kept"});
  const std::string before = work.read(kEvalPart);
  std::vector<std::string> other = eval_to("results");
  other.insert(other.end(), {"--top-p", "0.5", "--max-sequences", "32", "--system", "Be brief."});

  expect_failure(work.run(other),
                 2,
                 {kEvalPart,
                  "max_sequences was 64, is 32; sampling.top_p was 0.95, is 0.5; system was \"\", "
                  "is \"Be brief.\"",
                  "remove it or choose another --out"});

  EXPECT_EQ(work.read(kEvalPart), before);
}

TEST(InterruptedEval, IsNotTakenUpWithAnotherModelOrAnotherSet) {
  const Workspace work;
  expect_failure(stopped(work, eval_to("results")), 6, {"kept"});
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

  // The first set's summary on stdout comes when its result stands; the second plan follows.
  const ProgramResult first = work.run(ProgramCall{
      .arguments = eval_to("results", "few.jsonl,problems.jsonl"),
      .signals = {{.number = SIGINT, .after = "/1600", .delay = std::chrono::milliseconds(150)}}});

  EXPECT_EQ(first.exit_code, 6) << first.err;
  EXPECT_THAT(first.err, HasSubstr("run the command again with --benchmarks problems.jsonl\n"));
  EXPECT_TRUE(work.exists("results/few.json"));
  expect_success(work.run(eval_to("results", "problems.jsonl")));
  EXPECT_TRUE(work.exists("results/problems.json"));
}

TEST(InterruptedGenerate, EndsWith6AndGoesOnToTheFileOfOneThatWasNeverStopped) {
  const Workspace work;
  expect_success(work.run(generate_to("whole.jsonl")));

  const ProgramResult first = stopped(work, generate_to("rows.jsonl"));
  expect_failure(first,
                 6,
                 {"stratagram generate: interrupted",
                  "of 1600 responses, which are kept in rows.part.jsonl",
                  "run the same command again to go on"});
  EXPECT_FALSE(work.exists("rows.jsonl"));
  expect_success(work.run(generate_to("rows.jsonl")));

  EXPECT_TRUE(work.read("rows.jsonl") == work.read("whole.jsonl"));
  EXPECT_FALSE(work.exists(kRowsPart));
}

TEST(InterruptedGenerate, IsNotTakenUpUnderOtherConditionsAndSaysWhich) {
  const Workspace work;
  expect_failure(stopped(work, generate_to("rows.jsonl")), 6, {"kept"});
  std::vector<std::string> other = generate_to("rows.jsonl");
  other.back() = "6";

  expect_failure(work.run(other), 2, {kRowsPart, "seed was 5, is 6", "another --out"});
}

TEST(InterruptedGenerate, WithoutAFileSaysThatResponsesAreLost) {
  const Workspace work;

  const ProgramResult result =
      stopped(work, sampling({"generate", "--problems", "problems.jsonl"}));

  expect_failure(result, 6, {"which are lost", "--out"});
}

// Kills a call again and again at keyed instants and goes on.
void kill_and_finish(const Workspace& work,
                     const std::vector<std::string>& command,
                     const std::string& result,
                     uint64_t seed) {
  const Stream stream({.seed = seed, .purpose = "instants of death"});
  int64_t num_killed = 0;
  for (uint64_t i = 0; i < 5; ++i) {
    const ProgramResult killed = work.run(
        ProgramCall{.arguments = command,
                    .signals = {{.number = SIGKILL,
                                 .after = " tokens",
                                 .delay = std::chrono::microseconds(stream.below(90000, i))}}});
    if (killed.signal == SIGKILL) ++num_killed;
    if (work.exists(result)) break;
  }
  EXPECT_GE(num_killed, 3);
  if (!work.exists(result)) expect_success(work.run(command));
}

TEST(KilledEval, GoesOnToTheFilesOfOneThatWasNeverStopped) {
  const Workspace work;
  expect_success(work.run(eval_to("whole")));

  kill_and_finish(work, eval_to("results"), "results/problems.json", 1);

  expect_same_files(work.files("results"), work.files("whole"));
}

TEST(KilledGenerate, GoesOnToTheFileOfOneThatWasNeverStopped) {
  const Workspace work;
  expect_success(work.run(generate_to("whole.jsonl")));

  kill_and_finish(work, generate_to("rows.jsonl"), "rows.jsonl", 2);

  EXPECT_TRUE(work.read("rows.jsonl") == work.read("whole.jsonl"));
  EXPECT_FALSE(work.exists(kRowsPart));
}

// What a kill between the two files leaves: every row is there, and samples without their result.
TEST(KilledEval, AfterItsSamplesWereWrittenNeedsOnlyItsResult) {
  const Workspace work;
  expect_failure(stopped(work, eval_to("results")), 6, {"kept"});
  const std::string head = lines_of(work.read(kEvalPart)).at(0);
  expect_success(work.run(eval_to("results")));
  const Files whole = work.files("results");
  std::filesystem::remove(work.path("results/problems.json"));
  work.write(kEvalPart, head + "\n" + work.read("results/problems.samples.jsonl"));

  const ProgramResult result = work.run(eval_to("results"));

  expect_success(result);
  EXPECT_THAT(result.err, HasSubstr("goes on after 1600 of 1600"));
  EXPECT_THAT(result.err, Not(HasSubstr("memory: weights")));
  expect_same_files(work.files("results"), whole);
}

}  // namespace
}  // namespace stratagram
