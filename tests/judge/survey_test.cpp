// Many items, two askings, a judge that may babble: what is asked, what is counted, and that a
// stopped survey goes on to the result of one that was never stopped.
#include "judge/survey.h"

#include <gmock/gmock.h>

#include <array>
#include <chrono>
#include <memory>

#include "core/file.h"
#include "core/interrupt.h"
#include "tests/support/chat.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace stratagram::judge {
namespace {

using nlohmann::json;
using testing::HasSubstr;

constexpr std::array<const char*, 3> kTruth{"red", "green", "blue"};

Survey colours(size_t num_items) {
  Survey survey{.prompts_version = 1,
                .system = "s",
                .question = "Which colour?",
                .options = {{.name = "r", .text = "red"},
                            {.name = "g", .text = "green"},
                            {.name = "b", .text = "blue"}}};
  for (size_t i = 0; i < num_items; ++i) {
    survey.items.push_back(
        {.id = std::to_string(i),
         .text = std::string("thing ") + kTruth[i % 3] + "\nof number " + std::to_string(i)});
  }
  return survey;
}

// Knows every colour, under whatever letter it stands.
std::string right_answer(const std::string& user) {
  const auto letter = [&](size_t at) {
    const size_t begin = user.find("thing ", at) + 6;
    return std::string(1, letter_of(user, user.substr(begin, user.find('\n', begin) - begin)));
  };
  if (user.find("\n[1]\n") == std::string::npos) return letter(0);
  json object = json::object();
  for (int i = 1;; ++i) {
    const size_t at = user.find("\n[" + std::to_string(i) + "]\n");
    if (at == std::string::npos) return object.dump();
    object[std::to_string(i)] = letter(at);
  }
}

PostServer::Answer knowing() {
  return [](const SeenPost& seen) {
    return PostAnswer{.body = chat_reply(right_answer(user_text(seen)))};
  };
}

class SurveyRun : public testing::Test {
 protected:
  struct Asked {
    SurveyResult result;
    Spending spending;
  };

  Asked run(const Survey& survey,
            const SurveyOptions& options,
            const PostServer& server,
            const BudgetLimits& budget = {}) const {
    Transport transport({.endpoint = {.url = server.url("/v1")},
                         .budget = budget,
                         .patience = {.max_tries = 3, .first_wait = std::chrono::milliseconds(1)}});
    Record record(path, Record::Mode::kAppend);
    Judge judge({.model = "m", .max_answer_tokens = 16}, record, &transport);
    SurveyResult result = run_survey(survey, options, judge);
    return {.result = std::move(result), .spending = judge.spending()};
  }

  [[nodiscard]] SurveyResult replay(const Survey& survey, const SurveyOptions& options) const {
    Record record(path, Record::Mode::kReplay);
    Judge judge({.model = "m", .max_answer_tokens = 16}, record, nullptr);
    return run_survey(survey, options, judge);
  }

