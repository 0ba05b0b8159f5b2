// Command lines that say too little, too much, or something else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/workspace.h"

namespace stratagram {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

TEST(Usage, NoArgumentsPrintTheHelpOnStderrAndEndWith2) {
  const ProgramResult result = run_program({});

  expect_failure(result, 2, {"wanted a command", "train", "--help"});
  EXPECT_THAT(result.err, HasSubstr("usage: stratagram"));
}

TEST(Usage, AMisspeltCommandNamesTheNearestOne) {
  expect_failure(run_program({.arguments = {"trian", "a.toml"}}),
                 2,
                 {"stratagram: usage error", "unknown command 'trian'", "'train'", "--help"});
  expect_failure(run_program({.arguments = {"grams", "shwo"}}),
                 2,
                 {"stratagram grams: usage error", "'shwo'", "'show'"});
}

TEST(Usage, AMisspeltOptionNamesTheNearestOneEvenWhenOthersAreMissing) {
  expect_failure(
      run_program({.arguments = {"generate", "--modle", "m", "--prompt", "x"}}),
      2,
      {"stratagram generate: usage error", "unknown option '--modle'", "'--model'", "--help"});
  expect_failure(run_program({.arguments = {"train", "a.toml", "--resum", "--out", "o"}}),
                 2,
                 {"stratagram train", "'--resum'", "'--resume'"});
}

TEST(Usage, AMissingValueNamesItsOption) {
  expect_failure(run_program({.arguments = {"train", "a.toml", "--out"}}),
                 2,
                 {"stratagram train: usage error", "--out", "see stratagram train --help"});
}

TEST(Usage, AMissingOptionIsNamed) {
  expect_failure(run_program({.arguments = {"generate", "--prompt", "x"}}),
                 2,
                 {"stratagram generate: usage error", "--model is required"});
  expect_failure(run_program({.arguments = {"train"}}), 2, {"CONFIG.toml is required"});
}

TEST(Usage, AValueOutOfRangeNamesTheOptionAndTheRange) {
  const std::vector<std::string> start = {"generate", "--model", "m", "--prompt", "x"};
  const auto with = [&](const std::string& option, const std::string& value) {
    std::vector<std::string> words = start;
    words.insert(words.end(), {option, value});
    return run_program({.arguments = words});
  };

  expect_failure(with("--top-p", "1.5"), 2, {"--top-p", "1.5", "1"});
  expect_failure(with("--samples", "0"), 2, {"--samples", "0"});
  expect_failure(with("--seed", "many"), 2, {"--seed", "many"});
}

TEST(Usage, TooManyArgumentsAreRefused) {
  expect_failure(run_program({.arguments = {"doctor", "now"}}), 2, {"stratagram doctor", "'now'"});
}

TEST(Usage, OptionsThatExcludeOrNeedEachOtherSaySo) {
  expect_failure(run_program({.arguments = {"generate", "--model", "m"}}),
                 2,
                 {"stratagram generate", "--prompt TEXT or --problems FILE"});
  expect_failure(run_program({.arguments = {"verify", "--gold", "1"}}),
                 2,
                 {"stratagram verify", "--gold A and --answer B, or --pairs FILE"});
  expect_failure(
      run_program({.arguments = {"verify", "--gold", "1", "--answer", "1", "--pairs", "x"}}),
      2,
      {"--pairs FILE"});
}

TEST(Usage, AnUnknownLogLevelIsRefused) {
  expect_failure(run_program({.arguments = {"doctor", "--log", "loud"}}),
                 2,
                 {"log level", "trace, debug, info, warn, error, off", "'loud'"});
}

TEST(Usage, TheLogLevelMayStandBeforeOrAfterTheCommand) {
  const Workspace work;
  const std::vector<std::string> command = {
      "generate", "--model", "model", "--prompt", "x", "--max-new-tokens", "2"};
  std::vector<std::string> before = command;
  before.insert(before.begin(), {"--log", "off"});
  std::vector<std::string> after = command;
  after.insert(after.end(), {"--log", "off"});

  EXPECT_EQ(work.run(before).err, "");
  EXPECT_EQ(work.run(after).err, "");
  EXPECT_THAT(work.run(command).err, HasSubstr("parameters"));
}

TEST(Usage, TheVersionIsAResult) {
  const ProgramResult result = run_program({.arguments = {"--version"}});

  expect_success(result);
  EXPECT_THAT(result.out, StartsWith("stratagram "));
  EXPECT_EQ(result.err, "");
}

}  // namespace
}  // namespace stratagram
