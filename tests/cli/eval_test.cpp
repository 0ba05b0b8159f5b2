// eval by recipe, --rescore, and evaluations during training.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/cli/workspace.h"

namespace stratagram {
namespace {

using nlohmann::json;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// Problems under the names that recipes look for.
class Recipes : public testing::Test {
 protected:
  Recipes() {
    work.write("data/math500.jsonl",
               R"({"id": "m0", "problem": "one", "answer": "1", "subject": "Algebra", "level": 5}
{"id": "m1", "problem": "two", "answer": "2", "subject": "Geometry", "level": 1}
{"id": "m2", "problem": "three", "answer": "3", "subject": "Algebra", "level": 1}
)");
    work.write("data/amc23.jsonl", work.read("problems.jsonl"));
  }

  ProgramResult run(std::vector<std::string> arguments) const {
    return work.run(ProgramCall{.arguments = std::move(arguments),
                                .environment = {{"STRATAGRAM_DATA", work.path("data").string()}}});
  }

  static std::vector<std::string> eval_to(const std::string& out,
                                          const std::string& sets = "math500,amc23") {
    return {
        "eval", "--model", "model", "--benchmarks", sets, "--max-new-tokens", "6", "--out", out};
  }

  json result(const std::string& file) const { return json::parse(work.read(file)); }

