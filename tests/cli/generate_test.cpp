// generate and score: what is printed, what is written, and that the two agree.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <csignal>
#include <nlohmann/json.hpp>

#include "core/jsonl.h"
#include "tests/cli/workspace.h"

namespace stratagram {
namespace {

using nlohmann::json;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

std::vector<json> rows_of(const std::string& text) {
  std::vector<json> rows;
  for (const std::string& line : lines_of(text)) rows.push_back(json::parse(line));
  return rows;
}

std::vector<std::string> problems_command() {
  return {"generate",
          "--model",
          "model",
          "--problems",
          "problems.jsonl",
          "--samples",
          "2",
          "--max-new-tokens",
          "6",
          "--temperature",
          "0.8",
          "--seed",
          "5"};
}

std::vector<std::string> with(std::vector<std::string> words,
                              const std::vector<std::string>& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

TEST(Generate, OnePromptPutsItsTextOnStdoutAndTheLogOnStderr) {
  const Workspace work;
  const std::vector<std::string> command = {
      "generate", "--model", "model", "--prompt", "one", "--max-new-tokens", "8", "--seed", "2"};

  const ProgramResult result = work.run(command);
  const ProgramResult as_rows = work.run(with(command, {"--out", "row.jsonl"}));

  expect_success(result);
  expect_success(as_rows);
  const auto text = rows_of(work.read("row.jsonl")).at(0).at("response").get<std::string>();
  ASSERT_THAT(result.out, EndsWith("\n"));
  // The stream holds the bytes of the tokens as they are. JSON takes no broken UTF-8, which a
  // random model writes: there a sign stands for it.
  const std::string streamed = result.out.substr(0, result.out.size() - 1);
  EXPECT_GE(streamed.size(), 1);
  EXPECT_EQ(json::parse(to_json_line(json(streamed))), text);
  EXPECT_THAT(result.err, HasSubstr("memory: weights"));
  EXPECT_EQ(as_rows.out, "");
}

TEST(Generate, TheSameSeedGivesTheSameTextAndAnotherSeedAnother) {
  const Workspace work;
  const std::vector<std::string> command = {
      "generate", "--model", "model", "--prompt", "one", "--max-new-tokens", "12", "--seed"};

  const std::string text = work.run(with(command, {"2"})).out;

  EXPECT_EQ(work.run(with(command, {"2"})).out, text);
  EXPECT_NE(work.run(with(command, {"3"})).out, text);
}

TEST(Generate, AProblemSetGivesARowForEachSampleOnStdoutOrInAFile) {
  const Workspace work;

  const ProgramResult printed = work.run(problems_command());
  const ProgramResult written = work.run(with(problems_command(), {"--out", "rows.jsonl"}));

  expect_success(printed);
  expect_success(written);
  EXPECT_EQ(written.out, "");
  EXPECT_EQ(printed.out, work.read("rows.jsonl"));
  const std::vector<json> rows = rows_of(printed.out);
  ASSERT_EQ(rows.size(), 8);
  for (size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(rows[i].at("problem_id"), fmt::format("p{}", i / 2));
    EXPECT_EQ(rows[i].at("sample"), i % 2);
    EXPECT_EQ(rows[i].at("logprobs").size(), rows[i].at("token_ids").size());
    EXPECT_EQ(rows[i].at("entropies").size(), rows[i].at("token_ids").size());
  }
}

TEST(Generate, NoControlCharactersReachAPipedStderr) {
  const Workspace work;

  const ProgramResult result = work.run(problems_command());

  EXPECT_THAT(result.err, HasSubstr("8 responses"));
  EXPECT_THAT(result.err, Not(HasSubstr("\x1b")));
  EXPECT_THAT(result.err, Not(HasSubstr("\r")));
}

// `generate ... | head -1`
TEST(Generate, AReaderThatGoesAwayEndsItQuietly) {
  const Workspace work;
  // More rows than a pipe holds.
  const std::vector<std::string> command = {"generate",
                                            "--model",
                                            "model",
                                            "--problems",
                                            "problems.jsonl",
                                            "--max-new-tokens",
                                            "6",
                                            "--samples",
                                            "100"};

  const ProgramResult result = work.run(ProgramCall{.arguments = command, .close_stdout_after = 1});

  EXPECT_EQ(result.signal, SIGPIPE);
  EXPECT_THAT(result.err, Not(HasSubstr("error")));
}

TEST(Generate, AFolderThatIsNotThereIsNamedBeforeTheModelIsLoaded) {
  const Workspace work;

  const ProgramResult result = work.run(with(problems_command(), {"--out", "none/rows.jsonl"}));

  expect_failure(result, 4, {"none/rows.jsonl: cannot be created", "none", "make it first"});
  EXPECT_THAT(result.err, Not(HasSubstr("parameters")));
}

TEST(Generate, RefusesToWriteOverAResultBeforeTheModelIsLoaded) {
  const Workspace work;
  work.write("rows.jsonl", "older");

  const ProgramResult result = work.run(with(problems_command(), {"--out", "rows.jsonl"}));

  expect_failure(result, 2, {"rows.jsonl: is there already", "another --out"});
  EXPECT_THAT(result.err, Not(HasSubstr("parameters")));
  EXPECT_EQ(work.read("rows.jsonl"), "older");
}

void expect_same_logprobs(const std::vector<json>& got, const std::vector<json>& wanted) {
  ASSERT_EQ(got.size(), wanted.size());
  for (size_t i = 0; i < got.size(); ++i) {
    const auto a = got[i].at("logprobs").get<std::vector<double>>();
    const auto b = wanted[i].at("logprobs").get<std::vector<double>>();
    ASSERT_EQ(a.size(), b.size()) << "row " << i;
    // Float32 in another order of sums, and six digits in the file.
    for (size_t t = 0; t < a.size(); ++t) EXPECT_NEAR(a[t], b[t], 1e-4) << i << ", token " << t;
  }
}

std::vector<std::string> score(const std::string& model, const std::string& out = "scored.jsonl") {
  return {
      "score", "--model", model, "--rollouts", "rows.jsonl", "--out", out, "--temperature", "0.8"};
}

TEST(Score, GivesTheLogProbabilitiesThatGenerateWrote) {
  const Workspace work;
  expect_success(work.run(with(problems_command(), {"--out", "rows.jsonl"})));

  const ProgramResult result = work.run(score("model"));

  expect_success(result);
  EXPECT_EQ(result.out, "");
  expect_same_logprobs(rows_of(work.read("scored.jsonl")), rows_of(work.read("rows.jsonl")));
}

TEST(Score, TakesTextsWhereThereAreNoIds) {
  const Workspace work;
  work.write("rows.jsonl", "{\"prompt\": \"one and\", \"response\": \" one\", \"mark\": 9}\n");

  expect_success(work.run(score("model")));

  const json row = rows_of(work.read("scored.jsonl")).at(0);
  EXPECT_EQ(row.at("mark"), 9);
  EXPECT_EQ(row.at("logprobs").size(), row.at("token_ids").size());
  EXPECT_GT(row.at("token_ids").size(), 0);
}

TEST(Score, IdsAndTextsOfTheSameTokensGetTheSameScores) {
  const Workspace work;
  work.write("rows.jsonl", "{\"prompt\": \"one and\", \"response\": \" one\"}\n");
  expect_success(work.run(score("model")));
  const json by_text = rows_of(work.read("scored.jsonl")).at(0);
  const ProgramResult ids =
      work.run(ProgramCall{.arguments = {"tokenize", "--model", "model"}, .input = "one and\n"});

  const json by_ids = {{"prompt_token_ids", json::parse(ids.out)},
                       {"token_ids", by_text.at("token_ids")}};
  work.write("rows.jsonl", by_ids.dump() + "\n");
  expect_success(work.run(score("model", "again.jsonl")));

  expect_same_logprobs(rows_of(work.read("again.jsonl")), {by_text});
}

TEST(Score, AnotherTemperatureGivesOtherLogProbabilities) {
  const Workspace work;
  expect_success(work.run(with(problems_command(), {"--out", "rows.jsonl"})));
  std::vector<std::string> command = score("model");
  command.back() = "1";

  expect_success(work.run(command));

  EXPECT_NE(rows_of(work.read("scored.jsonl")).at(0).at("logprobs"),
            rows_of(work.read("rows.jsonl")).at(0).at("logprobs"));
}

TEST(Score, RefusesToWriteOverAResultBeforeTheModelIsLoaded) {
  const Workspace work;
  work.write("rows.jsonl", "{\"prompt\": \"one and\", \"response\": \" one\"}\n");
  work.write("scored.jsonl", "older");

  const ProgramResult result = work.run(score("model"));

  expect_failure(result, 2, {"scored.jsonl: is there already", "another --out"});
  EXPECT_THAT(result.err, Not(HasSubstr("parameters")));
  EXPECT_EQ(work.read("scored.jsonl"), "older");
}

TEST(Tokenize, DecodeTurnsTheIdsBackIntoTheLines) {
  const Workspace work;
  const std::string text = "wait, let me check\n2 + 3 = 5\n\nna\xc3\xafve \xe2\x82\xac\n";

  const ProgramResult ids =
      work.run(ProgramCall{.arguments = {"tokenize", "--model", "model"}, .input = text});
  const ProgramResult back = work.run(ProgramCall{
      .arguments = {"tokenize", "--model", "model/tokenizer.json", "--decode"}, .input = ids.out});

  expect_success(ids);
  expect_success(back);
  EXPECT_EQ(ids.err + back.err, "");
  std::string joined;
  for (const json& line : rows_of(back.out)) joined += line.get<std::string>() + "\n";
  EXPECT_EQ(joined, text);
}

TEST(Tokenize, DecodeNamesTheLineThatHoldsNoIds) {
  const Workspace work;
  for (const char* line : {"1 2", "{\"a\": 1}", "[1, \"x\"]", "[387]", "[4294967297]", "[-1]"}) {
    SCOPED_TRACE(line);

    const ProgramResult result =
        work.run(ProgramCall{.arguments = {"tokenize", "--model", "model", "--decode"},
                             .input = std::string(line) + "\n"});

    expect_failure(result, 3, {"stratagram tokenize: data error: stdin:1", "wanted"});
  }
}

}  // namespace
}  // namespace stratagram
