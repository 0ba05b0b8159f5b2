// eval and grams: results on stdout and in files that are never written over.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/cli/workspace.h"

namespace stratagram {
namespace {

using nlohmann::json;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

std::vector<std::string> eval_command() {
  return {"eval",
          "--model",
          "model",
          "--benchmarks",
          "problems.jsonl",
          "--samples",
          "2",
          "--max-new-tokens",
          "5",
          "--out",
          "results"};
}

TEST(Eval, PrintsASummaryAndWritesResultAndSamples) {
  const Workspace work;

  const ProgramResult result = work.run(eval_command());

  expect_success(result);
  EXPECT_THAT(result.out, HasSubstr("problems"));
  const json summary = json::parse(work.read("results/problems.json"));
  EXPECT_EQ(summary.at("benchmark"), "problems");
  EXPECT_EQ(summary.at("sampling").at("max_new_tokens"), 5);
  const std::vector<std::string> samples = lines_of(work.read("results/problems.samples.jsonl"));
  ASSERT_EQ(samples.size(), 8);
  EXPECT_EQ(json::parse(samples[0]).at("problem_id"), "p0");
}

TEST(Eval, RecordsUnderWhichConditionsItsSamplesWereMade) {
  const Workspace work;

  expect_success(work.run(eval_command()));

  const json result = json::parse(work.read("results/problems.json"));
  EXPECT_THAT(result.at("model_digest").get<std::string>(), SizeIs(64));
  EXPECT_THAT(result.at("problems_digest").get<std::string>(), SizeIs(64));
  EXPECT_EQ(work.run({"--version"}).out,
            "stratagram " + result.at("version").get<std::string>() + " (" +
                result.at("commit").get<std::string>().substr(0, 12) + ")\n");
  EXPECT_EQ(result.at("dtype"), "float32");
  EXPECT_EQ(result.at("device"), "cpu");
  EXPECT_EQ(result.at("max_sequences"), 64);
  EXPECT_EQ(result.at("threads"), 1);
  EXPECT_EQ(result.at("num_samples"), 2);
}

TEST(Eval, TheDigestIsThatOfTheWeights) {
  const Workspace work;
  expect_success(work.run(eval_command()));
  std::filesystem::copy(work.path("model"), work.path("same"));
  std::filesystem::copy(work.path("model"), work.path("other"));
  std::string weights = work.read("other/model.safetensors");
  weights.back() = static_cast<char>(weights.back() ^ 1);
  work.write("other/model.safetensors", weights);
  const auto digest_of = [&](const std::string& model) {
    std::vector<std::string> command = eval_command();
    command[2] = model;
    command.back() = "results-" + model;
    expect_success(work.run(command));
    return json::parse(work.read(command.back() + "/problems.json")).at("model_digest");
  };

  const json digest = json::parse(work.read("results/problems.json")).at("model_digest");

  EXPECT_EQ(digest_of("same"), digest);
  EXPECT_NE(digest_of("other"), digest);
}

TEST(Eval, RefusesToWriteOverAResultBeforeTheModelIsLoaded) {
  const Workspace work;
  work.write("results/problems.json", "older");
  const Files before = work.files("results");

  const ProgramResult result = work.run(eval_command());

  expect_failure(result, 2, {"results/problems.json", "is there already", "another --out"});
  EXPECT_THAT(result.err, Not(HasSubstr("parameters")));
  EXPECT_EQ(work.files("results"), before);
}

// The result is written last: without it the samples are those of an evaluation that was stopped.
TEST(Eval, SamplesWithoutTheirResultAreWrittenAnew) {
  const Workspace work;
  work.write("results/problems.samples.jsonl", "cut off");

  expect_success(work.run(eval_command()));

  EXPECT_THAT(lines_of(work.read("results/problems.samples.jsonl")), SizeIs(8));
  EXPECT_EQ(work.files("results").size(), 2);
}

TEST(Eval, RefusesTwoSetsOfOneNameAndTakesTwoOfDifferentNames) {
  const Workspace work;
  work.write("other/problems.jsonl", work.read("problems.jsonl"));
  work.write("second.jsonl", work.read("problems.jsonl"));
  std::vector<std::string> command = eval_command();

  command[4] = "problems.jsonl,other/problems.jsonl";
  expect_failure(work.run(command), 2, {"benchmarks", "'problems'"});
  EXPECT_FALSE(work.exists("results"));

  command[4] = "problems.jsonl,second.jsonl";
  expect_success(work.run(command));
  EXPECT_TRUE(work.exists("results/problems.json"));
  EXPECT_TRUE(work.exists("results/second.json"));
}

TEST(Eval, TheLimitLeavesOutProblemsAndChangesNoSample) {
  const Workspace work;
  expect_success(work.run(eval_command()));
  const std::vector<std::string> all = lines_of(work.read("results/problems.samples.jsonl"));
  std::vector<std::string> command = eval_command();
  command.back() = "few";
  command.insert(command.end(), {"--limit", "2"});

  expect_success(work.run(command));

  const std::vector<std::string> few = lines_of(work.read("few/problems.samples.jsonl"));
  EXPECT_EQ(few, std::vector<std::string>(all.begin(), all.begin() + 4));
}

class Grams : public testing::Test {
 protected:
  Grams() {
    work.write("rows.jsonl",
               "{\"id\": 1, \"response\": \"Hm, what if we try this? <b> & 2\"}\n"
               "{\"id\": 2, \"response\": \"two\"}\n");
  }
  Workspace work;
};

TEST_F(Grams, TagKeepsTheRowsAndGivesByteSpans) {
  const ProgramResult result = work.run({"grams", "tag", "rows.jsonl"});

  expect_success(result);
  const std::vector<std::string> lines = lines_of(result.out);
  ASSERT_EQ(lines.size(), 2);
  const json first = json::parse(lines[0]);
  EXPECT_EQ(first.at("id"), 1);
  ASSERT_EQ(first.at("grams").size(), 1) << lines[0];
  const json span = first.at("grams").at(0);
  const auto text = first.at("response").get<std::string>();
  const auto begin = span.at("begin").get<size_t>();
  EXPECT_EQ(text.substr(begin, span.at("end").get<size_t>() - begin), "what if we try");
  EXPECT_EQ(json::parse(lines[1]).at("grams"), json::array());
}

TEST_F(Grams, TagPaintsForTheTerminal) {
  const ProgramResult result = work.run({"grams", "tag", "rows.jsonl", "--format", "ansi"});

  expect_success(result);
  EXPECT_THAT(result.out, HasSubstr("\x1b["));
  EXPECT_THAT(result.out, HasSubstr("what if we try"));
}

TEST_F(Grams, TagWritesAPageThatEscapesTheText) {
  const ProgramResult result =
      work.run({"grams", "tag", "rows.jsonl", "--format", "html", "--out", "page.html"});

  expect_success(result);
  EXPECT_EQ(result.out, "");
  const std::string page = work.read("page.html");
  EXPECT_THAT(page, StartsWith("<!"));
  EXPECT_THAT(page, HasSubstr("what if we try"));
  EXPECT_THAT(page, HasSubstr("&lt;b&gt; &amp; 2"));
  EXPECT_THAT(page, Not(HasSubstr("<b> & 2")));
}

TEST_F(Grams, TagReadsTheFieldThatIsNamedAndNamesTheRowWithoutIt) {
  const ProgramResult result = work.run({"grams", "tag", "rows.jsonl", "--field", "response=text"});

  expect_failure(result, 3, {"rows.jsonl:1", "field 'text'", "got nothing"});
}

TEST_F(Grams, AFailureLeavesNoPage) {
  work.write("rows.jsonl", "{\"response\": \"two\"}\n{\"response\":");

  const ProgramResult result =
      work.run({"grams", "tag", "rows.jsonl", "--format", "html", "--out", "page.html"});

  expect_failure(result, 3, {"rows.jsonl:2"});
  EXPECT_FALSE(work.exists("page.html"));
}

TEST_F(Grams, TagRefusesToWriteOverAnOlderPage) {
  work.write("page.html", "older");

  const ProgramResult result =
      work.run({"grams", "tag", "rows.jsonl", "--format", "html", "--out", "page.html"});

  expect_failure(result, 2, {"page.html: is there already", "another --out"});
  EXPECT_EQ(work.read("page.html"), "older");
}

TEST_F(Grams, ShowPrintsNameDigestAndEveryGram) {
  const ProgramResult result = work.run({"grams", "show"});

  expect_success(result);
  EXPECT_THAT(result.out, ContainsRegex("^paper-v3: [0-9]+ grams\n"));
  EXPECT_THAT(result.out, ContainsRegex("digest +[0-9a-f]{64}\n"));
  EXPECT_THAT(result.out, ContainsRegex("\nbranching +paper +- +-  what if we try\n"));
}

TEST_F(Grams, AnUnknownCatalogueNamesThoseThereAre) {
  expect_failure(
      work.run({"grams", "show", "mine"}), 3, {"mine: no such file", "paper-v3", "paper-v3-all"});
}

}  // namespace
}  // namespace stratagram
