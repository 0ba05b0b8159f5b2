// The help: what it must hold, and that what it shows can be typed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/cli/workspace.h"
#include "tests/support/tiny_folder.h"

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
          {"verify"},
          {"grams"},
          {"grams", "tag"},
          {"grams", "show"},
          {"grams", "placebo"},
          {"data"},
          {"data", "make"},
          {"data", "list"},
          {"data", "fetch"},
          {"data", "path"},
          {"models"},
          {"doctor"}};
}

std::string help_of(const std::vector<std::string>& command) {
  std::vector<std::string> words = command;
  words.emplace_back("--help");
  const ProgramResult result = run_program({.arguments = words});
  expect_success(result);
  EXPECT_EQ(result.err, "");
  return result.out;
}

// Splits as a shell does: blanks part words, single quotes keep them together.
std::vector<std::string> shell_words(const std::string& line) {
  std::vector<std::string> words;
  bool quoted = false;
  bool open = false;
  for (const char c : line) {
    if (c == '\'') {
      quoted = !quoted;
      if (!open) words.emplace_back();
      open = true;
    } else if (c == ' ' && !quoted) {
      open = false;
    } else {
      if (!open) words.emplace_back();
      open = true;
      words.back() += c;
    }
  }
  return words;
}

std::vector<std::string> examples() {
  std::vector<std::string> all;
  for (const auto& command : commands()) {
    for (const std::string& line : lines_of(help_of(command))) {
      if (line.starts_with("example  ")) all.push_back(line.substr(9));
    }
  }
  return all;
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
  EXPECT_THAT(help_of({"grams", "tag"}), HasSubstr("tag FILE... [--catalogue NAME]"));
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

// Files of the names that the examples use, small.
class Examples : public testing::Test {
 protected:
  Examples() {
    write_tiny_folder(work.path("data/models/lab"));
    for (const auto& [name, source] : {std::pair{"configs/smollm2-135m.toml", "run.toml"},
                                       std::pair{"configs/lab-sft.toml", "sft.toml"}}) {
      work.write(name, work.read(source));
    }
    work.write("puzzles.jsonl", work.read("problems.jsonl"));
    write_result(work, "runs/eval-grpo", "0011");
    write_result(work, "runs/eval-hicra", "0111");
  }
  Workspace work;
};

TEST_F(Examples, EachRunsAsItStands) {
  const std::vector<std::string> lines = examples();
  EXPECT_GE(lines.size(), 20);
  for (const std::string& line : lines) {
    SCOPED_TRACE(line);
    if (line.starts_with("stratagram data fetch")) continue;  // the test below
    if (line.starts_with("stratagram grams placebo")) {
      // A random model writes no strategic gram.
      work.write("runs/demo/rollouts/000000.jsonl",
                 "{\"response\": \"what if we try this now and then add up all the numbers\"}\n");
    }
    std::string command = line;
    ProgramCall call;
    if (const size_t pipe = line.find(" | "); pipe != std::string::npos) {
      ASSERT_THAT(line, StartsWith("echo "));
      call.input = shell_words(line.substr(0, pipe)).at(1) + "\n";
      command = line.substr(pipe + 3);
    }
    std::vector<std::string> words = shell_words(command);
    ASSERT_EQ(words.at(0), "stratagram");
    words.erase(words.begin());
    // The length budget of the programs is that of real models.
    if (words[0] == "generate" || words[0] == "eval") {
      words.insert(words.end(), {"--max-new-tokens", "4"});
    }
    for (const std::string& word : words) {
      if (!word.starts_with("configs/")) continue;
      EXPECT_TRUE(fs::exists(fs::path(STRATAGRAM_SOURCE_DIR) / word));
    }
    call.arguments = words;

    const ProgramResult result = work.run(call);

    expect_success(result);
  }
}

// It would download; so only that its sets are known.
TEST_F(Examples, OfDataFetchNamesSetsThatAreListed) {
  const std::string list = work.run({"data", "list"}).out;
  int64_t num_names = 0;
  for (const std::string& line : lines_of(help_of({"data", "fetch"}))) {
    if (!line.starts_with("example  ")) continue;
    const std::vector<std::string> words = shell_words(line.substr(9));
    for (size_t i = 3; i < words.size(); ++i) {
      ++num_names;
      EXPECT_THAT(list, HasSubstr("\n" + words[i] + " "));
    }
  }
  EXPECT_GE(num_names, 1);
}

}  // namespace
}  // namespace stratagram