  Workspace work;
};

TEST_F(Recipes, SayHowABenchmarkIsAskedAndSampledUnlessTheUserDoes) {
  expect_success(run(eval_to("own")));
  std::vector<std::string> other = eval_to("other");
  other.insert(other.end(), {"--samples", "3", "--template", "none", "--temperature", "1"});
  expect_success(run(other));

  const json amc = result("own/amc23.json");
  EXPECT_EQ(amc.at("num_samples"), 4);
  EXPECT_EQ(amc.at("template").at("name"), "qwen-boxed");
  EXPECT_EQ(amc.at("sampling").at("temperature"), 0.6);
  EXPECT_EQ(amc.at("sampling").at("top_p"), 0.95);
  EXPECT_EQ(amc.at("sampling").at("max_new_tokens"), 6);
  EXPECT_EQ(result("own/math500.json").at("num_samples"), 1);
  const json prompt = json::parse(lines_of(work.read("own/math500.samples.jsonl")).at(0));
  EXPECT_THAT(prompt.at("prompt").get<std::string>(),
              HasSubstr("one\nPlease reason step by step, and put your final answer within"));
  const json changed = result("other/amc23.json");
  EXPECT_EQ(changed.at("num_samples"), 3);
  EXPECT_EQ(changed.at("template").at("name"), "none");
  EXPECT_EQ(changed.at("sampling").at("temperature"), 1.0);
  EXPECT_EQ(changed.at("sampling").at("top_p"), 0.95);
  EXPECT_EQ(json::parse(lines_of(work.read("other/math500.samples.jsonl")).at(0)).at("prompt"),
            "one");
  EXPECT_NE(amc.at("recipe_digest"), changed.at("recipe_digest"));
}

TEST_F(Recipes, PrintFiguresByGroupAndAnOverviewOfSeveral) {
  const ProgramResult result = run(eval_to("out"));

  expect_success(result);
  EXPECT_THAT(result.out, StartsWith("math500: 3 problems x 1 samples\n  template qwen-boxed"));
  EXPECT_THAT(result.out, ContainsRegex("\n  pass@1 by level\n    1 +2 problems .*\n    5 +1 "));
  EXPECT_THAT(result.out, ContainsRegex("\n    Algebra +2 problems "));
  EXPECT_THAT(result.out, ContainsRegex("\n  maj@4 .*\n"));
  EXPECT_THAT(result.out, ContainsRegex("\n\nbenchmark .*\nmath500 .*\namc23 .*\nmean "));
}

TEST_F(Recipes, RescoreGivesTheSameTableAndFilesByteForByte) {
  const ProgramResult evaluated = run(eval_to("out"));
  expect_success(evaluated);
  const Files before = work.files("out");
  std::filesystem::remove_all(work.path("model"));
  std::filesystem::remove_all(work.path("data"));

  const ProgramResult printed = run({"eval", "--rescore", "out"});
  const ProgramResult written = run({"eval", "--rescore", "out", "--out", "again"});

  expect_success(printed);
  expect_success(written);
  EXPECT_EQ(printed.out, evaluated.out);
  EXPECT_EQ(written.out, evaluated.out);
  EXPECT_THAT(printed.err, HasSubstr("math500: 0 of 3 verdicts changed"));
  EXPECT_EQ(work.files("out"), before);
  EXPECT_EQ(work.files("again"), before);
}

TEST_F(Recipes, RescoreTellsWhatChangedAndLeavesTheOldResultAlone) {
  expect_success(run(eval_to("out", "math500")));
  std::string text;
  for (const std::string& line : lines_of(work.read("out/math500.samples.jsonl"))) {
    json row = json::parse(line);
    row["response"] = "\\boxed{" + row.at("gold").get<std::string>() + "}";
    row["verdict"] = "wrong";
    text += row.dump() + "\n";
  }
  work.write("out/math500.samples.jsonl", text);
  const Files before = work.files("out");

  const ProgramResult result = run({"eval", "--rescore", "out", "--out", "again"});

  expect_success(result);
  EXPECT_THAT(result.err, HasSubstr("math500: 3 of 3 verdicts changed"));
  EXPECT_THAT(result.out, HasSubstr("pass@1        100.00 %"));
  EXPECT_EQ(work.files("out"), before);
  EXPECT_EQ(this->result("again/math500.json").at("pass_at").at("1").at("mean"), 1.0);
}

TEST_F(Recipes, RescoreRefusesWhatHasNoEffectAndToWriteOverAResult) {
  expect_success(run(eval_to("out", "math500")));

  expect_failure(run({"eval", "--rescore", "out", "--samples", "4"}),
                 2,
                 {"--samples has no effect beside --rescore"});
  expect_failure(run({"eval", "--rescore", "out", "--out", "out"}),
                 2,
                 {"out/math500.json: is there already", "another --out"});
  expect_failure(run({"eval", "--rescore", "absent"}), 3, {"absent", "`stratagram eval --out`"});
}

TEST_F(Recipes, WrongArgumentsAreNamed) {
  std::vector<std::string> command = eval_to("out");
  command.insert(command.end(), {"--template", "qwen-box"});
  expect_failure(run(command), 2, {"'qwen-box'", "did you mean 'qwen-boxed'?"});
  command.insert(command.end(), {"--system", "Be brief."});
  expect_failure(run(command), 2, {"--system", "--template"});
  expect_failure(run({"eval", "--model", "model"}), 2, {"--model M and --benchmarks SET"});
  expect_failure(run(eval_to("out", "math500,data/math500.jsonl")), 2, {"called 'math500'"});
  EXPECT_FALSE(work.exists("out"));
}

TEST_F(Recipes, AnAbsoluteErrorThatIsNoNumberIsFoundBeforeTheModelIsLoaded) {
  work.write("data/olympiadbench.jsonl",
             R"({"id": "o", "problem": "x", "answer": "4.2", "error": "some"})");

  const ProgramResult result = run(eval_to("out", "olympiadbench"));

  expect_failure(result, 3, {"problem 'o': field 'error'", "'some'"});
  EXPECT_THAT(result.err, Not(HasSubstr("parameters")));
}

TEST_F(Recipes, CompareRefusesAnotherVerifierAndTakesBothRescored) {
  expect_success(run(eval_to("first", "math500")));
  expect_success(run(eval_to("second", "math500")));
  json older = result("first/math500.json");
  older["verifier"]["version"] = "0.0.0";
  work.write("first/math500.json", older.dump(1) + "\n");

  expect_failure(run({"compare", "first", "second"}), 2, {"differ in verifier", "--rescore"});
  const ProgramResult told = run({"compare", "first", "second", "--different"});
  expect_success(told);
  EXPECT_THAT(told.out, HasSubstr("NOT COMPARABLE: first and second differ in verifier\n"));
  expect_success(run({"eval", "--rescore", "first", "--out", "first-again"}));
  const ProgramResult result = run({"compare", "first-again", "second"});
  expect_success(result);
  EXPECT_THAT(result.out, Not(HasSubstr("NOT COMPARABLE")));
}

class TrainingEval : public Recipes {
 protected:
  static std::vector<std::string> train_to(const std::string& out, const std::string& steps = "4") {
    return {"train",
            "run.toml",
            "--out",
            out,
            "--set",
            "run.num_steps=" + steps,
            "--set",
            "eval.every=2",
            "--set",
            "eval.benchmarks=['math500', 'amc23']",
            "--set",
            "eval.samples=2",
            "--set",
            "eval.max_new_tokens=6"};
  }

