// How long the program's threads wait for each other; libgomp says what it was told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "tests/support/program.h"

namespace stratagram {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::string told_to_libgomp(const std::vector<std::string>& arguments,
                            std::map<std::string, std::string> environment) {
  environment.insert({{"OMP_DISPLAY_ENV", "VERBOSE"}, {"OMP_NUM_THREADS", "2"}});
  const ProgramResult result = run_program({.arguments = arguments, .environment = environment});
  EXPECT_EQ(result.exit_code, 0);
  return result.err;
}

constexpr const char* kShort = "GOMP_SPINCOUNT = '10000'";
constexpr const char* kOthers = "GOMP_SPINCOUNT = '";

TEST(ThreadWaits, AreShortInCommandsThatCompute) {
  EXPECT_THAT(told_to_libgomp({"bench", "--help"}, {}), HasSubstr(kShort));
  EXPECT_THAT(told_to_libgomp({"verify", "--help"}, {}),
              AllOf(HasSubstr(kOthers), Not(HasSubstr(kShort))));
}

TEST(ThreadWaits, AreShortWhereverTheCommandStands) {
  EXPECT_THAT(told_to_libgomp({"--log", "warn", "bench", "--help"}, {}), HasSubstr(kShort));
}

// The program that starts once more is still the one that was called.
TEST(ThreadWaits, ChangeNothingElse) {
  const ProgramResult result =
      run_program({.arguments = {"score", "/dev/stdin", "--model", "absent"},
                   .input = "{\"prompt\": 3}\n",
                   .environment = {{"OMP_NUM_THREADS", "2"}}});

  EXPECT_THAT(result.exit_code, testing::AnyOf(2, 3));
  EXPECT_THAT(result.err, testing::StartsWith("stratagram score: "));
  EXPECT_EQ(result.out, "");
}

TEST(ThreadWaits, AreTheUsersWhereTheyAreSet) {
  EXPECT_THAT(told_to_libgomp({"bench", "--help"}, {{"GOMP_SPINCOUNT", "77"}}),
              HasSubstr("GOMP_SPINCOUNT = '77'"));
  EXPECT_THAT(told_to_libgomp({"bench", "--help"}, {{"OMP_WAIT_POLICY", "passive"}}),
              AllOf(HasSubstr(kOthers), Not(HasSubstr(kShort))));
  EXPECT_THAT(told_to_libgomp({"bench", "--help"}, {{"OMP_NUM_THREADS", "1"}}),
              AllOf(HasSubstr(kOthers), Not(HasSubstr(kShort))));
}

}  // namespace
}  // namespace stratagram
