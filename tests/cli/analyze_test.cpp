// `stratagram analyze` as a process: rows of others, rows of a run, and what a model adds.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "grams/catalogue.h"
#include "tests/cli/workspace.h"

namespace stratagram {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

// The tiny model writes noise, in which single letters and digits are common.
grams::Catalogue letters() {
  grams::Catalogue catalogue{.name = "letters", .grams = {}};
  for (const char c : std::string("bcdfghijklmnpqrsuvwxyz0123456789")) {
    catalogue.grams.push_back({.text = std::string(1, c)});
  }
  return catalogue;
}

using Figures = std::map<std::string, double>;  ///< by measure

class AnalyzeCommand : public testing::Test {
 protected:
  AnalyzeCommand() { letters().save(work.path("letters.json")); }

  // The measures of one value of one group.
  [[nodiscard]] Figures figures(std::vector<std::string> arguments, const std::string& group) {
    const std::string out = fmt::format("figures-{}.json", ++num_results);
    arguments.insert(arguments.begin(), "analyze");
    for (const char* more : {"--catalogue", "letters.json", "--nulls", "0", "--bootstrap", "0"}) {
      arguments.emplace_back(more);
    }
    arguments.insert(arguments.end(), {"--json", out});
    const ProgramResult result = work.run(arguments);
    expect_success(result);
    err = result.err;
    Figures found;
    const json made = json::parse(work.read(out));
    for (const json& figure : made.at("figures")) {
      if (figure.at("group") == group && !figure.contains("item")) {
        found[figure.at("measure")] = figure.at("value");
      }
    }
    return found;
  }

  // The rows of a file without some of their fields.
  void strip(const std::string& from, const std::string& to, const std::vector<std::string>& gone) {
    std::string rows;
    for (const std::string& line : lines_of(work.read(from))) {
      json row = json::parse(line);
      for (const std::string& field : gone) row.erase(field);
      rows += row.dump() + "\n";
    }
    work.write(to, rows);
  }

  void train() {
    std::string config = work.read("run.toml");
    const auto set = [&](const std::string& from, const std::string& to) {
      config.replace(config.find(from), from.size(), to);
    };
    set("prompts_per_step = 2", "prompts_per_step = 4");
    set("samples_per_prompt = 3", "samples_per_prompt = 16");
    set("max_new_tokens = 12", "max_new_tokens = 24");
    set("overlong_tokens = 11", "overlong_tokens = 23");
    config += "\n[grams]\ncatalogue = \"letters.json\"\n";
    work.write("run.toml", config);
    expect_success(work.run({"train", "run.toml", "--out", "run"}));
  }
  [[nodiscard]] json metrics(size_t step) const {
    return json::parse(lines_of(work.read("run/metrics.jsonl")).at(step));
  }

  Workspace work;
  std::string err;  ///< of the last analysis
  int num_results = 0;
};

void expect_near(const Figures& found, const Figures& wanted, double relative) {
  for (const auto& [name, value] : wanted) {
    ASSERT_TRUE(found.contains(name)) << name;
    EXPECT_NEAR(found.at(name), value, relative * std::abs(value)) << name;
  }
}

// The values of metrics.jsonl that an analysis has too.
Figures shared(const json& record) {
  Figures kept;
  for (const char* name : {"accuracy/mean",
                           "planning/share",
                           "ppl/planning",
                           "ppl/execution",
                           "relative_ppl/planning",
                           "relative_ppl/execution",
                           "entropy/planning",
                           "entropy/execution",
                           "entropy/all",
                           "semantic_entropy/plain",
                           "semantic_entropy/miller_madow",
                           "conditional_entropy/plain",
                           "length/truncated_share"}) {
    if (record.contains(name)) kept[name] = record.at(name);
  }
  return kept;
}

TEST_F(AnalyzeCommand, GivesTheMetricsThatTheRunItselfWrote) {
  train();

  for (const size_t step : {0U, 2U}) {
    const Figures wanted = shared(metrics(step));
    ASSERT_TRUE(wanted.contains("ppl/planning") && wanted.contains("semantic_entropy/plain"));

    expect_near(figures({"run"}, fmt::format("run step {}", step)), wanted, 1e-5);
    EXPECT_THAT(err, Not(HasSubstr("own catalogue")));
  }
}

// The policy of the first step is the model itself, so scoring its responses again gives the run's
// own log-probabilities, but for the order of sums.
TEST_F(AnalyzeCommand, AModelGivesTheTokensOfRowsThatHaveNone) {
  train();
  const std::vector<std::string> gone{"logprobs", "entropies", "planning", "advantages"};
  strip("run/rollouts/000000.jsonl", "stripped.jsonl", gone);

  const Figures without = figures({"stripped.jsonl"}, "stripped step 0");
  const Figures with = figures({"stripped.jsonl", "--model", "model"}, "stripped step 0");

  EXPECT_FALSE(without.contains("ppl/planning"));
  expect_near(with, shared(metrics(0)), 1e-4);
}

TEST_F(AnalyzeCommand, AModelGivesWhatScoreGives) {
  work.write("rows.jsonl",
             R"({"prompt": "one", "response": "b c is 3", "model": "m"}
{"prompt": "two", "response": "x y. 3 d", "model": "m"}
)");
  expect_success(work.run({"score",
                           "--model",
                           "model",
                           "--rollouts",
                           "rows.jsonl",
                           "--out",
                           "scored.jsonl",
                           "--temperature",
                           "0.7"}));
  strip("scored.jsonl", "ids.jsonl", {"logprobs", "entropies"});
  const std::vector<std::string> preset{"--preset", "plain", "--field", "problem=prompt"};
  const auto analysed = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), preset.begin(), preset.end());
    arguments.insert(arguments.end(), {"--model", "model", "--temperature", "0.7"});
    return figures(arguments, "m");
  };

  const Figures scored = analysed({"scored.jsonl"});
  const Figures from_ids = analysed({"ids.jsonl"});
  const Figures from_text = analysed({"rows.jsonl"});

  ASSERT_TRUE(scored.contains("ppl/planning") && scored.contains("fork/high_given_planning"));
  expect_near(from_ids, scored, 1e-5);
  expect_near(from_text, scored, 1e-5);
  double sum = 0;
  double count = 0;
  for (const std::string& line : lines_of(work.read("scored.jsonl"))) {
    const json row = json::parse(line);
    for (const json& entropy : row.at("entropies")) {
      sum += entropy.get<double>();
      count += 1;
    }
  }
  EXPECT_NEAR(scored.at("entropy/all"), sum / count, 1e-5);
}

