#include "grams/candidates.h"

#include <gtest/gtest.h>

#include "core/file.h"
#include "grams/normaliser.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace stratagram::grams {
namespace {

using nlohmann::json;

CandidateList small_list() {
  return {
      .corpus = {.digest = "d",
                 .num_documents = 9,
                 .num_problems = 4,
                 .num_words = 100,
                 .num_duplicates = 2,
                 .num_wrong = 1,
                 .by_source = {{"a", 5}, {"b", 4}},
                 .by_step = {{-1, 2}, {7, 7}}},
      .mining = {{"min_words", 3}},
      .candidates = {{.text = "wait let me",
                      .count = 12,
                      .document_frequency = 8,
                      .problem_frequency = 4,
                      .problem_text_frequency = 1,
                      .sentence_starts = 10,
                      .by_source = {{"a", 5}, {"b", 3}},
                      .by_step = {{-1, 1}, {7, 7}},
                      .contexts = {{"So \"x\"\n", "Wait, let me", " caf\u00e9"}, {"", "a", ""}}},
                     {.text = "caf\u00e9 let's", .count = 1, .document_frequency = 1}}};
}

class Candidates : public testing::Test {
 protected:
  [[nodiscard]] std::vector<std::string> lines() const {
    const auto file = folder.path() / "good.jsonl";
    if (!std::filesystem::exists(file)) small_list().save(file);
    std::istringstream in(read_file(file));
    std::vector<std::string> all;
    for (std::string line; std::getline(in, line);) all.push_back(line);
    return all;
  }

  // A file whose line `number` (from 1) has this field, or without it when the value is discarded.
  void expect_refused(size_t number,
                      const std::string& field,
                      const json& value,
                      const std::string& what) const {
    SCOPED_TRACE(field + " = " + value.dump());
    std::vector<std::string> all = lines();
    json row = json::parse(all.at(number - 1));
    if (value.is_discarded()) {
      row.erase(field);
    } else {
      row[field] = value;
    }
    all[number - 1] = row.dump();
    std::string bytes;
    for (const std::string& line : all) bytes += line + "\n";
    expect_refused_bytes(bytes, "bad.jsonl:" + std::to_string(number) + ": " + what);
  }

  void expect_refused_bytes(const std::string& bytes, const std::string& what) const {
    const auto file = folder.write("bad.jsonl", bytes);
    expect_error([&] { (void)CandidateList::load(file); }, ErrorKind::kData, what);
  }

  TempFolder folder;
};

const json kNothing = json(json::value_t::discarded);

TEST_F(Candidates, AreReadAsTheyWereWritten) {
  const auto file = folder.path() / "list.jsonl";
  small_list().save(file);

  const CandidateList list = CandidateList::load(file);

  EXPECT_EQ(list.corpus, small_list().corpus);
  EXPECT_EQ(list.mining, small_list().mining);
  EXPECT_EQ(list.candidates, small_list().candidates);
}

TEST_F(Candidates, AreNeverWrittenOverAFile) {
  const auto file = folder.write("list.jsonl", "mine");

  expect_error([&] { small_list().save(file); }, ErrorKind::kConfig, "list.jsonl");
  EXPECT_EQ(read_file(file), "mine");
}

TEST_F(Candidates, AreRefusedWithoutAHeadOfThisFormat) {
  expect_refused_bytes("", "bad.jsonl: is empty; `stratagram grams mine` writes one");
  expect_refused_bytes("{\n", "bad.jsonl:1: wanted one JSON object");
  expect_refused_bytes("[]\n", "bad.jsonl:1: wanted a JSON object");
  expect_refused(1, "format", 2, "wanted candidates of format 1, got 2; mine them again");
  expect_refused(1, "format", kNothing, "field 'format': wanted an integer, got nothing");
  expect_refused(1, "normaliser", kNormaliserVersion + 1, "was mined by normaliser version 2");
  for (const char* field : {"documents", "problems", "words", "duplicates", "wrong"}) {
    const std::string start = std::string("field '") + field + "': wanted ";
    expect_refused(1, field, -1, start + "0 or more, got -1");
    expect_refused(1, field, 1.5, start + "an integer");
    expect_refused(1, field, kNothing, start + "an integer, got nothing");
  }
  expect_refused(1, "corpus_digest", 7, "field 'corpus_digest': wanted a string");
  expect_refused(1, "by_source", 7, "field 'by_source': wanted an object of counts");
  expect_refused(1, "by_step", {{"x", 1}}, "field 'by_step': wanted step numbers, got 'x'");
  expect_refused(1, "by_step", {{"7.5", 1}}, "field 'by_step': wanted step numbers, got '7.5'");
}

TEST_F(Candidates, AreRefusedWithABrokenLine) {
  for (const char* field : {"count", "documents", "problems", "problem_text", "starts"}) {
    const std::string start = std::string("field '") + field + "': wanted ";
    expect_refused(3, field, -1, start + "0 or more, got -1");
    expect_refused(3, field, "1", start + "an integer");
    expect_refused(3, field, uint64_t{1} << 63, start + "an integer");
    expect_refused(3, field, kNothing, start + "an integer, got nothing");
  }
  expect_refused(2, "by_source", {{"a", -1}}, "field 'by_source': wanted counts, got -1");
  expect_refused(2, "by_step", {{"1", 0.5}}, "field 'by_step': wanted counts, got 0.5");
  for (const json& contexts : {json("x"),
                               json({"x"}),
                               json({{"a", "b"}}),
                               json({{"a", "b", 3}}),
                               json({{"a", "b", "c", "d"}})}) {
    expect_refused(
        2, "contexts", contexts, "field 'contexts': wanted a list of [before, gram, after]");
  }
  expect_refused(3, "gram", kNothing, "field 'gram': wanted a string, got nothing");
  expect_refused(3, "gram", "Wait", "'Wait' is not normalised; write 'wait'");
  expect_refused(3, "gram", "a b c d e f g", "'a b c d e f g': wanted 1 to 6 words, got 7");
  expect_refused(3, "gram", "wait let me", "'wait let me' came before; the file was damaged");
  expect_refused_bytes(lines()[0] + "\n" + lines()[1].substr(0, 30) + "\n",
                       "bad.jsonl:2: wanted one JSON object");
}

TEST_F(Candidates, AreRefusedWhenTheirCountsContradictEachOther) {
  const std::string what = "its counts contradict each other";
  expect_refused(
      2, "count", 7, "'wait let me': " + what + " (count 7, documents 8 of 9, problems 4)");
  expect_refused(2, "documents", 10, "'wait let me': " + what);
  expect_refused(2, "documents", 3, "'wait let me': " + what);
  expect_refused(2, "problems", 9, "'wait let me': " + what);
  expect_refused(2, "problem_text", 9, "'wait let me': " + what);
  expect_refused(2, "starts", 13, "'wait let me': " + what);
}

}  // namespace
}  // namespace stratagram::grams
