#include "judge/record.h"

#include <gmock/gmock.h>

#include "core/file.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace stratagram::judge {
namespace {

using nlohmann::json;
using Mode = Record::Mode;

Question question(const std::string& text, int64_t attempt = 1) {
  return {.body = {{"model", "m"}, {"text", text}}, .prompts = 1, .attempt = attempt};
}

class RecordFile : public testing::Test {
 protected:
  void keep(const std::string& text, const std::string& answer) const {
    Record record(path, Mode::kAppend);
    (void)record.add(question(text), {.text = answer, .finish = "stop"});
  }
  TempFolder folder;
  std::filesystem::path path = folder.path() / "r.jsonl";
};

TEST_F(RecordFile, GivesBackWhatAnEarlierProcessKept) {
  {
    Record record(path, Mode::kAppend);
    (void)record.add(
        question("a"),
        {.text = "B", .finish = "stop", .tokens = TokenUse{.prompt = 5, .completion = 1}});
  }
  for (const Mode mode : {Mode::kAppend, Mode::kReplay, Mode::kLook}) {
    const Record record(path, mode);

    const auto found = record.find(question("a").key());

    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->text, "B");
    EXPECT_EQ(found->finish, "stop");
    EXPECT_EQ(found->tokens->prompt, 5);
    EXPECT_EQ(record.num_found_at_start(), 1);
    EXPECT_FALSE(record.find(question("b").key()).has_value());
  }
}

TEST_F(RecordFile, TellsQuestionsApartByBodyPromptsAndAttempt) {
  Question prompts = question("a");
  prompts.prompts = 2;

  EXPECT_NE(question("a").key(), question("b").key());
  EXPECT_NE(question("a").key(), question("a", 2).key());
  EXPECT_NE(question("a").key(), prompts.key());
}

TEST_F(RecordFile, KeepsTheFirstOfTwoAnswersToOneQuestion) {
  Record record(path, Mode::kAppend);
  (void)record.add(question("a"), {.text = "B"});

  EXPECT_EQ(record.add(question("a"), {.text = "C"}).text, "B");
  EXPECT_EQ(record.find(question("a").key())->text, "B");
}

TEST_F(RecordFile, DropsALastLineThatWasCutShort) {
  keep("a", "B");
  keep("b", "C");
  const std::string whole = read_file(path);
  for (const size_t cut : {1, 20}) {
    folder.write("r.jsonl", whole.substr(0, whole.size() - cut));
    for (const Mode mode : {Mode::kReplay, Mode::kAppend}) {
      const Record record(path, mode);
      EXPECT_EQ(record.num_found_at_start(), 1);
    }
  }
}

TEST_F(RecordFile, RefusesADamagedLineAndNamesIt) {
  keep("a", "B");
  const std::string whole = read_file(path);
  folder.write("r.jsonl", whole + "{\"key\": 1}\n");

  for (const Mode mode : {Mode::kReplay, Mode::kAppend}) {
    expect_error([&] { const Record record(path, mode); }, ErrorKind::kData, "r.jsonl:3");
  }
}

TEST_F(RecordFile, RefusesAFileThatIsNoRecord) {
  folder.write("r.jsonl", "{\"response\": \"text\"}\n");

  expect_error([&] { const Record record(path, Mode::kReplay); },
               ErrorKind::kData,
               "the head of a record of exchanges");
  expect_error([&] { const Record record(path, Mode::kAppend); }, ErrorKind::kData, "r.jsonl:1");
  EXPECT_EQ(read_file(path), "{\"response\": \"text\"}\n");
}

TEST_F(RecordFile, IsNeededForAReplayAndNotForALook) {
  expect_error([&] { const Record record(path, Mode::kReplay); }, ErrorKind::kData, "r.jsonl");

  const Record look(path, Mode::kLook);

  EXPECT_EQ(look.num_found_at_start(), 0);
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(RecordFile, IsLockedAgainstASecondWriter) {
  const Record first(path, Mode::kAppend);

  expect_error([&] { const Record second(path, Mode::kAppend); }, ErrorKind::kData, "r.jsonl");
}

}  // namespace
}  // namespace stratagram::judge
