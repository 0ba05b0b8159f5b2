// The help: what it must hold, and that what it shows can be typed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

#include "tests/cli/workspace.h"

namespace stratagram {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using testing::StartsWith;

std::vector<std::vector<std::string>> commands() {
  return {{},
          {"train"},
          {"sft"},
          {"config"},
          {"generate"},
          {"score"},
          {"tokenize"},
          {"eval"},
          {"compare"},
          {"analyze"},
          {"verify"},
          {"grams"},
          {"grams", "tag"},
          {"grams", "show"},
          {"grams", "mine"},
          {"grams", "cluster"},
          {"grams", "fit"},
          {"grams", "select"},
          {"grams", "quality"},
          {"grams", "freeze"},
          {"grams", "diff"},
          {"grams", "coverage"},
          {"grams", "placebo"},
          {"grams", "review"},
          {"grams", "annotate"},
          {"errors"},
          {"data"},
          {"data", "make"},
          {"data", "list"},
          {"data", "fetch"},
          {"data", "path"},
          {"models"},
          {"doctor"},
          {"bench"}};
}

std::string help_of(const std::vector<std::string>& command) {
  std::vector<std::string> words = command;
  words.emplace_back("--help");
  const ProgramResult result = run_program({.arguments = words});
  expect_success(result);
  EXPECT_EQ(result.err, "");
  return result.out;
}

// The lines of a help that are to be typed: those that make what an example needs, then the
// example.
std::vector<std::string> lines_to_type(const std::vector<std::string>& command) {
  std::vector<std::string> lines;
  for (const std::string& line : lines_of(help_of(command))) {
    if (line.starts_with("first    ") || line.starts_with("example  ")) {
      lines.push_back(line.substr(9));
    }
  }
  return lines;
}

TEST(Help, HasUsagePurposeAndExampleForEveryCommandAndFitsTheTerminal) {
  for (const auto& command : commands()) {
    const std::string help = help_of(command);
    SCOPED_TRACE(help);

    const std::vector<std::string> lines = lines_of(help);
    EXPECT_THAT(lines.at(0), MatchesRegex("stratagram[ a-z]* - .+"));
    EXPECT_THAT(lines.at(1), StartsWith("usage: stratagram"));
    EXPECT_THAT(help, HasSubstr("\nexample  "));
    EXPECT_THAT(help, HasSubstr("\nexits    "));
    for (const std::string& line : lines) {
      EXPECT_LE(line.size(), 100) << line;
      EXPECT_THAT(line, Not(MatchesRegex(".* ")));
    }
  }
}

TEST(Help, ShowsTheExampleOfTheCommandAndOfNoOther) {
  for (const auto& command : commands()) {
    std::string name = "stratagram";
    for (const std::string& word : command) name += " " + word;
    for (const std::string& line : lines_of(help_of(command))) {
      if (!line.starts_with("example  ")) continue;
      EXPECT_THAT(line + " ", HasSubstr(name + " "));
    }
  }
}

TEST(Help, OfDataFetchNamesItsArgumentAndItsFlag) {
  const std::string help = help_of({"data", "fetch"});

  EXPECT_THAT(help, HasSubstr("usage: stratagram data fetch [NAME]... [--all]\n"));
  EXPECT_THAT(help, HasSubstr("\n  NAME   sets of"));
  EXPECT_THAT(help, HasSubstr("\n  --all  every set"));
}

TEST(Help, MarksEveryArgumentThatMayBeGivenAgain) {
  EXPECT_THAT(help_of({"compare"}), HasSubstr("compare FOLDER... [--seed N]"));
  EXPECT_THAT(help_of({"grams", "tag"}), HasSubstr("tag ROLLOUTS... [--preset NAME]"));
}

TEST(Help, GivesTheDefaultsOfTheProgramItself) {
  const std::string help = help_of({"generate"});

  EXPECT_THAT(help, HasSubstr("length budget of a response; default 512"));
  EXPECT_THAT(help, HasSubstr("  --model M"));
  EXPECT_THAT(help, HasSubstr("usage: stratagram generate --model M "));
  EXPECT_THAT(help, HasSubstr("\nsampling\n"));
}

TEST(Help, OfARunSaysWhatIsWrittenAndTheExitCodes) {
  for (const char* command : {"train", "sft"}) {
    const std::string help = help_of({command});

    EXPECT_THAT(help, HasSubstr("writes   DIR/config.json"));
    EXPECT_THAT(help, HasSubstr("6 interrupted, resumable"));
    EXPECT_THAT(help, HasSubstr("[--set KEY=VALUE]..."));
  }
}

// What a fresh clone holds, and nothing else.
class Examples : public testing::Test {
 protected:
  Examples() {
    for (const auto& entry : fs::directory_iterator(work.path())) fs::remove_all(entry.path());
    for (const char* folder : {"configs", "data", "scripts"}) {
      fs::create_directory_symlink(fs::absolute(STRATAGRAM_SOURCE_DIR) / folder, work.path(folder));
    }
  }

