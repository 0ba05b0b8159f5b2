#include "text/problem_sets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "tests/support/environment.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"
#include "text/fetch.h"

namespace stratagram::text {
namespace {

namespace fs = std::filesystem;

/// An installation whose registry knows one set, `tiny`, with an empty data folder and cache.
class FindProblemSet : public ::testing::Test {
 protected:
  FindProblemSet() {
    folder.write("share/catalogues/c.json", "{}");
    folder.write("share/registry.toml",
                 "[tiny]\ntitle = 'Tiny'\nrepository = 'o/n'\nlicence = 'MIT'\nproblems = 1\n"
                 "format = 'jsonl'\nrevision = '" +
                     std::string(40, 'b') + "'\nfiles = [{ path = 'a', size = 1, sha256 = '" +
                     std::string(64, 'a') +
                     "' }]\nfields.id = '{#}'\nfields.problem = '{q}'\nfields.answer = '{a}'\n");
    set = read_registry(registry_file()).at(0);
  }
  [[nodiscard]] fs::path data(const std::string& name) const {
    return folder.path() / "data" / name;
  }

  TempFolder folder;
  Environment environment{{{"STRATAGRAM_SHARE", (folder.path() / "share").string()},
                           {"STRATAGRAM_DATA", (folder.path() / "data").string()},
                           {"STRATAGRAM_CACHE", (folder.path() / "cache").string()}}};
  RegisteredSet set;
};

TEST_F(FindProblemSet, TakesAPathToAFile) {
  const fs::path file = folder.write("own.jsonl", "");

  EXPECT_EQ(find_problem_set(file.string()), file);
}

TEST_F(FindProblemSet, LooksInTheDataFolderAndItsTwoParts) {
  for (const char* name : {"x.jsonl", "benchmarks/y.jsonl", "train/z.jsonl"}) {
    const fs::path file = folder.write("data/" + std::string(name), "");

    EXPECT_EQ(find_problem_set(file.stem().string()), file);
  }
}

TEST_F(FindProblemSet, TakesACopiedCacheFileInTheDataFolder) {
  const fs::path file = folder.write("data/" + set_file_name(set), "");

  EXPECT_EQ(find_problem_set("tiny"), file);
}

TEST_F(FindProblemSet, FindsAFetchedSetInTheCache) {
  const fs::path file = folder.write("cache/problems/" + set_file_name(set), "");

  EXPECT_EQ(find_problem_set("tiny"), file);
  EXPECT_EQ(locate_set(set), file);
}

TEST_F(FindProblemSet, PrefersTheDataFolderToTheCache) {
  folder.write("cache/problems/" + set_file_name(set), "");
  const fs::path file = folder.write("data/benchmarks/tiny.jsonl", "");

  EXPECT_EQ(find_problem_set("tiny"), file);
  EXPECT_EQ(locate_set(set), file);
}

TEST_F(FindProblemSet, WorksWithoutADataFolder) {
  const Environment unset({{"STRATAGRAM_DATA", std::nullopt}});
  const fs::path file = folder.write("cache/problems/" + set_file_name(set), "");

  EXPECT_EQ(find_problem_set("tiny"), file);
}

TEST_F(FindProblemSet, SaysHowToFetchASetThatIsKnownButAbsent) {
  EXPECT_EQ(locate_set(set), std::nullopt);
  for (const std::string& what : {std::string("`stratagram data fetch tiny`"),
                                  data("benchmarks/tiny.jsonl").string(),
                                  cached_set(set, cache_folder()).string()}) {
    expect_error([] { (void)find_problem_set("tiny"); }, ErrorKind::kData, what);
  }
}

TEST_F(FindProblemSet, NamesTheNearestSetOfAWrongName) {
  for (const std::string& what : {std::string("nearest name is 'tiny'"),
                                  std::string("`stratagram data fetch tiny`"),
                                  data("train/tinny.jsonl").string()}) {
    expect_error([] { (void)find_problem_set("tinny"); }, ErrorKind::kData, what);
  }
}

TEST_F(FindProblemSet, TakesAPathForNoMisspeltName) {
  for (const char* path : {"sets/tinny.jsonl", "tinny.jsonl", "sets/tinny"}) {
    try {
      (void)find_problem_set(path);
      ADD_FAILURE() << path << " was found";
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), testing::HasSubstr("no such file"));
      EXPECT_THAT(error.what(), testing::Not(testing::HasSubstr("nearest")));
    }
  }
}

}  // namespace
}  // namespace stratagram::text
