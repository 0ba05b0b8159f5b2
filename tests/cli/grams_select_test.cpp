// From solutions to a selection by a fitted model, and its quality, by the commands alone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "core/jsonl.h"
#include "tests/cli/workspace.h"

namespace stratagram {
namespace {

using testing::HasSubstr;

// Solutions of two writers: one thinks aloud, the other computes. Each gram of the labels is a
// sentence of five of them.
class SelectCommand : public testing::Test {
 protected:
  SelectCommand() {
    std::string rows;
    std::string labels;
    for (int i = 0; i < 40; ++i) {
      const bool move = i % 2 == 0;
      const std::string number = std::to_string(i);
      const std::string gram =
          (move ? "let me recheck" : "plus some more") + std::string(" w") + number;
      labels.append(R"({"gram": ")").append(gram).append(R"(", "strategic": )");
      labels.append(move ? "true" : "false").append(R"(, "half": "open"})").append("\n");
      for (int copy = 0; copy < 5; ++copy) {
        rows.append(R"({"problem": "p)").append(number).append("-").append(std::to_string(copy));
        rows.append(R"(", "response": ")").append(gram).append(R"(.", "model": ")");
        rows.append(move ? "thinker" : "plain").append("\"}\n");
      }
    }
    work.write("rows.jsonl", rows);
    work.write("labels.jsonl", labels);
    expect_success(work.run(
        {"grams", "mine", "rows.jsonl", "--n", "4", "--merge", "2", "--out", "mined.jsonl"}));
  }

  [[nodiscard]] ProgramResult fit(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words{
        "grams", "fit", "mined.jsonl", "--labels", "labels.jsonl", "--out", "made.json"};
    words.insert(words.end(), more.begin(), more.end());
    return work.run(words);
  }

  Workspace work;
};

TEST_F(SelectCommand, FindsWhatTheLabelsTaughtIt) {
  const ProgramResult fitted = fit({"--plain", "plain"});
  const ProgramResult selected = work.run(
      {"grams", "select", "mined.jsonl", "--selector", "made.json", "--out", "made.jsonl"});
  const ProgramResult measured =
      work.run({"grams", "quality", "made.jsonl", "--labels", "labels.jsonl", "--half", "open"});

  expect_success(fitted);
  EXPECT_THAT(fitted.out, HasSubstr("reasoning"));
  EXPECT_THAT(fitted.out, HasSubstr("cross-validated: precision 1.000, recall 1.000"));
  expect_success(selected);
  EXPECT_THAT(selected.err, HasSubstr("20 of 40 grams strategic, by made"));
  expect_success(measured);
  EXPECT_THAT(measured.out, HasSubstr("40 labels, 20 strategic"));
  EXPECT_THAT(measured.out, HasSubstr("1.000 (1.000 to 1.000)"));
}

TEST_F(SelectCommand, TakesAnotherThreshold) {
  expect_success(fit({"--plain", "plain"}));

  const ProgramResult all = work.run({"grams",
                                      "select",
                                      "mined.jsonl",
                                      "--selector",
                                      "made.json",
                                      "--threshold",
                                      "0",
                                      "--out",
                                      "all.jsonl"});

  EXPECT_THAT(all.err, HasSubstr("40 of 40 grams strategic"));
}

TEST_F(SelectCommand, SaysWhatIsWrongWithItsFiles) {
  expect_failure(fit({"--plain", "plane"}), 2, {"plain source 'plane'", "'plain', 'thinker'"});
  expect_failure(fit({"--half", "kept"}), 3, {"labels.jsonl", "no label of the half 'kept'"});
  expect_failure(work.run({"grams", "select", "mined.jsonl", "--selector", "none", "--out", "x"}),
                 3,
                 {"none"});
  work.write("made.json", "older");
  expect_failure(fit(), 2, {"made.json: is there already"});
  EXPECT_EQ(work.read("made.json"), "older");
}

TEST_F(SelectCommand, MeasuresACatalogueByItsGramsAndByThoseInside) {
  work.write("two.jsonl",
             "{\"gram\": \"the key insight is\", \"strategic\": true}\n"
             "{\"gram\": \"so the key insight is\", \"strategic\": true}\n");

  const ProgramResult result =
      work.run({"grams", "quality", "paper-v3", "--labels", "two.jsonl", "--draws", "10"});

  expect_success(result);
  EXPECT_THAT(result.out, HasSubstr("paper-v3              1  1.000"));
  EXPECT_THAT(result.out, HasSubstr("paper-v3, inside      2  1.000"));
  EXPECT_THAT(result.out, HasSubstr("0.500 ("));
}

}  // namespace
}  // namespace stratagram
