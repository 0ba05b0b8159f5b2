// compare: what it prints of results, and results that it does not set side by side.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/cli/workspace.h"

namespace stratagram {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(Compare, PrintsTheMeansAndThePairedDifferenceInPoints) {
  const Workspace work;
  write_result(work, "first", "0001");
  write_result(work, "second", "0111");

  const ProgramResult result = work.run({"compare", "first", "second"});

  expect_success(result);
  EXPECT_EQ(result.err, "");
  EXPECT_THAT(result.out, StartsWith("tiny: pass@1 over 4 problems, 1 samples each\n"));
  EXPECT_THAT(result.out, ContainsRegex("\n  first    25[.]00 %   95 % interval "));
  EXPECT_THAT(result.out, ContainsRegex("\n  second   75[.]00 %   95 % interval "));
  EXPECT_THAT(result.out, ContainsRegex("\n  second less first: [+]50[.]00   95 % .* p = [01][.]"));
}

TEST(Compare, GivesADifferenceForEachPairAndTheSameForTheSameSeed) {
  const Workspace work;
  write_result(work, "a", "000111");
  write_result(work, "b", "011111");
  write_result(work, "c", "001010");
  const std::vector<std::string> command = {"compare", "a", "b", "c", "--seed", "4"};

  const ProgramResult result = work.run(command);

  expect_success(result);
  for (const char* pair : {"b less a: +33.33", "c less a: -16.67", "c less b: -50.00"}) {
    EXPECT_THAT(result.out, HasSubstr(pair));
  }
  EXPECT_EQ(work.run(command).out, result.out);
}

// The two programs agree on the files between them.
TEST(Compare, ReadsWhatEvalWrote) {
  const Workspace work;
  for (const char* out : {"e1", "e2"}) {
    expect_success(work.run({"eval",
                             "--model",
                             "model",
                             "--benchmarks",
                             "problems.jsonl",
                             "--samples",
                             "2",
                             "--max-new-tokens",
                             "4",
                             "--out",
                             out}));
  }

  const ProgramResult result = work.run({"compare", "e1", "e2"});

  expect_success(result);
  EXPECT_THAT(result.out, StartsWith("problems: pass@1 over 4 problems, 2 samples each\n"));
  EXPECT_THAT(result.out, HasSubstr("e2 less e1: +0.00 "));
}

TEST(Compare, RefusesOtherConditionsAndNamesThem) {
  const Workspace work;
  write_result(work, "first", "01");
  write_result(work, "second", "01", "Solve: {problem}");

  expect_failure(work.run({"compare", "first", "second"}),
                 2,
                 {"first and second differ in template", "--different"});
}

TEST(Compare, TakesOtherConditionsWithAWarningWhenToldTo) {
  const Workspace work;
  write_result(work, "first", "01");
  write_result(work, "second", "01", "Solve: {problem}");

  const ProgramResult result = work.run({"compare", "first", "second", "--different"});

  expect_success(result);
  EXPECT_THAT(result.out, HasSubstr("second less first: +0.00"));
  EXPECT_THAT(result.err, ContainsRegex("warn.*differ in template.*not comparable"));
}

TEST(Compare, NamesTheFolderThatHoldsNoResults) {
  const Workspace work;
  write_result(work, "first", "01");
  std::filesystem::create_directory(work.path("empty"));
  for (const char* folder : {"empty", "absent"}) {
    expect_failure(work.run({"compare", "first", folder}),
                   3,
                   {"stratagram compare: data error", folder, "`stratagram eval --out`"});
  }
}

TEST(Compare, RefusesFoldersWithoutACommonBenchmark) {
  const Workspace work;
  write_result(work, "first", "01");
  write_result(work, "second", "01");
  for (const char* ending : {".json", ".samples.jsonl"}) {
    std::filesystem::rename(work.path(std::string("second/tiny") + ending),
                            work.path(std::string("second/other") + ending));
  }

  expect_failure(work.run({"compare", "first", "second"}),
                 3,
                 {"first, second", "no benchmark", "all of them"});
}

TEST(Compare, NamesTheLineOfADamagedResult) {
  const Workspace work;
  write_result(work, "first", "01");
  write_result(work, "second", "01");
  work.write("second/tiny.samples.jsonl",
             "{\"problem_id\": \"p0\", \"verdict\": \"correct\"}\n{\n");

  expect_failure(work.run({"compare", "first", "second"}), 3, {"second/tiny.samples.jsonl:2"});
}

TEST(Compare, WantsTwoFolders) {
  const Workspace work;
  write_result(work, "first", "01");

  const ProgramResult result = work.run({"compare", "first"});

  expect_failure(result, 2, {"stratagram compare: usage error", "FOLDER", "2"});
  EXPECT_THAT(result.err, Not(HasSubstr("pass@1")));
}

}  // namespace
}  // namespace stratagram
