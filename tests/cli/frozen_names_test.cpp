// Names that people's scripts and files rely on. A name that comes, goes or changes must show up in
// the diff of tests/data/cli: run with STRATAGRAM_UPDATE_GOLDEN=1 to rewrite the lists.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "core/file.h"
#include "tests/cli/workspace.h"

namespace stratagram {
namespace {

// Lines of `--help` that begin with two blanks and a name: commands and arguments.
struct Help {
  std::vector<std::string> commands;
  std::vector<std::string> arguments;
};

Help help_of(const std::vector<std::string>& command) {
  std::vector<std::string> words = command;
  words.emplace_back("--help");
  const ProgramResult result = run_program({.arguments = words});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  Help help;
  for (const std::string& line : lines_of(result.out)) {
    if (!line.starts_with("  ") || line.starts_with("   ")) continue;
    const std::string name = line.substr(2, line.find_first_of(" ,", 2) - 2);
    if (name.empty()) continue;
    const bool is_command =
        name.find_first_not_of("abcdefghijklmnopqrstuvwxyz") == std::string::npos;
    (is_command ? help.commands : help.arguments).push_back(name);
  }
  return help;
}

std::string all_flags() {
  std::string text;
  std::vector<std::vector<std::string>> commands = {{}};
  for (size_t i = 0; i < commands.size(); ++i) {
    const std::vector<std::string> command = commands[i];
    std::string name = "stratagram";
    for (const std::string& word : command) name += " " + word;
    const Help help = help_of(command);
    text += name + "\n";
    for (const std::string& argument : help.arguments) text += "  " + argument + "\n";
    for (const std::string& word : help.commands) {
      commands.push_back(command);
      commands.back().push_back(word);
    }
  }
  return text;
}

// "train rollout.max_new_tokens": the sections and names that `stratagram config` prints.
std::string all_keys() {
  std::string text;
  for (const char* command : {"train", "sft"}) {
    const ProgramResult result = run_program({.arguments = {"config", command}});
    std::string section;
    for (const std::string& line : lines_of(result.out)) {
      if (line.starts_with('[')) section = line.substr(1, line.find(']') - 1);
      const size_t equals = line.find(" = ");
      if (!line.starts_with("  ") || line.starts_with("   ") || equals == std::string::npos)
        continue;
      text += std::string(command) + " " + section + "." + line.substr(2, equals - 2) + "\n";
    }
  }
  return text;
}

void expect_frozen(const std::string& name, const std::string& got) {
  const std::filesystem::path file = std::filesystem::path(STRATAGRAM_TEST_DATA) / "cli" / name;
  if (std::getenv("STRATAGRAM_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(file) << got;
    GTEST_SKIP() << file << " was rewritten";
  }
  const std::vector<std::string> now = lines_of(got);
  const std::vector<std::string> frozen = lines_of(read_file(file));
  EXPECT_GT(frozen.size(), 50);
  EXPECT_THAT(now, testing::ElementsAreArray(frozen))
      << "if this is meant, run with STRATAGRAM_UPDATE_GOLDEN=1 and say so in docs";
}

TEST(FrozenNames, CommandsAndFlagsAreThoseOfTheList) {
  expect_frozen("flags.txt", all_flags());
}

TEST(FrozenNames, ConfigurationKeysAreThoseOfTheList) {
  expect_frozen("config_keys.txt", all_keys());
}

}  // namespace
}  // namespace stratagram