  // What the demo leaves, as far as examples name it; it takes a quarter of an hour.
  void leave_demo() const {
    write_result(work, "runs/demo/eval-grpo", "0011");
    write_result(work, "runs/demo/eval-hicra", "0111");
    std::string rollouts;
    for (int i = 0; i < 5; ++i) {  // as many as a gram must occur in to be mined
      rollouts += "{\"response\": \"what if we try this now and then add up all the numbers to " +
                  std::to_string(i) + "\"}\n";
    }
    work.write("runs/demo/grpo/rollouts/000000.jsonl", rollouts);
  }

  void type(const std::string& line) const {
    SCOPED_TRACE(line);
    if (line == "scripts/demo.sh") {
      leave_demo();
      return;
    }

    const ProgramResult result = work.run({.shell_line = line + shortened(line)});

    expect_success(result);
  }

  // What makes a line's work small: the defaults are those of real work.
  static std::string shortened(const std::string& line) {
    const auto holds = [&](const char* part) { return line.find(part) != std::string::npos; };
    if (holds("stratagram generate") || holds("stratagram eval")) return " --max-new-tokens 4";
    if (holds("data make") && !holds("--count")) return " --count 8";
    if (holds("stratagram bench")) return " --prompt 8 --new 4";
    if (holds("stratagram train")) {
      return " --set run.num_steps=1 --set run.prompts_per_step=2 --set rollout.max_new_tokens=8"
             " --set rollout.max_sequences=16";
    }
    return "";
  }

  Workspace work;
};

class EachExample : public Examples,
                    public testing::WithParamInterface<std::vector<std::string>> {};

TEST_P(EachExample, RunsInAFreshCloneAsItStands) {
  const std::vector<std::string> lines = lines_to_type(GetParam());

  EXPECT_FALSE(lines.empty());
  for (const std::string& line : lines) type(line);
}

std::string test_name(const testing::TestParamInfo<std::vector<std::string>>& info) {
  std::string name = "stratagram";
  for (const std::string& word : info.param) name += "_" + word;
  return name;
}

std::vector<std::vector<std::string>> commands_but_fetch() {
  std::vector<std::vector<std::string>> all = commands();
  std::erase(all, std::vector<std::string>{"data", "fetch"});  // the test below
  // Wants labelled grams among those mined, so solutions of one's own: grams_select_test.cpp.
  std::erase(all, std::vector<std::string>{"grams", "fit"});
  return all;
}

INSTANTIATE_TEST_SUITE_P(Help, EachExample, testing::ValuesIn(commands_but_fetch()), test_name);

// It would download; so only that its sets are known.
TEST_F(Examples, OfDataFetchNamesSetsThatAreListed) {
  const std::string list = work.run({"data", "list"}).out;
  int64_t num_names = 0;
  for (const std::string& line : lines_to_type({"data", "fetch"})) {
    std::istringstream words(line);
    std::string word;
    for (int i = 0; i < 3; ++i) words >> word;  // stratagram data fetch
    while (words >> word) {
      ++num_names;
      EXPECT_THAT(list, HasSubstr("\n" + word + " "));
    }
  }
  EXPECT_GE(num_names, 1);
}

}  // namespace
}  // namespace stratagram
