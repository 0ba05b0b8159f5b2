#include "text/token_data.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace stratagram::text {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;

TokenData data_of(const std::string& row) {
  return token_data_of(json::parse(row), "rows.jsonl:7");
}

void expect_refused(const std::string& row, const std::string& message) {
  expect_error([&] { (void)data_of(row); }, ErrorKind::kData, message);
}

TEST(TokenData, ReadsTheFieldsOfARollout) {
  const TokenData data = data_of(
      R"({"prompt_token_ids":[7],"token_ids":[1,2,3],"logprobs":[-1,-0.5,-2],)"
      R"("entropies":[1,0,2.5],"planning":[{"begin":1,"end":3,"gram":"let me"}],"finish":"length"})");

  EXPECT_THAT(data.prompt_token_ids, ElementsAre(7));
  EXPECT_THAT(data.token_ids, ElementsAre(1, 2, 3));
  EXPECT_THAT(data.logprobs, ElementsAre(-1.0F, -0.5F, -2.0F));
  EXPECT_THAT(data.entropies, ElementsAre(1.0F, 0.0F, 2.5F));
  ASSERT_TRUE(data.planning && data.planning->size() == 1);
  EXPECT_EQ(data.planning->front().begin, 1);
  EXPECT_EQ(data.planning->front().end, 3);
  EXPECT_EQ(data.finish, Finish::kLength);
}

TEST(TokenData, OfARowThatSaysNothingIsEmpty) {
  const TokenData data = data_of(R"({"response":"a","token_ids":null,"planning":null})");

  EXPECT_THAT(data.token_ids, IsEmpty());
  EXPECT_THAT(data.logprobs, IsEmpty());
  EXPECT_FALSE(data.planning.has_value());
  EXPECT_FALSE(data.finish.has_value());
}

// Others' rows have log-probabilities in forms of their own, and a word for every way to end.
TEST(TokenData, LeavesOutWhatOnlyAnotherProgramUnderstands) {
  const TokenData data =
      data_of(R"({"logprobs":{"content":[]},"finish":"eos_token_hit","token_ids":[1]})");

  EXPECT_THAT(data.logprobs, IsEmpty());
  EXPECT_THAT(data.entropies, IsEmpty());
  EXPECT_FALSE(data.finish.has_value());
}

TEST(TokenData, AnEmptyListOfSpansIsNotAnAbsentOne) {
  const TokenData data = data_of(R"({"planning":[]})");

  ASSERT_TRUE(data.planning.has_value());
  EXPECT_THAT(*data.planning, IsEmpty());
}

TEST(TokenData, NamesListsOfDifferentLengths) {
  expect_refused(R"({"token_ids":[1,2],"logprobs":[-1],"entropies":[1]})",
                 "rows.jsonl:7: wanted one item a token, got 2 token_ids, 1 logprobs and 1 "
                 "entropies; score the rows again");
  expect_refused(R"({"logprobs":[-1,-1],"entropies":[1]})", "2 logprobs and 1 entropies");
}

TEST(TokenData, NamesIdsAndValuesThatCannotBe) {
  expect_refused(R"({"token_ids":[1,-1]})", "field 'token_ids': wanted ids from 0 to 2147483647");
  expect_refused(R"({"token_ids":[2147483648]})", "got 2147483648");
  expect_refused(R"({"token_ids":["one"]})", "field 'token_ids'");
  expect_refused(R"({"logprobs":[1e300],"entropies":[1]})",
                 "field 'logprobs': wanted finite numbers");
}

TEST(TokenData, NamesSpansBeyondTheTokens) {
  expect_refused(R"({"token_ids":[1,2],"planning":[{"begin":1,"end":3}]})", "tokens 1 to 3 of 2");
  expect_refused(R"({"token_ids":[1,2],"planning":[{"begin":2,"end":1}]})", "tokens 2 to 1 of 2");
  expect_refused(R"({"token_ids":[1,2],"planning":[{"begin":-1,"end":1}]})", "tokens -1 to 1");
  expect_refused(R"({"token_ids":[1,2],"planning":{"begin":0}})",
                 "wanted a list of spans, got object");
  expect_refused(R"({"token_ids":[1,2],"planning":[{"begin":0}]})", "rows.jsonl:7");
}

TEST(TokenData, IsReadOnlyWhenAskedForAndNamesTheRow) {
  const TempFolder folder;
  const std::vector<std::filesystem::path> paths{
      folder.write("rows.jsonl", "{\"response\":\"a\",\"token_ids\":[-1]}\n")};

  SolutionReader without(paths, {});
  SolutionReader with(paths, {.tokens = true});

  EXPECT_FALSE(without.next()->tokens.has_value());
  expect_error([&] { (void)with.next(); }, ErrorKind::kData, "rows.jsonl:1: field 'token_ids'");
}

TEST(SolutionReader, SaysWhichFileTheLastResponseCameFrom) {
  const TempFolder folder;
  const std::vector<std::filesystem::path> paths{folder.write("a.jsonl", "{\"response\":\"1\"}\n"),
                                                 folder.write("b.jsonl", "{\"response\":\"2\"}\n")};
  SolutionReader reader(paths, {});

  EXPECT_EQ(reader.file(), "");
  (void)reader.next();
  EXPECT_EQ(reader.file(), paths[0]);
  (void)reader.next();
  EXPECT_EQ(reader.file(), paths[1]);
}

}  // namespace
}  // namespace stratagram::text
