// grams placebo, and a training run on what it made.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/cli/workspace.h"

namespace stratagram {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

// Each row holds one gram of paper-v3, "what if we try", and a dozen other word sequences.
class PlaceboCommand : public testing::Test {
 protected:
  PlaceboCommand() {
    std::string rows;
    for (int i = 0; i < 3; ++i) {
      rows += R"({"response": "What if we try this now and then add up all the numbers."})"
              "\n";
    }
    work.write("rows.jsonl", rows);
  }

  [[nodiscard]] ProgramResult make(const std::string& out,
                                   const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words = {"grams", "placebo", "rows.jsonl", "--out", out};
    words.insert(words.end(), more.begin(), more.end());
    return work.run(words);
  }

  [[nodiscard]] ProgramResult train(const std::vector<std::string>& settings) const {
    std::vector<std::string> words = {
        "train", "run.toml", "--out", "run", "--set", "run.num_steps=1"};
    for (const std::string& setting : settings) words.insert(words.end(), {"--set", setting});
    return work.run(words);
  }

  Workspace work;
};

TEST_F(PlaceboCommand, WritesAPartnerThatHasTheWordsAndTheCountOfTheGram) {
  const ProgramResult result = make("placebo.json");

  expect_success(result);
  EXPECT_EQ(result.out, "");
  EXPECT_THAT(result.err,
              HasSubstr("placebo.json: partners of the 1 grams that occur in 3 texts; 3 "
                        "occurrences for 3"));
  const ProgramResult tagged =
      work.run({"grams", "tag", "rows.jsonl", "--catalogue", "placebo.json"});
  for (const std::string& line : lines_of(tagged.out)) {
    const json grams = json::parse(line).at("grams");
    ASSERT_EQ(grams.size(), 1) << line;
    const auto gram = grams[0].at("gram").get<std::string>();
    EXPECT_EQ(std::count(gram.begin(), gram.end(), ' '), 3) << gram;
    EXPECT_NE(gram, "what if we try");
  }
}

TEST_F(PlaceboCommand, IsKeyedByTheSeed) {
  expect_success(make("one.json", {"--seed", "1"}));
  expect_success(make("again.json", {"--seed", "1"}));
  const auto grams = [&](const std::string& name) { return json::parse(work.read(name)); };

  EXPECT_EQ(grams("one.json"), grams("again.json"));
  bool differs = false;
  for (const char* seed : {"2", "3", "4"}) {
    const std::string name = std::string("other") + seed + ".json";
    expect_success(make(name, {"--seed", seed}));
    differs = differs || grams(name).at("grams") != grams("one.json").at("grams");
  }
  EXPECT_TRUE(differs);
}

TEST_F(PlaceboCommand, ReadsADumpOfAnotherTrainerLikeOurOwnRows) {
  std::string dump = work.read("rows.jsonl");
  for (size_t at = 0; (at = dump.find("\"response\"", at)) != std::string::npos;) {
    dump.replace(at, 10, R"("input": "1+1?", "output")");
  }
  work.write("dump.jsonl", dump);
  std::string named = work.read("rows.jsonl");
  for (size_t at = 0; (at = named.find("\"response\"", at)) != std::string::npos;) {
    named.replace(at, 10, "\"text\"");
  }
  work.write("named.jsonl", named);

  expect_success(make("ours.json"));
  expect_success(work.run({"grams", "placebo", "dump.jsonl", "--out", "dump.json"}));
  expect_success(work.run(
      {"grams", "placebo", "named.jsonl", "--out", "named.json", "--field", "response=text"}));

  EXPECT_EQ(work.read("dump.json"), work.read("ours.json"));
  EXPECT_EQ(work.read("named.json"), work.read("ours.json"));
}

TEST_F(PlaceboCommand, NamesTheWayOutOfRowsWhoseResponseItDoesNotFind) {
  work.write("odd.jsonl", "{\"words\": \"what if we try\"}\n");

  expect_failure(work.run({"grams", "placebo", "odd.jsonl", "--out", "p.json"}),
                 3,
                 {"odd.jsonl:1", "it has: words", "--field response=FIELD"});
  expect_failure(
      work.run({"grams", "placebo", "odd.jsonl", "--out", "p.json", "--field", "reponse=words"}),
      2,
      {"'reponse'", "did you mean 'response'"});
}

TEST_F(PlaceboCommand, NeverWritesOverACatalogue) {
  work.write("placebo.json", "older");

  expect_failure(make("placebo.json"), 2, {"placebo.json: is there already", "another --out"});
  EXPECT_EQ(work.read("placebo.json"), "older");
}

TEST_F(PlaceboCommand, NamesWhatIsMissingOfItsFiles) {
  expect_failure(work.run({"grams", "placebo", "none.jsonl", "--out", "p.json"}),
                 3,
                 {"stratagram grams placebo: data error", "none.jsonl"});
  expect_failure(make("none/p.json"), 4, {"none/p.json: cannot be created", "make it first"});
  expect_failure(make("p.json", {"--field", "response=text"}), 3, {"rows.jsonl:1", "field 'text'"});
  work.write("rows.jsonl", "{\"response\": \"nothing of the kind\"}\n");
  expect_failure(make("p.json"), 3, {"stratagram grams placebo: data error"});
  EXPECT_FALSE(work.exists("p.json"));
}

TEST_F(PlaceboCommand, ARunTrainsOnItAndRecordsItsDigest) {
  expect_success(make("placebo.json"));

  expect_success(train({"credit.rule=placebo", "credit.placebo_catalogue=placebo.json"}));

  const std::string record = work.read("run/config.json");
  const std::string shown = work.run({"grams", "show", "placebo.json"}).out;
  const std::string digest = shown.substr(shown.find("digest  ") + 8, 64);
  EXPECT_THAT(json::parse(record).dump(), HasSubstr("\"placebo\":\"" + digest + "\""));
}

TEST_F(PlaceboCommand, TheRuleWithoutACatalogueIsRefusedWithAdvice) {
  const ProgramResult result = train({"credit.rule=placebo"});

  expect_failure(result, 2, {"credit.placebo_catalogue is not set", "`stratagram grams placebo`"});
  EXPECT_THAT(result.err, Not(HasSubstr("parameters")));
  EXPECT_FALSE(work.exists("run"));
}

TEST_F(PlaceboCommand, ACatalogueThatNoRuleReadsIsRefused) {
  expect_success(make("placebo.json"));

  expect_failure(train({"credit.rule=grpo", "credit.placebo_catalogue=placebo.json"}),
                 2,
                 {"credit.placebo_catalogue", "credit.rule"});
}

TEST_F(PlaceboCommand, ACatalogueThatIsNotThereIsNamed) {
  expect_failure(
      train({"credit.rule=placebo", "credit.placebo_catalogue=none.json"}), 3, {"none.json"});
  EXPECT_FALSE(work.exists("run"));
}

}  // namespace
}  // namespace stratagram
