#include "grams/selection.h"

#include <gtest/gtest.h>

#include "core/file.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace stratagram::grams {
namespace {

using nlohmann::json;

Selection small_selection() {
  return {.method = "cluster",
          .corpus_digest = "d",
          .settings = {{"clusters", 3}},
          .choices = {{.text = "wait let me",
                       .strategic = true,
                       .score = -0.25,
                       .role = Role::kBacktracing,
                       .cluster = 0,
                       .cluster_name = "let me"},
                      {.text = "the sum is"}}};
}

class Selections : public testing::Test {
 protected:
  void expect_refused(const std::string& bytes, const std::string& what) const {
    SCOPED_TRACE(bytes);
    const auto file = folder.write("bad.jsonl", bytes);
    expect_error([&] { (void)Selection::load(file); }, ErrorKind::kData, "bad.jsonl" + what);
  }

  // Behind a good head and a good line.
  void expect_refused_line(const std::string& line, const std::string& what) const {
    expect_refused(R"({"format": 1, "method": "review", "corpus_digest": "d"})"
                   "\n"
                   R"({"gram": "so", "strategic": true})"
                   "\n" +
                       line + "\n",
                   ":3: " + what);
  }

  TempFolder folder;
};

TEST_F(Selections, AreReadAsTheyWereWritten) {
  const auto file = folder.path() / "selection.jsonl";
  small_selection().save(file);

  const Selection selection = Selection::load(file);

  EXPECT_EQ(selection.method, "cluster");
  EXPECT_EQ(selection.corpus_digest, "d");
  EXPECT_EQ(selection.settings, small_selection().settings);
  EXPECT_EQ(selection.choices, small_selection().choices);
}

TEST_F(Selections, AreNeverWrittenOverAFile) {
  const auto file = folder.write("selection.jsonl", "mine");

  expect_error([&] { small_selection().save(file); }, ErrorKind::kConfig, "selection.jsonl");
  EXPECT_EQ(read_file(file), "mine");
}

TEST_F(Selections, AreRefusedWithoutAHeadOfThisFormat) {
  expect_refused("", ": is empty; wanted a selection of grams");
  expect_refused("7\n", ":1: wanted a JSON object");
  expect_refused(R"({"method": "x"})", ":1: field 'format': wanted an integer, got nothing");
  expect_refused(R"({"format": 2})", ":1: wanted a selection of format 1, got 2");
  expect_refused(R"({"format": 1})", ":1: field 'method': wanted a string, got nothing");
  expect_refused(R"({"format": 1, "method": "x"})",
                 ":1: field 'corpus_digest': wanted a string, got nothing");
}

TEST_F(Selections, AreRefusedWithABrokenLine) {
  expect_refused_line("{", "wanted one JSON object");
  expect_refused_line(R"({"strategic": true})", "field 'gram': wanted a string, got nothing");
  expect_refused_line(R"({"gram": "wait"})",
                      "field 'strategic': wanted true or false, got nothing");
  expect_refused_line(R"({"gram": "wait", "strategic": 1})", "field 'strategic': wanted true or");
  expect_refused_line(R"({"gram": "Wait", "strategic": true})", "'Wait' is not normalised");
  expect_refused_line(R"({"gram": "so", "strategic": false})", "'so' came before");
  expect_refused_line(R"({"gram": "a", "strategic": true, "score": "x"})",
                      "field 'score': wanted a");
  expect_refused_line(R"({"gram": "a", "strategic": true, "cluster": 0.5})",
                      "field 'cluster': wanted");
  expect_refused_line(R"({"gram": "a", "strategic": true, "cluster_name": 1})",
                      "field 'cluster_name': wanted");
  expect_refused_line(R"({"gram": "a", "strategic": true, "role": "leader"})", "");
}

}  // namespace
}  // namespace stratagram::grams
