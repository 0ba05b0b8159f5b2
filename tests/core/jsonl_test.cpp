#include "core/jsonl.h"

#include <gmock/gmock.h>

#include "core/error.h"
#include "tests/support/temp_folder.h"

namespace stratagram {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(JsonlReader, NamesTheLineOfBrokenText) {
  const TempFolder folder;
  const auto path = folder.write("a.jsonl", "{\"a\": 1}\n\n{\"a\": \n");
  JsonlReader reader(path);
  ASSERT_TRUE(reader.next().has_value());

  EXPECT_THAT([&] { (void)reader.next(); }, ThrowsMessage<Error>(HasSubstr("a.jsonl:3: ")));
}

TEST(JsonlReader, RefusesALineThatIsNotAnObject) {
  const TempFolder folder;
  JsonlReader reader(folder.write("a.jsonl", "[1]\n"));

  EXPECT_THAT([&] { (void)reader.next(); },
              ThrowsMessage<Error>(HasSubstr("a.jsonl:1: wanted a JSON object, got [1]")));
}

TEST(JsonlReader, ReadsTheLastLineWithoutANewline) {
  const TempFolder folder;
  JsonlReader reader(folder.write("a.jsonl", "\xEF\xBB\xBF{\"a\": 1}\r\n{\"a\": 2}"));

  EXPECT_EQ(reader.next()->at("a"), 1);
  EXPECT_EQ(reader.next()->at("a"), 2);
  EXPECT_FALSE(reader.next().has_value());
}

TEST(FieldOf, SaysWhatWasWantedAndWhatCame) {
  const nlohmann::json object = {{"id", 5}};

  EXPECT_THAT([&] { (void)field_of<std::string>(object, "id", "f:1"); },
              ThrowsMessage<Error>("f:1: field 'id': wanted a string, got 5"));
  EXPECT_THAT([&] { (void)field_of<std::string>(object, "answer", "f:1"); },
              ThrowsMessage<Error>("f:1: field 'answer': wanted a string, got nothing"));
}

TEST(RoundSignificant, KeepsSixDigits) {
  EXPECT_EQ(round_significant(-0.123456789), -0.123457);
  EXPECT_EQ(round_significant(123456789.0), 123457000.0);
  EXPECT_EQ(round_significant(0.0), 0.0);
}

TEST(ToJsonLine, ReplacesBytesThatAreNotUtf8) {
  EXPECT_EQ(to_json_line({{"t", "a\xFF"}}), "{\"t\":\"a\xEF\xBF\xBD\"}");
}

}  // namespace
}  // namespace stratagram