  TempFolder folder;
  std::filesystem::path path = folder.path() / "r.jsonl";
};

void expect_truth(const SurveyResult& result) {
  for (size_t i = 0; i < result.items.size(); ++i) {
    EXPECT_EQ(result.items[i], (ItemAnswers{i % 3, i % 3})) << i;
  }
}

TEST_F(SurveyRun, MapsLettersBackToOptionsInBothAskings) {
  const PostServer server(knowing());

  const Asked asked = run(colours(30), {.batch = 1}, server);

  expect_truth(asked.result);
  EXPECT_EQ(asked.result.num_replies, 60);
  EXPECT_EQ(asked.result.num_unreadable, 0);
  EXPECT_EQ(asked.result.num_unanswered, 0);
  EXPECT_EQ(server.seen().size(), 60U);
}

TEST_F(SurveyRun, AsksManyItemsInOneRequest) {
  const PostServer server(knowing());

  const Asked asked = run(colours(31), {.batch = 10}, server);

  expect_truth(asked.result);
  EXPECT_EQ(server.seen().size(), 8U);  // three of ten and one of one, twice
}

TEST_F(SurveyRun, AJudgeThatAlwaysSaysALooksInconsistent) {
  const PostServer server([](const SeenPost&) { return PostAnswer{.body = chat_reply("A")}; });

  const Asked asked = run(colours(40), {.batch = 1}, server);

  const auto agreement =
      *agreement_of(asked.result, [](size_t option) { return static_cast<int64_t>(option); });
  EXPECT_EQ(agreement.observed, 0.0);
  EXPECT_LT(agreement.kappa, 0.0);
}

TEST_F(SurveyRun, AsksAgainForWhatItCannotRead) {
  const PostServer server([](const SeenPost& seen) {
    const std::string user = user_text(seen);
    const bool again = user.find("An earlier reply") != std::string::npos;
    return PostAnswer{.body = chat_reply(again ? right_answer(user) : "It is hard to say.")};
  });

  const Asked asked = run(colours(6), {.batch = 3, .max_attempts = 2}, server);

  expect_truth(asked.result);
  EXPECT_EQ(asked.result.num_replies, 8);
  EXPECT_EQ(asked.result.num_unreadable, 4);
  EXPECT_EQ(asked.result.num_unanswered, 0);
}

TEST_F(SurveyRun, AsksAgainOnlyForTheItemsOfABatchThatLackAnAnswer) {
  const PostServer server([](const SeenPost& seen) {
    json answers = json::parse(right_answer(user_text(seen)), nullptr, false);
    if (!answers.is_object()) return PostAnswer{.body = chat_reply(right_answer(user_text(seen)))};
    answers.erase("2");
    return PostAnswer{.body = chat_reply(answers.dump())};
  });

  const Asked asked = run(colours(3), {.batch = 3}, server);

  expect_truth(asked.result);
  const auto seen = server.seen();
  ASSERT_EQ(seen.size(), 4U);
  int64_t num_single = 0;
  for (const SeenPost& post : seen) {
    if (user_text(post).find("[1]") != std::string::npos) continue;
    ++num_single;
    EXPECT_THAT(user_text(post), HasSubstr("thing green"));
  }
  EXPECT_EQ(num_single, 2);
}

TEST_F(SurveyRun, LeavesAnItemWithoutAnswerAfterTheLastAttempt) {
  const PostServer server([](const SeenPost& seen) {
    const std::string user = user_text(seen);
    const bool babbles = user.find("thing green") != std::string::npos;
    return PostAnswer{.body = chat_reply(babbles ? "Perhaps B." : right_answer(user))};
  });

  const Asked asked = run(colours(3), {.batch = 1, .max_attempts = 3}, server);

  EXPECT_EQ(asked.result.items[1], (ItemAnswers{std::nullopt, std::nullopt}));
  EXPECT_EQ(asked.result.items[2], (ItemAnswers{2U, 2U}));
  EXPECT_EQ(asked.result.num_unanswered, 1);
  EXPECT_EQ(asked.result.num_unreadable, 6);
  EXPECT_EQ(asked.result.num_replies, 4 + 6);
}

TEST_F(SurveyRun, KeepsNoMoreRequestsUnderWayThanItWasTold) {
  const PostServer server([](const SeenPost& seen) {
    return PostAnswer{.body = chat_reply(right_answer(user_text(seen))),
                      .delay = std::chrono::milliseconds(20)};
  });

  (void)run(colours(12), {.batch = 1, .concurrency = 3}, server);

  EXPECT_LE(server.most_at_once(), 3U);
  EXPECT_GE(server.most_at_once(), 2U);
}

TEST_F(SurveyRun, OfAReplayEqualsTheOneThatAskedAndAsksNobody) {
  const Survey survey = colours(9);
  const SurveyOptions options{.batch = 2};
  SurveyResult asked;
  {
    const PostServer server(knowing());
    asked = run(survey, options, server).result;
  }

  const SurveyResult replayed = replay(survey, options);

  EXPECT_EQ(replayed.items, asked.items);
  EXPECT_EQ(replayed.num_replies, asked.num_replies);
}

TEST_F(SurveyRun, OfAStoppedOneGoesOnWithoutAskingAgain) {
  const Survey survey = colours(10);
  const PostServer server(knowing());
  int64_t num_stops = 0;
  for (;;) {
    try {
      const Asked asked = run(survey, {.batch = 1, .concurrency = 3}, server, {.max_requests = 7});
      expect_truth(asked.result);
      EXPECT_EQ(asked.result.num_replies, 20);
      break;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kInterrupted) << error.what();
      ++num_stops;
    }
  }
  EXPECT_EQ(num_stops, 2);
  EXPECT_EQ(server.seen().size(), 20U);
}

