// bench: a tiny model through every line that a process can be asked for, and what is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "tests/cli/workspace.h"

namespace stratagram {
namespace {

using nlohmann::json;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

std::vector<std::string> bench_command(const std::vector<std::string>& more) {
  std::vector<std::string> words = {"bench",
                                    "--model",
                                    "model",
                                    "--sequences",
                                    "2,1",
                                    "--prompt",
                                    "5",
                                    "--new",
                                    "48",
                                    "--prompts",
                                    "2",
                                    "--group",
                                    "2",
                                    "--tokens",
                                    "6",
                                    "--steps",
                                    "1"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

TEST(Bench, TimesEveryNamedLineAsOneObjectAFigure) {
  const Workspace work;

  const ProgramResult result = work.run(bench_command(
      {"decode", "training_pass", "grpo_step", "host", "--problems", "problems.jsonl", "--json"}));

  expect_success(result);
  std::map<std::string, std::set<std::string>> figures;
  std::set<int64_t> sequences;
  const std::vector<std::string> lines = lines_of(result.out);
  for (const std::string& line : lines) {
    const json row = json::parse(line);
    const auto name = row.at("line").get<std::string>();
    if (name == "machine") continue;
    figures[name].insert(row.at("figure").get<std::string>());
    EXPECT_GT(row.at("value").get<double>(), 0.0) << line;
    EXPECT_NE(row.at("unit").get<std::string>(), "");
    if (name == "decode") sequences.insert(row.at("sequences").get<int64_t>());
  }
  EXPECT_EQ(json::parse(lines.at(0)).at("line"), "machine");
  EXPECT_EQ(json::parse(lines.at(0)).at("parameters"), 8176);
  EXPECT_GT(json::parse(lines.at(0)).at("float32 GFLOPS").get<double>(), 0.1);
  EXPECT_EQ(sequences, (std::set<int64_t>{1, 2}));
  EXPECT_THAT(figures["decode"], testing::ElementsAre("new tokens", "prompts"));
  EXPECT_THAT(figures["training_pass"],
              testing::ElementsAre("mean of products",
                                   "mean time",
                                   "mean utilisation",
                                   "packed tokens",
                                   "peak",
                                   "time",
                                   "utilisation"));
  EXPECT_THAT(figures["grpo_step"],
              testing::IsSupersetOf({"step", "rollout", "credit", "passes", "optimizer"}));
  EXPECT_THAT(figures["host"],
              testing::ElementsAre("all of them", "matcher", "rollout writer", "tokenizer"));
}

TEST(Bench, SaysHowTimesGrowAndHowTheyMay) {
  const Workspace work;

  const ProgramResult result = work.run(bench_command({"growth", "--json"}));

  expect_success(result);
  std::map<std::string, std::set<std::string>>
      series;  // by unit, as the comparing script reads them
  for (const std::string& line : lines_of(result.out)) {
    const json row = json::parse(line);
    const auto unit = row.value("unit", "");
    if (!unit.starts_with("exponent")) continue;
    const std::string name =
        row.at("figure").get<std::string>() + " " + row.at("over").get<std::string>();
    series[unit].insert(name);
    if (unit != "exponent at most") continue;
    const auto value = row.at("value").get<double>();
    if (name == "training pass over tokens of a sequence") {
      EXPECT_GT(value, 1.0);
      EXPECT_LT(value, 2.0);
    } else {
      EXPECT_EQ(value, 1.0) << name;
    }
  }
  EXPECT_THAT(series["exponent"],
              testing::ElementsAre("GRPO step over responses of a group",
                                   "GRPO step over tokens of a response",
                                   "decoding over sequences in flight",
                                   "training pass over tokens of a sequence"));
  EXPECT_EQ(series["exponent at most"], series["exponent"]);
}

TEST(Bench, PrintsATableUnderTheMachine) {
  const Workspace work;

  const ProgramResult result = work.run(bench_command({"training_pass", "--dtype", "float32"}));

  expect_success(result);
  EXPECT_THAT(result.out, ContainsRegex("^processor +[^ ]"));
  EXPECT_THAT(result.out, ContainsRegex("bfloat16 GFLOPS +[0-9]"));
  EXPECT_THAT(result.out, ContainsRegex("dtype +float32\n"));
  EXPECT_THAT(result.out, ContainsRegex("\nline +figure +value +unit +of\n"));
  EXPECT_THAT(result.out, ContainsRegex("\ntraining_pass +utilisation +[0-9.e-]+ +of the peak"));
  EXPECT_THAT(result.out, Not(HasSubstr("decode")));
}

TEST(Bench, TakesTheDtypeWithTheFasterProductsAndSaysSo) {
  const Workspace work;

  const ProgramResult result = work.run(bench_command({"training_pass"}));

  expect_success(result);
  std::map<std::string, double> peaks;
  std::string dtype;
  for (const std::string& line : lines_of(result.out)) {
    for (const char* name : {"float32", "bfloat16"}) {
      const std::string start = std::string(name) + " GFLOPS";
      if (line.starts_with(start)) peaks[name] = std::stod(line.substr(start.size()));
    }
    if (line.starts_with("dtype ")) dtype = line;
  }
  ASSERT_EQ(peaks.size(), 2);
  EXPECT_THAT(dtype,
              HasSubstr(peaks["bfloat16"] > peaks["float32"] ? "bfloat16, the faster one"
                                                             : "float32, the faster one"));
}

TEST(Bench, RefusesUnknownLinesAndValuesBeforeItTimesAnything) {
  const Workspace work;
  const auto run = [&](const std::vector<std::string>& words) {
    return work.run(bench_command(words));
  };

  expect_failure(
      run({"decod"}),
      2,
      {"stratagram bench: ", "unknown line 'decod'; did you mean 'decode'?", "grpo_step"});
  expect_failure(run({"--dtype", "float16"}), 2, {"stratagram bench: usage error", "--dtype"});
  expect_failure(run({"--group", "1"}), 2, {"stratagram bench: usage error", "--group"});
  expect_failure(run({"--new", "1"}), 2, {"stratagram bench: usage error", "--new"});
  expect_failure(run({"--problems", "nowhere.jsonl"}), 3, {"stratagram bench: ", "nowhere"});
  expect_failure(work.run({"bench", "decode", "--model", "nowhere"}), 3, {"stratagram bench: "});
}

TEST(Bench, SaysWhenAProblemSetIsTooSmall) {
  const Workspace work;

  expect_failure(
      work.run({"bench", "training_pass", "--model", "model", "--problems", "problems.jsonl"}),
      2,
      {"wanted 8 problems, found 4; give fewer --prompts"});
}

TEST(Train, ShowsAndRecordsWhereAStepsTimeWent) {
  const Workspace work;

  const ProgramResult result =
      work.run({"train", "run.toml", "--out", "run", "--set", "run.num_steps=1"});

  expect_success(result);
  EXPECT_THAT(result.err, ContainsRegex("matrix products: [0-9]+ GFLOPS in float32"));
  EXPECT_THAT(result.err,
              ContainsRegex("step 1/1 .* s [0-9.]+ [(]rollout [0-9]+ %, reward [0-9]+ %, train "
                            "[0-9]+ %[)]  tokens/s [0-9]+  utilisation: train [0-9.]+  rollout "
                            "[0-9.]+"));
  const json record = json::parse(lines_of(work.read("run/metrics.jsonl")).at(0));
  for (const char* name : {"speed/utilisation", "speed/utilisation_rollout"}) {
    EXPECT_GT(record.at(name).get<double>(), 0.0) << name;
    EXPECT_LT(record.at(name).get<double>(), 1.0) << name;
  }
}

}  // namespace
}  // namespace stratagram
