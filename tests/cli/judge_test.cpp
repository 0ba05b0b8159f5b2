// grams annotate and errors against a judge on the loopback: results, stops, budget, replay.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/cli/workspace.h"
#include "tests/support/chat.h"
#include "tests/support/page_client.h"
#include "tests/support/running_program.h"

namespace stratagram {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

constexpr int kNumGrams = 12;

// Calls a phrase with "if" branching, and any other procedure; a response with "plus" a slip.
std::string opinion(const std::string& user) {
  if (user.find("Phrase: what if") != std::string::npos) {
    return std::string(1, letter_of(user, "strategic, branching"));
  }
  if (user.find("Phrase: ") != std::string::npos) {
    return std::string(1, letter_of(user, "procedure"));
  }
  if (user.find("plus") != std::string::npos) {
    return std::string(1, letter_of(user, "Its plan is sound"));
  }
  return std::string(1, letter_of(user, "Its final answer is in truth"));
}

PostServer::Answer with_delay(int delay_ms) {
  return [delay_ms](const SeenPost& seen) {
    return PostAnswer{.body = chat_reply(opinion(user_text(seen))),
                      .delay = std::chrono::milliseconds(delay_ms)};
  };
}

class JudgeCommands : public testing::Test {
 protected:
  JudgeCommands() {
    json head = {{"format", 1},
                 {"normaliser", 1},
                 {"corpus_digest", "d"},
                 {"documents", 20},
                 {"problems", 20},
                 {"words", 100},
                 {"duplicates", 0},
                 {"wrong", 0}};
    std::string lines = head.dump() + "\n";
    for (int i = 0; i < kNumGrams; ++i) {
      const std::string gram = (i % 3 == 0 ? "what if number " : "add up number ") + word(i);
      lines += json({{"gram", gram},
                     {"count", 9},
                     {"documents", 9},
                     {"problems", 9},
                     {"problem_text", 0},
                     {"starts", 0},
                     {"contexts", {{"before", gram, "after"}}}})
                   .dump() +
               "\n";
    }
    work.write("grams.jsonl", lines);
    std::string rows;
    for (int i = 0; i < 6; ++i) {
      rows += json({{"id", std::to_string(i)},
                    {"problem", "problem " + std::to_string(i)},
                    {"response", i % 2 == 0 ? "one plus one is 3" : "one and one is two"},
                    {"correct", false},
                    {"answer", "2"},
                    {"step", i < 4 ? 0 : 5}})
                  .dump() +
              "\n";
    }
    work.write("rows.jsonl", rows);
  }

  static std::string word(int i) { return std::string(1, static_cast<char>('a' + i)); }

  [[nodiscard]] ProgramCall annotate(const PostServer& server,
                                     const std::string& out,
                                     const std::vector<std::string>& more = {}) const {
    ProgramCall call{.arguments = {"grams",
                                   "annotate",
                                   "grams.jsonl",
                                   "--judge",
                                   server.url(),
                                   "--model",
                                   "m",
                                   "--batch",
                                   "1",
                                   "--out",
                                   out}};
    call.arguments.insert(call.arguments.end(), more.begin(), more.end());
    return call;
  }