// Without a tokenizer nothing but the rows says which tokens are planning.
TEST_F(AnalyzeCommand, WarnsOfRowsWhosePlanningTokensAreOfAnotherCatalogue) {
  train();
  const std::vector<std::string> command{"analyze", "run", "--nulls", "0", "--bootstrap", "0"};
  std::vector<std::string> with_model = command;
  with_model.insert(with_model.end(), {"--model", "model"});

  const ProgramResult marked = work.run(command);
  std::filesystem::remove_all(work.path("run/checkpoints"));
  const ProgramResult other = work.run(command);
  const ProgramResult marked_by_model = work.run(with_model);

  for (const ProgramResult& result : {marked, other, marked_by_model}) expect_success(result);
  EXPECT_THAT(other.err, HasSubstr("the run's own catalogue (\"letters.json\"), not of paper-v3"));
  EXPECT_THAT(marked.err, Not(HasSubstr("own catalogue")));
  EXPECT_THAT(marked_by_model.err, Not(HasSubstr("own catalogue")));
}

TEST_F(AnalyzeCommand, RefusesTheTokensOfAnotherModelAndRowsWithoutAPrompt) {
  work.write("rows.jsonl", "{\"problem\":\"q\",\"response\":\"b\",\"token_ids\":[1,2,3]}\n");
  work.write("bare.jsonl", "{\"response\":\"b c d\"}\n");
  work.write("wide.jsonl", "{\"problem\":\"q\",\"response\":\"b\",\"token_ids\":[100000]}\n");

  expect_failure(work.run({"analyze", "rows.jsonl", "--model", "model"}),
                 3,
                 {"rows.jsonl:1: its token_ids do not decode to its response"});
  expect_failure(work.run({"analyze", "bare.jsonl", "--model", "model"}),
                 3,
                 {"bare.jsonl:1: prompt and response need a token each"});
  expect_failure(work.run({"analyze", "wide.jsonl", "--model", "model"}),
                 3,
                 {"wide.jsonl:1: field 'token_ids': id 100000: wanted 0 to"});
}

TEST_F(AnalyzeCommand, ReadsTheDumpOfAnotherTrainerAndComparesItsModels) {
  std::string rows;
  for (int i = 0; i < 8; ++i) {
    for (const char* model : {"long", "short"}) {
      rows += json{{"input", fmt::format("q{}", i)},
                   {"output", std::string(model) == "long" ? "b c d then more" : "b"},
                   {"score", i % 2},
                   {"who", model}}
                  .dump() +
              "\n";
    }
  }
  work.write("dump.jsonl", rows);

  const ProgramResult result = work.run({"analyze",
                                         "dump.jsonl",
                                         "--field",
                                         "source=who",
                                         "--compare",
                                         "short",
                                         "long",
                                         "--catalogue",
                                         "letters.json",
                                         "--nulls",
                                         "0",
                                         "--csv",
                                         "out.csv"});

  expect_success(result);
  EXPECT_THAT(result.out, HasSubstr("long less short, paired by problem"));
  EXPECT_THAT(work.read("out.csv"), HasSubstr("length/words,,long less short,4,4,4,8,,,,0.0"));
  EXPECT_THAT(work.read("out.csv"), HasSubstr("accuracy/mean,,long,0.5,"));
}

TEST_F(AnalyzeCommand, KeepsFilesOfOneNameApart) {
  for (const char* folder : {"a", "b"}) {
    std::filesystem::create_directory(work.path(folder));
    work.write(fmt::format("{}/0.jsonl", folder),
               json({{"problem", "ask"}, {"response", "b c"}}).dump() + "\n");
  }
  work.write("1.jsonl", json({{"problem", "ask"}, {"response", "b c d"}}).dump() + "\n");
  const std::vector<std::string> arguments = {"a/0.jsonl", "b/0.jsonl", "1.jsonl", "--by", "file"};

  EXPECT_EQ(figures(arguments, "a/0.jsonl").at("length/words"), 2);
  EXPECT_EQ(figures(arguments, "b/0.jsonl").at("length/words"), 2);
  EXPECT_EQ(figures(arguments, "1.jsonl").at("length/words"), 3);
}

TEST_F(AnalyzeCommand, NeverWritesOverAResultAndReadsNothingBefore) {
  work.write("old.json", "older");

  expect_failure(work.run({"analyze", "none.jsonl", "--json", "old.json"}), 2, {"old.json"});
  EXPECT_EQ(work.read("old.json"), "older");
  expect_failure(work.run({"analyze", "none.jsonl"}), 3, {"none.jsonl"});
}

}  // namespace
}  // namespace stratagram
