#include "core/sample_rows.h"

#include <gmock/gmock.h>

#include <sstream>

#include "core/file.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace stratagram {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;

json row(const char* problem, int64_t sample, int64_t mark = 0) {
  return {{"problem_id", problem}, {"sample", sample}, {"mark", mark}};
}

std::string text_of(const SampleRows& rows) {
  std::ostringstream out;
  rows.write(out);
  return out.str();
}

TEST(SampleRows, WritesByProblemThenSampleWhateverTheOrderOfTheirComing) {
  SampleRows rows({"b", "a"}, 2);

  for (const json& next : {row("a", 1), row("b", 1), row("a", 0), row("b", 0)}) rows.add(next);

  EXPECT_EQ(text_of(rows),
            row("b", 0).dump() + "\n" + row("b", 1).dump() + "\n" + row("a", 0).dump() + "\n" +
                row("a", 1).dump() + "\n");
}

TEST(SampleRows, NamesTheGapsBetweenWhatIsThere) {
  SampleRows rows({"a", "b", "c"}, 6);
  for (const int64_t sample : {0, 2, 5}) rows.add(row("b", sample));
  for (int64_t sample = 0; sample < 6; ++sample) rows.add(row("c", sample));

  EXPECT_THAT(rows.missing(0), ElementsAre(Range{0, 6}));
  EXPECT_THAT(rows.missing(1), ElementsAre(Range{1, 2}, Range{3, 5}));
  EXPECT_THAT(rows.missing(2), IsEmpty());
  EXPECT_EQ(rows.num_done(), 9);
  EXPECT_EQ(rows.num_wanted(), 18);
}

TEST(SampleRows, BeginWithThoseThatAStoppedProcessLeftAndRemoveThemAtTheEnd) {
  const TempFolder folder;
  const auto result = folder.path() / "a.jsonl";
  SampleRows({"a", "b"}, 2, result, {{"seed", 1}}).add(row("b", 1, 7));

  SampleRows rows({"a", "b"}, 2, result, {{"seed", 1}});

  EXPECT_EQ(rows.num_done(), 1);
  EXPECT_EQ(rows.line(1, 1), row("b", 1, 7).dump());
  EXPECT_EQ(rows.partial(), folder.path() / "a.part.jsonl");
  rows.remove_partial();
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(SampleRows, RefuseARowOfAnotherProblemOrSample) {
  SampleRows rows({"a"}, 2);

  for (const json& other : {row("b", 0), row("a", 2), row("a", -1)}) {
    expect_error([&] { rows.add(other); }, ErrorKind::kData, "none of those that were asked for");
  }
  expect_error([&] { rows.add({{"sample", 0}}); }, ErrorKind::kData, "field 'problem_id'");
  EXPECT_EQ(rows.num_done(), 0);
}

TEST(SampleRows, NamesTheLineOfAKeptRowThatWasNotAskedFor) {
  const TempFolder folder;
  const auto result = folder.path() / "a.jsonl";
  SampleRows({"a", "b"}, 1, result, json::object()).add(row("b", 0));

  expect_error([&] { SampleRows({"a"}, 1, result, json::object()); },
               ErrorKind::kData,
               "a.part.jsonl:2: sample 0 of problem 'b'");
}

TEST(SampleRows, RefuseTwoProblemsOfOneId) {
  expect_error([] { SampleRows({"a", "b", "a"}, 1); }, ErrorKind::kInternal, "'a' came before");
}

}  // namespace
}  // namespace stratagram