  Workspace work;
};

TEST_F(JudgeCommands, AnnotateWritesWhatTheJudgeSays) {
  const PostServer server(with_delay(0));

  const ProgramResult result = work.run(annotate(server, "s.jsonl"));

  expect_success(result);
  EXPECT_THAT(result.out, HasSubstr("strategic                4, of them 4 with one role\n"));
  EXPECT_THAT(result.out, HasSubstr("kappa, five options      1.00 (100 % equal)\n"));
  const auto lines = lines_of(work.read("s.jsonl"));
  ASSERT_EQ(lines.size(), 1U + kNumGrams);
  EXPECT_EQ(json::parse(lines[0]).at("method"), "judge");
  EXPECT_EQ(json::parse(lines[0]).at("corpus_digest"), "d");
  EXPECT_EQ(json::parse(lines[1]),
            json({{"gram", "what if number a"},
                  {"strategic", true},
                  {"score", 1.0},
                  {"role", "branching"}}));
  EXPECT_EQ(json::parse(lines[2]).at("strategic"), false);
  EXPECT_EQ(server.seen().size(), 2U * kNumGrams);
}

TEST_F(JudgeCommands, TheKeyGoesToTheServerAndNowhereElse) {
  const PostServer server(with_delay(0));
  ProgramCall call = annotate(server, "s.jsonl", {"--key-env", "JUDGE_KEY", "--log", "trace"});
  call.environment = {{"JUDGE_KEY", "sk-very-secret"}};

  const ProgramResult result = work.run(call);

  expect_success(result);
  EXPECT_EQ(server.seen().at(0).authorization, "Bearer sk-very-secret");
  EXPECT_THAT(result.out + result.err, Not(HasSubstr("sk-very-secret")));
  for (const auto& [name, bytes] : work.files()) {
    EXPECT_THAT(bytes, Not(HasSubstr("sk-very-secret"))) << name;
  }
}

TEST_F(JudgeCommands, AKilledAnnotateGoesOnToTheResultOfOneThatWasNot) {
  const PostServer server(with_delay(30));
  expect_success(work.run(annotate(server, "whole.jsonl")));
  const size_t num_whole = server.seen().size();
  ProgramCall call = annotate(server, "s.jsonl", {"--concurrency", "1"});
  call.signals = {{.number = SIGKILL, .file = "s.exchanges.jsonl", .file_bytes = 5000}};

  const ProgramResult killed = work.run(call);
  EXPECT_EQ(killed.signal, SIGKILL);
  EXPECT_FALSE(work.exists("s.jsonl"));
  const size_t num_kept = lines_of(work.read("s.exchanges.jsonl")).size() - 1;
  EXPECT_GE(num_kept, 1U);
  const size_t num_before = server.seen().size();
  call.signals = {};
  expect_success(work.run(call));

  EXPECT_EQ(work.read("s.jsonl"), work.read("whole.jsonl"));
  EXPECT_EQ(server.seen().size() - num_before, num_whole - num_kept);
}

TEST_F(JudgeCommands, InterruptedWithCtrlCAnnotateEndsResumable) {
  const PostServer server(with_delay(200));
  ProgramCall call = annotate(server, "s.jsonl", {"--concurrency", "1"});
  call.signals = {{.number = SIGINT, .file = "s.exchanges.jsonl", .file_bytes = 3000}};

  const ProgramResult result = work.run(call);

  expect_failure(result, 6, {"every answer that came is in the record", "run the same command"});
  EXPECT_LT(server.seen().size(), 2U * kNumGrams);
}

TEST_F(JudgeCommands, ASpentBudgetEndsResumableAndTheCommandsAddUp) {
  const PostServer server(with_delay(0));
  const ProgramCall call = annotate(server, "s.jsonl", {"--max-requests", "10"});

  expect_failure(work.run(call), 6, {"the budget of 10 requests is used up"});
  expect_failure(work.run(call), 6, {"the budget of 10 requests is used up"});
  expect_success(work.run(call));

  EXPECT_EQ(server.seen().size(), 2U * kNumGrams);
}

TEST_F(JudgeCommands, AReplayAsksNobodyAndEqualsTheFirst) {
  const PostServer server(with_delay(0));
  expect_success(work.run(annotate(server, "s.jsonl")));
  const size_t num_asked = server.seen().size();

  const ProgramResult again = work.run({"grams",
                                        "annotate",
                                        "grams.jsonl",
                                        "--model",
                                        "m",
                                        "--batch",
                                        "1",
                                        "--replay",
                                        "s.exchanges.jsonl",
                                        "--out",
                                        "again.jsonl"});

  expect_success(again);
  EXPECT_EQ(work.read("again.jsonl"), work.read("s.jsonl"));
  EXPECT_EQ(server.seen().size(), num_asked);
}

TEST_F(JudgeCommands, ADryRunPrintsTheCostAndAsksNobody) {
  const PostServer server(with_delay(0));

  const ProgramResult result = work.run(annotate(
      server,
      "s.jsonl",
      {"--dry-run", "--price-in", "1", "--price-out", "1000", "--max-answer-tokens", "50"}));

  expect_success(result);
  EXPECT_THAT(result.out, HasSubstr("requests to send        24\n"));
  EXPECT_THAT(result.out, HasSubstr("tokens of replies       at most 1200\n"));
  EXPECT_THAT(result.out, HasSubstr("cost                    at most about 1.2"));
  EXPECT_EQ(server.seen().size(), 0U);
  EXPECT_FALSE(work.exists("s.jsonl"));
  EXPECT_FALSE(work.exists("s.exchanges.jsonl"));
}

TEST_F(JudgeCommands, ErrorsCountsClassesByStepAndLinksSuspects) {
  const PostServer server(with_delay(0));

  const ProgramResult result = work.run(
      {"errors", "rows.jsonl", "--judge", server.url(), "--model", "m", "--out", "e.json"});

  expect_success(result);
  const json report = json::parse(work.read("e.json"));
  ASSERT_EQ(report.at("groups").size(), 2U);
  EXPECT_EQ(report.at("groups")[0].at("answers"),
            json({{"misunderstood", 0}, {"slip", 4}, {"strategy", 0}, {"acceptable", 4}}));
  EXPECT_EQ(report.at("groups")[1].at("step"), 5);
  EXPECT_EQ(report.at("groups")[1].at("failures"), 2);
  EXPECT_EQ(report.at("agreement").at("kappa"), 1.0);
  EXPECT_EQ(report.at("suspected_verifier_errors").size(), 3U);
  EXPECT_THAT(result.out, HasSubstr("suspected error of the verifier: rows.jsonl:2\n"));
}

// The figures of docs/errors.md; the answers are those of a real model of 135 million parameters.
TEST_F(JudgeCommands, TheExamplesReplayToTheFiguresOfTheDocs) {
  const std::string examples = std::filesystem::absolute(STRATAGRAM_SOURCE_DIR) / "data/examples";

  const ProgramResult result = work.run({"errors",
                                         examples + "/failures.jsonl",
                                         "--model",
                                         "smollm2-135m",
                                         "--max-answer-tokens",
                                         "32",
                                         "--replay",
                                         examples + "/errors.exchanges.jsonl",
                                         "--out",
                                         "e.json"});

  expect_success(result);
  EXPECT_THAT(result.out,
              HasSubstr("agreement of the two askings: 0 % of 6, kappa -0.29 [-0.61, 0.04]\n"
                        "replies: 30, of them 14 unreadable; failures without an answer: 4\n"));
}

// The same for docs/strategic-grams.md: a judge whose every letter is A.
TEST_F(JudgeCommands, TheExampleGramsReplayToTheFiguresOfTheDocs) {
  const std::string examples = std::filesystem::absolute(STRATAGRAM_SOURCE_DIR) / "data/examples";

  const ProgramResult result = work.run({"grams",
                                         "annotate",
                                         examples + "/grams.jsonl",
                                         "--model",
                                         "smollm2-135m",
                                         "--batch",
                                         "1",
                                         "--request",
                                         R"({"grammar": "root ::= [A-E]"})",
                                         "--max-answer-tokens",
                                         "2",
                                         "--replay",
                                         examples + "/annotate.exchanges.jsonl",
                                         "--out",
                                         "s.jsonl"});

  expect_success(result);
  EXPECT_THAT(result.out,
              HasSubstr("replies                  24, of them 0 unreadable\n"
                        "kappa, strategic or not  -0.59 [-0.92, -0.25] (25 % equal)\n"
                        "kappa, five options      -0.33 [-0.45, -0.21] (0 % equal)\n"));
}

TEST_F(JudgeCommands, NameWhoIsToAnswer) {
  expect_failure(work.run({"errors", "rows.jsonl", "--out", "e.json"}), 2, {"--model is missing"});
  expect_failure(work.run({"errors", "rows.jsonl", "--model", "m"}), 2, {"--out is missing"});
  expect_failure(work.run({"errors", "rows.jsonl", "--manual", "l.jsonl"}), 2, {"--reviewer NAME"});
  expect_failure(work.run({"errors", "rows.jsonl", "--model", "m", "--out", "e.json"}),
                 2,
                 {"nobody is named who could answer", "--judge URL", "--replay FILE"});
  expect_failure(work.run({"errors",
                           "rows.jsonl",
                           "--model",
                           "m",
                           "--out",
                           "e.json",
                           "--record",
                           "r.jsonl",
                           "--replay",
                           "r.jsonl"}),
                 2,
                 {"--record"});
  expect_failure(work.run({"errors",
                           "rows.jsonl",
                           "--model",
                           "m",
                           "--out",
                           "e.json",
                           "--judge",
                           "http://127.0.0.1:1",
                           "--request",
                           "[1]"}),
                 2,
                 {"--request: wanted a JSON object"});
}

TEST_F(JudgeCommands, AnswersByHandGiveTheSharesOfOneAsking) {
  {
    RunningProgram program({"errors",
                            work.path("rows.jsonl"),
                            "--manual",
                            work.path("log.jsonl"),
                            "--reviewer",
                            "ann"});
    PageOf page(program);
    for (const int place : {0, 1, 4}) {
      const json reply =
          page.call("/api/decide", {{"action", "answer"}, {"id", place}, {"answer", "strategy"}});
      EXPECT_TRUE(reply.is_object()) << place;
    }
    EXPECT_EQ(program.stop(SIGINT), 0) << program.err();
  }

  const ProgramResult result =
      work.run({"errors", work.path("rows.jsonl"), "--manual", "log.jsonl", "--out", "e.json"});

  expect_success(result);
  const json report = json::parse(work.read("e.json"));
  EXPECT_EQ(report.at("groups")[0].at("judged"), 2);
  EXPECT_EQ(report.at("groups")[1].at("judged"), 1);
  EXPECT_EQ(report.at("groups")[0].at("shares").at("strategy").at("share"), 1.0);
  EXPECT_EQ(report.at("replies").at("failures_without_answer"), 3);
  EXPECT_FALSE(report.contains("agreement"));
}

// Who took everything back did not answer.
TEST_F(JudgeCommands, AnswersByHandAreThoseOfReadersWhoHaveSome) {
  for (const char* reviewer : {"eve", "ann", "bob"}) {
    RunningProgram program({"errors",
                            work.path("rows.jsonl"),
                            "--manual",
                            work.path("log.jsonl"),
                            "--reviewer",
                            reviewer});
    PageOf page(program);
    const json answer = {{"action", "answer"}, {"id", 0}, {"answer", "strategy"}};
    EXPECT_TRUE(page.call("/api/decide", answer).is_object());
    if (std::string(reviewer) == "eve") {
      EXPECT_TRUE(page.call("/api/decide", {{"action", "undo"}}).is_object());
    }
    EXPECT_EQ(program.stop(SIGINT), 0) << program.err();
  }

  expect_success(
      work.run({"errors", work.path("rows.jsonl"), "--manual", "log.jsonl", "--out", "e.json"}));

  EXPECT_EQ(json::parse(work.read("e.json")).at("groups")[0].at("judged"), 1);
}

TEST_F(JudgeCommands, TakeEitherAJudgeOrAPerson) {
  expect_failure(work.run({"errors", "rows.jsonl", "--manual", "log.jsonl", "--dry-run"}),
                 2,
                 {"--dry-run excludes --manual"});
  expect_failure(work.run({"errors", "rows.jsonl", "--reviewer", "ann", "--out", "e.json"}),
                 2,
                 {"--reviewer requires --manual"});
}

TEST_F(JudgeCommands, NeverWriteOverAResult) {
  work.write("e.json", "older");

  expect_failure(work.run({"errors",
                           "rows.jsonl",
                           "--model",
                           "m",
                           "--out",
                           "e.json",
                           "--judge",
                           "http://127.0.0.1:1"}),
                 2,
                 {"e.json: is there already"});
  EXPECT_EQ(work.read("e.json"), "older");
}

}  // namespace
}  // namespace stratagram
