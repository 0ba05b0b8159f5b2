#include "core/partial_rows.h"

#include <gmock/gmock.h>

#include <vector>

#include "core/file.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace stratagram {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::ElementsAre;

json conditions_of_rows() {
  return {{"seed", 1}, {"sampling", {{"top_p", 0.95}, {"stop", {"x"}}}}};
}

class PartialRowsTest : public testing::Test {
 protected:
  // What a process finds, which appends `more` before it ends.
  std::vector<json> taken(const json& conditions = conditions_of_rows(),
                          const std::vector<json>& more = {}) {
    std::vector<json> rows;
    PartialRows partial(
        path, conditions, [&](const json& row, const std::string&) { rows.push_back(row); });
    for (const json& row : more) partial.append(row);
    return rows;
  }

  TempFolder folder;
  fs::path path = folder.path() / "a.part.jsonl";
};

TEST(PartialPathOf, StandsBesideTheResultAndIsNeverAnotherResultsPath) {
  EXPECT_EQ(partial_path_of("runs/a.jsonl"), "runs/a.part.jsonl");
  EXPECT_EQ(partial_path_of("a.samples.jsonl"), "a.samples.part.jsonl");
  EXPECT_EQ(partial_path_of("a.txt"), "a.txt.part.jsonl");
  EXPECT_EQ(partial_path_of("a"), "a.part.jsonl");
}

TEST_F(PartialRowsTest, GivesTheNextProcessTheRowsOfThoseBefore) {
  EXPECT_THAT(taken(conditions_of_rows(), {{{"a", 1}}}), ElementsAre());
  EXPECT_THAT(taken(conditions_of_rows(), {{{"a", 2}}}), ElementsAre(json{{"a", 1}}));

  EXPECT_THAT(taken(), ElementsAre(json{{"a", 1}}, json{{"a", 2}}));
}

TEST_F(PartialRowsTest, HoldsARowAsSoonAsItIsAppended) {
  PartialRows partial(path, conditions_of_rows(), [](const json&, const std::string&) {});

  partial.append({{"a", 1}});

  EXPECT_THAT(read_file(path), testing::EndsWith("}\n{\"a\":1}\n"));
}

TEST_F(PartialRowsTest, DropsARowThatWasCutShortAndGoesOnBehindTheOthers) {
  (void)taken(conditions_of_rows(), {{{"a", 1}}, {{"a", 2}}});
  const std::string text = read_file(path);
  for (const size_t lost : {1, 2, 7}) {
    folder.write("a.part.jsonl", text.substr(0, text.size() - lost));

    EXPECT_THAT(taken(conditions_of_rows(), {{{"a", 3}}}), ElementsAre(json{{"a", 1}})) << lost;

    EXPECT_THAT(taken(), ElementsAre(json{{"a", 1}}, json{{"a", 3}})) << lost;
  }
}

TEST_F(PartialRowsTest, BeginsAnewWhenEvenTheConditionsWereCutShort) {
  (void)taken(conditions_of_rows(), {{{"a", 1}}});
  folder.write("a.part.jsonl", read_file(path).substr(0, 20));

  EXPECT_THAT(taken({{"seed", 2}}, {{{"a", 5}}}), ElementsAre());

  EXPECT_THAT(taken({{"seed", 2}}), ElementsAre(json{{"a", 5}}));
}

TEST_F(PartialRowsTest, RefusesOtherConditionsNamesEachAndLeavesTheFile) {
  (void)taken(conditions_of_rows(), {{{"a", 1}}});
  const std::string before = read_file(path);
  const json other = {{"seed", 1}, {"sampling", {{"top_p", 1.0}, {"stop", {"x", "y"}}}}, {"k", 2}};

  expect_error([&] { (void)taken(other); },
               ErrorKind::kConfig,
               "k was null, is 2; sampling.stop was [\"x\"], is [\"x\",\"y\"]; sampling.top_p was "
               "0.95, is 1.0; go on under the old ones");

  EXPECT_EQ(read_file(path), before);
}

TEST_F(PartialRowsTest, KnowsConditionsAgainThatAreNotUtf8) {
  const json conditions = {{"system", "a\xFF"}, {"seed", uint64_t{18446744073709551615U}}};
  (void)taken(conditions, {{{"a", 1}}});

  EXPECT_THAT(taken(conditions), ElementsAre(json{{"a", 1}}));
}

TEST_F(PartialRowsTest, LeavesNoFileWhenNoRowWasAppended) {
  (void)taken();

  EXPECT_FALSE(fs::exists(path));
}

TEST_F(PartialRowsTest, NamesTheLineThatIsDamaged) {
  (void)taken(conditions_of_rows(), {{{"a", 1}}});
  folder.write("a.part.jsonl", read_file(path) + "{\"a\":\n{\"a\":3}\n");

  expect_error([&] { (void)taken(); }, ErrorKind::kData, "a.part.jsonl:3: is not a JSON object");
}

TEST_F(PartialRowsTest, RefusesAFileThatIsNoneOfItsOwn) {
  folder.write("a.part.jsonl", "{\"a\":1}\n");

  expect_error([&] { (void)taken(); }, ErrorKind::kData, "a.part.jsonl:1: wanted the conditions");

  EXPECT_EQ(read_file(path), "{\"a\":1}\n");
}

// A wrong path must cost nobody a file, whole lines or not.
TEST_F(PartialRowsTest, LeavesEveryFileThatItRefusesAsItWas) {
  for (const std::string text :
       {"{\"a\":1}\n{\"b", "{\n  \"a\": 1\n}", "[1,2,3]", "{\"a\": 1}", "x"}) {
    folder.write("a.part.jsonl", text);

    expect_error([&] { (void)taken(); }, ErrorKind::kData, "a.part.jsonl:1");

    EXPECT_EQ(read_file(path), text);
  }
}

TEST_F(PartialRowsTest, RefusesASecondWriter) {
  const PartialRows first(path, conditions_of_rows(), [](const json&, const std::string&) {});

  expect_error([&] { (void)taken(); }, ErrorKind::kData, "another process is writing it");
}

}  // namespace
}  // namespace stratagram
