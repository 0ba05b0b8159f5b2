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

// Copying such a value, or showing it in a message, would run out of stack.
TEST(JsonlReader, RefusesALineThatIsNestedWithoutEnd) {
  const TempFolder folder;
  JsonlReader reader(folder.write("a.jsonl", "{}\n" + std::string(1'000'000, '[')));
  ASSERT_TRUE(reader.next().has_value());

  EXPECT_THAT([&] { (void)reader.next(); },
              ThrowsMessage<Error>(HasSubstr("a.jsonl:2: is nested deeper than 100 levels")));
}

TEST(ParseJsonObject, CountsOnlyTheBracketsThatNest) {
  std::string wide = "{\"a\": [\"" + std::string(300, '[') + "\\\"[[\"";
  for (int i = 0; i < 300; ++i) wide += ", []";

  EXPECT_NO_THROW((void)parse_json_object(wide + "]}", "x"));
  EXPECT_THAT([&] { (void)parse_json_object("{\"a\": " + std::string(100, '['), "x.json"); },
              ThrowsMessage<Error>(HasSubstr("x.json: is nested deeper than 100 levels")));
  EXPECT_THAT([&] { (void)parse_json_object("{\"a\": " + std::string(99, '['), "x.json"); },
              ThrowsMessage<Error>(HasSubstr("x.json: is not a JSON object")));
  EXPECT_THAT([&] { (void)parse_json_object("[[]]", "x.json"); },
              ThrowsMessage<Error>(HasSubstr("x.json: is not a JSON object")));
}

TEST(FieldOf, DoesNotWrapAnIntegerBeyond64Bits) {
  const nlohmann::json row = {{"a", 18446744073709551615U}, {"b", {1, 18446744073709551615U}}};

  EXPECT_THAT(
      [&] { (void)field_of<int64_t>(row, "a", "x"); },
      ThrowsMessage<Error>(HasSubstr("field 'a': wanted an integer, got 18446744073709551615")));
  EXPECT_THROW((void)field_of<std::vector<int64_t>>(row, "b", "x"), Error);
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