TEST_F(SurveyRun, KeepsToABudgetOfTokens) {
  const PostServer server(knowing());

  // A reply says 102 tokens; a request is estimated at more than 40 and less than 102.
  expect_error(
      [&] { (void)run(colours(30), {.batch = 1, .concurrency = 1}, server, {.max_tokens = 1000}); },
      ErrorKind::kInterrupted,
      "budget of 1000 tokens");

  EXPECT_GE(server.seen().size(), 9U);
  EXPECT_LE(server.seen().size(), 10U);
}

TEST_F(SurveyRun, NamesTheBudgetThatStoppedItWhicheverThreadEndsFirst) {
  const PostServer server(knowing());
  for (int i = 0; i < 10; ++i) {
    path = folder.path() / (std::to_string(i) + ".jsonl");
    expect_error(
        [&] {
          (void)run(colours(30), {.batch = 1, .concurrency = 8}, server, {.max_requests = 12});
        },
        ErrorKind::kInterrupted,
        "budget of 12 requests");
  }
}

TEST_F(SurveyRun, EndsWithTheFaultThatStoppedItAndNotWithItsConsequence) {
  const PostServer server([](const SeenPost& seen) {
    if (seen.number == 5) return PostAnswer{.body = R"({"error": "no such key"})", .status = 401};
    // Later ones wait, so that a busy machine does not answer many of them before the fault is
    // seen.
    return PostAnswer{.body = chat_reply(right_answer(user_text(seen))),
                      .delay = std::chrono::milliseconds(seen.number < 5 ? 0 : 200)};
  });

  expect_error([&] { (void)run(colours(40), {.batch = 1, .concurrency = 4}, server); },
               ErrorKind::kConfig,
               "no such key");
  EXPECT_LE(server.seen().size(), 12U);
}

TEST_F(SurveyRun, CountsTheCostOfWhatIsLeftAlone) {
  const Survey survey = colours(10);
  const PostServer server(knowing());
  const SurveyOptions options{.batch = 1, .concurrency = 1};
  EXPECT_THROW((void)run(survey, options, server, {.max_requests = 6}), Error);
  Record record(path, Record::Mode::kLook);
  const Judge judge({.model = "m", .max_answer_tokens = 16}, record, nullptr);

  const SurveyCost cost = cost_of_survey(survey, options, judge);

  EXPECT_EQ(cost.num_recorded, 6);
  EXPECT_EQ(cost.num_requests, 14);
  EXPECT_EQ(cost.tokens.completion, 14 * 16);
  EXPECT_GT(cost.tokens.prompt, 14 * 20);
  EXPECT_EQ(server.seen().size(), 6U);
}

TEST(AgreementOf, LeavesOutItemsThatLackAnAnswer) {
  const SurveyResult result{.items = {{0U, 0U}, {1U, 1U}, {2U, std::nullopt}, {0U, 1U}}};

  const auto agreement =
      agreement_of(result, [](size_t option) { return static_cast<int64_t>(option); });

  EXPECT_EQ(agreement->num_items, 3);
  EXPECT_NEAR(agreement->observed, 2.0 / 3, 1e-12);
}

}  // namespace
}  // namespace stratagram::judge
