#include "judge/judge.h"

#include <gmock/gmock.h>

#include "core/file.h"
#include "tests/support/chat.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace stratagram::judge {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

const ChatSettings kSettings{.model = "m", .temperature = 0.25, .max_answer_tokens = 64};
const Message kMessage{.system = "s", .user = "u"};

class AskJudge : public testing::Test {
 protected:
  [[nodiscard]] static TransportOptions options_for(const PostServer& server) {
    return {.endpoint = {.url = server.url("/v1"), .key = "sk-secret"},
            .patience = {.max_tries = 2, .first_wait = std::chrono::milliseconds(1)}};
  }
  TempFolder folder;
  std::filesystem::path path = folder.path() / "r.jsonl";
};

TEST_F(AskJudge, SendsAChatRequestAndReadsItsReply) {
  const PostServer server([](const SeenPost&) { return PostAnswer{.body = chat_reply("B")}; });
  Transport transport(options_for(server));
  Record record(path, Record::Mode::kAppend);
  Judge judge(kSettings, record, &transport);

  const Answer answer = judge.ask(kMessage, 1, 1);

  EXPECT_EQ(answer.text, "B");
  EXPECT_EQ(answer.finish, "stop");
  ASSERT_EQ(server.seen().size(), 1U);
  EXPECT_EQ(server.seen()[0].path, "/v1/chat/completions");
  EXPECT_EQ(
      json::parse(server.seen()[0].body),
      json({{"model", "m"},
            {"temperature", 0.25},
            {"max_tokens", 64},
            {"messages",
             {{{"role", "system"}, {"content", "s"}}, {{"role", "user"}, {"content", "u"}}}}}));
}

TEST_F(AskJudge, CountsAQuarterOfTheBytesWhereTheServerNamesNoTokens) {
  json reply = json::parse(chat_reply(std::string(40, 'B')));
  reply.erase("usage");
  const PostServer server([&](const SeenPost&) { return PostAnswer{.body = reply.dump()}; });
  Transport transport(options_for(server));
  Record record(path, Record::Mode::kAppend);
  Judge judge(kSettings, record, &transport);

  (void)judge.ask(kMessage, 1, 1);

  const TokenUse asked = estimated_use(chat_body(kSettings, kMessage), 0);
  EXPECT_EQ(judge.spending().tokens.prompt, asked.prompt);
  EXPECT_EQ(judge.spending().tokens.completion, 10);
}

TEST_F(AskJudge, AsksNothingTwice) {
  const PostServer server([](const SeenPost&) { return PostAnswer{.body = chat_reply("B")}; });
  Transport transport(options_for(server));
  for (int run = 0; run < 2; ++run) {
    Record record(path, Record::Mode::kAppend);
    Judge judge(kSettings, record, &transport);
    EXPECT_EQ(judge.ask(kMessage, 1, 1).text, "B");
    EXPECT_EQ(judge.num_from_record(), run);
  }
  EXPECT_EQ(server.seen().size(), 1U);
}

TEST_F(AskJudge, RecordsNoKeyEvenWhenTheJudgeRepeatsIt) {
  const PostServer server(
      [](const SeenPost&) { return PostAnswer{.body = chat_reply("your key is sk-secret")}; });
  Transport transport(options_for(server));
  Record record(path, Record::Mode::kAppend);
  Judge judge(kSettings, record, &transport);

  EXPECT_EQ(judge.ask(kMessage, 1, 1).text, "your key is [key]");

  EXPECT_THAT(read_file(path), Not(HasSubstr("sk-secret")));
}

TEST_F(AskJudge, ReplayNamesTheQuestionThatItLacks) {
  {
    Record record(path, Record::Mode::kAppend);
    (void)record.add({.body = {}}, {.text = "B"});
  }
  Record record(path, Record::Mode::kReplay);
  Judge judge(kSettings, record, nullptr);

  expect_error([&] { (void)judge.ask(kMessage, 3, 1); },
               ErrorKind::kData,
               "(model m, prompts 3, attempt 1: 'u'); ask it with --judge URL --record");
}

TEST_F(AskJudge, TakesARefusalAsAnAnswerWithoutWords) {
  const PostServer server([](const SeenPost&) {
    return PostAnswer{.body =
                          R"({"choices": [{"message": {"role": "assistant", "content": null}}]})"};
  });
  Transport transport(options_for(server));
  Record record(path, Record::Mode::kAppend);
  Judge judge(kSettings, record, &transport);

  EXPECT_EQ(judge.ask(kMessage, 1, 1).text, "");
  EXPECT_EQ(server.seen().size(), 1U);
}

TEST_F(AskJudge, DoesNotTakeAReplyWithoutChoicesForAnAnswer) {
  for (const char* body :
       {R"({"choices": []})", R"({"choices": {"0": 1}})", R"({"choices": [1]})", R"({"ok": 1})"}) {
    const PostServer server([&](const SeenPost&) { return PostAnswer{.body = body}; });
    Transport transport(options_for(server));
    Record record(path, Record::Mode::kAppend);
    Judge judge(kSettings, record, &transport);

    expect_error([&] { (void)judge.ask(kMessage, 1, 1); },
                 ErrorKind::kData,
                 "wanted a chat completion with choices[0].message");

    EXPECT_EQ(server.seen().size(), 2U);
  }
}

TEST_F(AskJudge, CountsRepliesThatWereCutShort) {
  const PostServer server([](const SeenPost&) {
    return PostAnswer{
        .body = R"({"choices": [{"message": {"content": "The"}, "finish_reason": "length"}]})"};
  });
  Transport transport(options_for(server));
  Record record(path, Record::Mode::kAppend);
  Judge judge(kSettings, record, &transport);

  (void)judge.ask(kMessage, 1, 1);

  EXPECT_EQ(judge.num_cut_short(), 1);
}

TEST(ChatBody, LaysTheUsersFieldsOverTheRequest) {
  ChatSettings settings = kSettings;
  settings.extra = {{"max_tokens", nullptr}, {"max_completion_tokens", 9}};

  const json body = chat_body(settings, kMessage);

  EXPECT_FALSE(body.contains("max_tokens"));
  EXPECT_EQ(body.at("max_completion_tokens"), 9);
  EXPECT_EQ(body.at("temperature"), 0.25);
}

TEST(ChatBody, RefusesFieldsThatAreOurs) {
  for (const char* name : {"model", "messages", "stream", "n"}) {
    ChatSettings settings = kSettings;
    settings.extra = {{name, 1}};
    expect_error([&] { (void)chat_body(settings, kMessage); }, ErrorKind::kConfig, name);
  }
}

TEST(EstimatedUse, IsAQuarterOfTheBytesAndTheLongestAnswer) {
  const json body = chat_body(kSettings, {.system = std::string(400, 'x'), .user = "12345"});

  const TokenUse use = estimated_use(body, 64);

  EXPECT_EQ(use.prompt, 100 + 2 + 8);
  EXPECT_EQ(use.completion, 64);
}

}  // namespace
}  // namespace stratagram::judge