  std::vector<json> metrics(const std::string& out) const {
    std::vector<json> records;
    for (const std::string& line : lines_of(work.read(out + "/metrics.jsonl"))) {
      records.push_back(json::parse(line));
    }
    return records;
  }
};

TEST_F(TrainingEval, PutsResultsIntoTheRunFolderAndFiguresIntoItsMetrics) {
  expect_success(run(train_to("run")));

  const std::vector<json> records = metrics("run");
  ASSERT_EQ(records.size(), 5U);
  for (const size_t step : {0, 2, 4}) {
    const std::string folder = fmt::format("run/eval/{:06}/", step);
    EXPECT_EQ(records[step].at("step"), step);
    for (const std::string name : {"math500", "amc23"}) {
      EXPECT_EQ(records[step].at("eval/" + name + "/pass@1"),
                result(folder + name + ".json").at("pass_at").at("1").at("mean"));
      EXPECT_FALSE(work.exists(folder + name + ".samples.part.jsonl"));
    }
  }
  EXPECT_FALSE(records[1].contains("eval/amc23/pass@1"));
  EXPECT_FALSE(records[4].contains("loss/total")) << "the step itself was not run";
  expect_success(run({"compare", "run/eval/000000", "run/eval/000004"}));
  const ProgramResult rescored = run({"eval", "--rescore", "run/eval/000002"});
  expect_success(rescored);
  EXPECT_THAT(rescored.err, HasSubstr("0 of 6 verdicts changed"));
}

// The samples of the first evaluation are those of `eval` with the same model.
TEST_F(TrainingEval, SamplesAsEvalDoes) {
  expect_success(run(train_to("run", "1")));
  std::vector<std::string> command = eval_to("out", "math500");
  command.insert(command.end(), {"--samples", "2", "--seed", "3", "--max-sequences", "6"});
  expect_success(run(command));

  EXPECT_EQ(work.read("run/eval/000000/math500.samples.jsonl"),
            work.read("out/math500.samples.jsonl"));
}

TEST_F(TrainingEval, ChangesNothingElseOfTheRun) {
  std::vector<std::string> without = {
      "train", "run.toml", "--out", "without", "--set", "run.num_steps=4"};
  expect_success(run(without));
  expect_success(run(train_to("with")));

  EXPECT_EQ(work.files("with/checkpoints/000004").at("model.safetensors"),
            work.files("without/checkpoints/000004").at("model.safetensors"));
  EXPECT_EQ(work.files("with/rollouts"), work.files("without/rollouts"));
}

TEST_F(TrainingEval, ARunThatGoesOnHasTheEvaluationsOfOneThatWasNeverStopped) {
  expect_success(run(train_to("whole", "6")));
  expect_success(run(train_to("parts", "4")));
  // What a kill inside the third evaluation leaves: one benchmark whole, the next begun.
  std::filesystem::remove(work.path("parts/eval/000004/amc23.json"));
  std::vector<std::string> command = train_to("parts", "6");
  command.emplace_back("--resume");

  expect_success(run(command));

  EXPECT_EQ(work.files("parts/eval"), work.files("whole/eval"));
  const std::vector<json> whole = metrics("whole");
  const std::vector<json> parts = metrics("parts");
  ASSERT_EQ(parts.size(), whole.size());
  for (size_t i = 0; i < whole.size(); ++i) {
    EXPECT_EQ(parts[i].value("eval/amc23/pass@1", -1.0), whole[i].value("eval/amc23/pass@1", -1.0));
    EXPECT_EQ(parts[i].value("loss/total", -1.0), whole[i].value("loss/total", -1.0));
  }
}

TEST_F(TrainingEval, AnInterruptInsideAnEvaluationGoesOnWithIt) {
  std::vector<std::string> command = train_to("run", "2");
  command.insert(command.end(), {"--set", "eval.samples=200"});
  const std::vector<std::string> whole = [&] {
    std::vector<std::string> other = command;
    other[3] = "whole";
    return other;
  }();
  expect_success(run(whole));

  const ProgramResult stopped =
      work.run(ProgramCall{.arguments = command,
                           .environment = {{"STRATAGRAM_DATA", work.path("data").string()}},
                           .signals = {{.number = SIGINT,
                                        .file = "run/eval/000000/amc23.samples.part.jsonl",
                                        .file_bytes = 8000}}});
  expect_failure(stopped, 6, {"stopped after 0 of 2 steps", "--resume"});
  command.emplace_back("--resume");
  expect_success(run(command));

  EXPECT_TRUE(work.files("run/eval") == work.files("whole/eval"));
}

TEST_F(TrainingEval, FaultsOfItsKeysAreNamedBeforeTheRunBegins) {
  expect_failure(run({"train", "run.toml", "--out", "run", "--set", "eval.every=2"}),
                 2,
                 {"eval.benchmarks is not set"});
  expect_failure(run({"train", "run.toml", "--out", "run", "--set", "eval.benchmarks=['math500']"}),
                 2,
                 {"eval.benchmarks has no effect while eval.every = 0"});
  std::vector<std::string> command = train_to("run");
  command.insert(command.end(), {"--set", "eval.benchmarks=['absent']"});
  expect_failure(run(command), 3, {"'absent'"});
  EXPECT_FALSE(work.exists("run"));
}

}  // namespace
}  // namespace stratagram
