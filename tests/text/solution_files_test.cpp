#include "text/solution_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace stratagram::text {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

class SolutionFiles : public testing::Test {
 protected:
  // The files that a path below the folder stands for, relative to it.
  [[nodiscard]] std::vector<std::string> of(const std::string& path) const {
    std::vector<std::string> names;
    for (const fs::path& file : solution_files(folder.path() / path)) {
      names.push_back(fs::relative(file, folder.path()).string());
    }
    return names;
  }

  void touch(const std::vector<std::string>& names) const {
    for (const std::string& name : names) (void)folder.write(name, "");
  }

  TempFolder folder;
};

TEST_F(SolutionFiles, OfARunAreItsRolloutsInTheirOrder) {
  touch({"run/rollouts/000010.jsonl", "run/rollouts/000002.jsonl", "run/metrics.jsonl"});

  EXPECT_THAT(of("run"), ElementsAre("run/rollouts/000002.jsonl", "run/rollouts/000010.jsonl"));
}

TEST_F(SolutionFiles, OfAnEvaluationAreItsSamples) {
  touch({"eval/math.samples.jsonl", "eval/aime.samples.jsonl", "eval/math.json"});

  EXPECT_THAT(of("eval"), ElementsAre("eval/aime.samples.jsonl", "eval/math.samples.jsonl"));
}

TEST_F(SolutionFiles, OfVerlAreItsStepsByTheirNumbers) {
  touch({"dump/10.jsonl", "dump/2.jsonl", "dump/0.jsonl", "dump/notes.jsonl", "dump/3.txt"});

  EXPECT_THAT(of("dump"), ElementsAre("dump/0.jsonl", "dump/2.jsonl", "dump/10.jsonl"));
}

TEST_F(SolutionFiles, OfAFileAreItself) {
  touch({"any.name"});

  EXPECT_THAT(of("any.name"), ElementsAre("any.name"));
}

TEST_F(SolutionFiles, NamesAPathThatHoldsNone) {
  touch({"empty/notes.txt", "run/rollouts/notes.txt", "completions_00005.parquet"});
  const auto refuse = [&](const std::string& path, const std::string& what) {
    expect_error([&] { (void)of(path); }, ErrorKind::kData, what);
  };

  refuse("nowhere.jsonl", "nowhere.jsonl: there is no such file or folder");
  refuse("empty", "empty: wanted a folder with rollouts/*.jsonl (of a run), *.samples.jsonl (of");
  refuse("run", "found none of them; name the files themselves");
  refuse("completions_00005.parquet", "wanted JSON Lines, got Parquet; in Python");
}

TEST_F(SolutionFiles, NamesAFolderThatIsClosed) {
  if (geteuid() == 0) GTEST_SKIP() << "no folder is closed to root";
  touch({"closed/1.jsonl"});
  fs::permissions(folder.path() / "closed", fs::perms::none);

  expect_error([&] { (void)of("closed"); }, ErrorKind::kData, "closed: cannot be read: ");

  fs::permissions(folder.path() / "closed", fs::perms::owner_all);
}

TEST(SourceOfFile, IsTheRunForFilesOfStepsAndElseTheName) {
  EXPECT_EQ(source_of_file("/x/runs/hicra/rollouts/000007.jsonl"), "hicra");
  EXPECT_EQ(source_of_file("/x/out/completions/completions_00005.jsonl"), "out");
  EXPECT_EQ(source_of_file("/x/dump/12.jsonl"), "dump");
  EXPECT_EQ(source_of_file("/x/math500.samples.jsonl"), "math500");
  EXPECT_EQ(source_of_file("/x/s1.1-32b.jsonl"), "s1.1-32b");
  EXPECT_EQ(source_of_file("/x/.jsonl"), ".jsonl");
  EXPECT_EQ(source_of_file("/x/rows.json"), "rows");
}

}  // namespace
}  // namespace stratagram::text
