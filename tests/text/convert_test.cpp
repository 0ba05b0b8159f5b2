#include "text/convert.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>

#include "core/digest.h"
#include "tests/support/expect_error.h"
#include "tests/support/shared_data.h"
#include "tests/support/temp_folder.h"
#include "text/problems.h"

namespace stratagram::text {
namespace {

namespace fs = std::filesystem;

RegisteredSet tiny_set(int64_t num_problems, SetFormat format = SetFormat::kJsonl) {
  return {.name = "tiny",
          .num_problems = num_problems,
          .format = format,
          .files = {{"a", "", 0}},
          .id = "t-{n}",
          .problem = "{q}",
          .answer = "{a|after:####}",
          .solution = "{a}"};
}

ProblemSet convert_all(const RegisteredSet& set, const std::string& content) {
  const TempFolder folder;
  return convert_set(set, {folder.write("up", content)});
}

std::vector<Problem> convert(const RegisteredSet& set, const std::string& content) {
  return convert_all(set, content).problems;
}

constexpr const char* kTwoRows =
    "{\"n\": 1, \"q\": \"1+1?\", \"a\": \"two\\n#### 2\"}\n"
    "{\"n\": 2, \"q\": \"2+2?\", \"a\": \"#### 4\"}";

TEST(ConvertSet, MakesOneProblemOfEachLine) {
  const std::vector<Problem> problems = convert(tiny_set(2), kTwoRows);

  ASSERT_EQ(problems.size(), 2U);
  EXPECT_EQ(problems[0].id, "t-1");
  EXPECT_EQ(problems[0].text, "1+1?");
  EXPECT_EQ(problems[0].answer, "2");
  EXPECT_EQ(problems[0].solution, "two\n#### 2");
  EXPECT_EQ(problems[0].kind, "math");
  EXPECT_EQ(problems[1].id, "t-2");
}

TEST(ConvertSet, KeepsFurtherFieldsWhereTheRowHasThem) {
  RegisteredSet set = tiny_set(3);
  set.extra = {{"level", "{level}"}, {"kind of", "{type|before:-}"}};

  const ProblemSet converted = convert_all(
      set,
      "{\"n\": 1, \"q\": \"x\", \"a\": \"#### 3\", \"level\": 5, \"type\": \"sum-of\"}\n"
      "{\"n\": 2, \"q\": \"x\", \"a\": \"#### 3\", \"level\": null}\n"
      "{\"n\": 3, \"q\": \"x\", \"a\": \"#### 3\", \"type\": \"product\"}");

  EXPECT_EQ(converted.fields.at("t-1"), (Fields{{"level", "5"}, {"kind of", "sum"}}));
  EXPECT_FALSE(converted.fields.contains("t-2"));
  EXPECT_EQ(converted.fields.at("t-3"), (Fields{{"kind of", "product"}}));
}

TEST(ConvertSet, ReadsAJsonList) {
  const std::vector<Problem> problems =
      convert(tiny_set(1, SetFormat::kJson), R"([{"n": 1, "q": "x", "a": "#### 3"}])");

  EXPECT_EQ(problems.at(0).answer, "3");
}

TEST(ConvertSet, CountsRowsOverAllFilesInTheirOrder) {
  const TempFolder folder;
  RegisteredSet set = tiny_set(4);
  set.files = {{"a", "", 0}, {"b", "", 0}};
  set.id = "{#}-{n}";
  const std::vector<fs::path> files{folder.write("z", kTwoRows), folder.write("a", kTwoRows)};

  const std::vector<Problem> problems = convert_set(set, files).problems;

  EXPECT_EQ(problems[1].id, "1-2");
  EXPECT_EQ(problems[2].id, "2-1");
}

TEST(ConvertSet, KeepsABlankAnswer) {
  EXPECT_EQ(convert(tiny_set(1), R"({"n": 1, "q": "x", "a": "####"})").at(0).answer, "");
}

TEST(ConvertSet, NamesSetFileAndRowOfAFault) {
  const auto refused = [](const RegisteredSet& set, const std::string& text, const char* what) {
    expect_error([&] { (void)convert(set, text); }, ErrorKind::kData, what);
  };
  const std::string rows = kTwoRows;
  const RegisteredSet list = tiny_set(2, SetFormat::kJson);
  refused(tiny_set(3), rows, "problem set 'tiny': wanted 3 problems, as the registry says, got 2");
  refused(tiny_set(2), rows + "\n" + rows, "up:3: id 't-1' came before, at");
  refused(tiny_set(2), "[1]", "up:1");
  refused(tiny_set(1), R"({"n": 1, "q": " ", "a": "#### 1"})", "up:1: the problem is blank");
  refused(tiny_set(1), R"({"n": 1, "a": "#### 1"})", "'tiny': ");
  refused(tiny_set(1), R"({"n": 1, "a": "#### 1"})", "up:1: field 'q' is missing");
  refused(list, rows, "up: wanted a JSON list");
  refused(list, "[7]", "up: item 0: wanted an object");
  refused(list, R"([{"n": 1, "q": "x", "a": "1"}])", "up: item 0: field 'a': wanted '####'");
}

// Upstream files lie below $STRATAGRAM_UPSTREAM_DATA as OWNER/NAME/COMMIT/PATH.
std::optional<std::vector<fs::path>> upstream_files(const RegisteredSet& set) {
  const char* root = std::getenv("STRATAGRAM_UPSTREAM_DATA");
  if (root == nullptr) return std::nullopt;
  std::vector<fs::path> files;
  for (const UpstreamFile& file : set.files) {
    files.push_back(fs::path(root) / set.repository / set.revision / file.path);
    if (!fs::exists(files.back())) return std::nullopt;
  }
  return files;
}

// The set as it was prepared by other means, blank answers left out.
std::map<std::string, Problem> prepared_set(const std::string& name) {
  std::optional<fs::path> file = shared_data("benchmarks/" + name + ".jsonl");
  if (!file) file = shared_data("train/" + name + ".jsonl");
  std::map<std::string, Problem> problems;
  if (!file) return problems;
  for (const Problem& problem : read_problems(*file, {.skip_blank_answers = true}).problems) {
    problems[problem.id] = problem;
  }
  return problems;
}

TEST(ConvertedUpstream, EqualsTheSetsPreparedByOtherMeans) {
  if (std::getenv("STRATAGRAM_UPSTREAM_DATA") == nullptr || !shared_data("benchmarks")) {
    GTEST_SKIP() << "wants the upstream files in STRATAGRAM_UPSTREAM_DATA and the prepared sets in "
                    "STRATAGRAM_SHARED_DATA";
  }
  for (const RegisteredSet& set : read_registry("data/registry.toml")) {
    SCOPED_TRACE(set.name);
    const std::optional<std::vector<fs::path>> files = upstream_files(set);
    ASSERT_TRUE(files) << "its upstream files are absent";
    for (size_t i = 0; i < files->size(); ++i) {
      EXPECT_EQ(sha256_file((*files)[i]), set.files[i].sha256);
      EXPECT_EQ(fs::file_size((*files)[i]), set.files[i].size);
    }
    const std::map<std::string, Problem> prepared = prepared_set(set.name);

    std::vector<Problem> problems = convert_set(set, *files).problems;

    std::erase_if(problems, [](const Problem& problem) { return problem.answer.empty(); });
    ASSERT_EQ(problems.size(), prepared.size());
    for (const Problem& problem : problems) {
      ASSERT_TRUE(prepared.contains(problem.id)) << problem.id;
      const Problem& wanted = prepared.at(problem.id);
      EXPECT_EQ(problem.text, wanted.text) << problem.id;
      // The prepared ASDiv has "-" here: its "-(1/3)" was cut as if (1/3) were a unit.
      const std::string answer = problem.answer == "-(1/3)" ? "-" : problem.answer;
      EXPECT_EQ(answer, wanted.answer) << problem.id;
      // Some prepared sets have a solution that the registry leaves out, none the reverse.
      if (!set.solution.empty()) {
        EXPECT_EQ(problem.solution, wanted.solution) << problem.id;
      }
    }
  }
}

}  // namespace
}  // namespace stratagram::text
