// A server with the faults of real ones, and what becomes of a request to it.
#include "judge/transport.h"

#include <gmock/gmock.h>

#include <chrono>
#include <thread>

#include "core/interrupt.h"
#include "tests/support/expect_error.h"
#include "tests/support/post_server.h"

namespace stratagram::judge {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::Property;
using testing::Throws;
using testing::ThrowsMessage;
using Clock = std::chrono::steady_clock;

constexpr const char* kGood = R"({"good": true})";

TransportOptions options_for(const PostServer& server) {
  return {.endpoint = {.url = server.url("/v1"), .key = "sk-secret", .timeout = seconds(20)},
          .patience = {.max_tries = 3, .first_wait = milliseconds(1)}};
}

json post(Transport& transport, const std::string& name = "q") {
  return transport.post({.path = "/x", .body = {{"a", 1}}, .name = name, .estimated_tokens = 10},
                        [](const json& reply) {
                          return Transport::Reading{
                              .tokens = TokenUse{.prompt = 7, .completion = 2},
                              .fault = reply.contains("good") ? "" : "nothing good"};
                        });
}

// The first request gets `first`, all others an answer.
PostServer::Answer once(const PostAnswer& first) {
  return [first](const SeenPost& seen) {
    return seen.number == 0 ? first : PostAnswer{.body = kGood};
  };
}

PostServer::Answer always(const PostAnswer& answer) {
  return [answer](const SeenPost&) { return answer; };
}

TEST(Transport, AsksAgainAfterEveryFaultThatMayPass) {
  const std::vector<PostAnswer> faults{
      {.body = "busy", .status = 500, .type = "text/plain"},
      {.body = "<html>bad gateway</html>", .status = 502, .type = "text/html"},
      {.body = R"({"error": {"message": "slow down"}})", .status = 429},
      {.body = R"({"error": {"message": "slow down", "code": 429}})"},
      {.body = R"({"good": tr)"},
      {.body = ""},
      {.body = "[1]"},
      {.body = R"({"choices": []})"},
      {.body = std::string(5000, 'x'), .cut_after = 20}};
  for (const PostAnswer& fault : faults) {
    SCOPED_TRACE(fault.status);
    SCOPED_TRACE(fault.body);
    const PostServer server(once(fault));
    Transport transport(options_for(server));

    EXPECT_EQ(post(transport).at("good"), true);

    EXPECT_EQ(server.seen().size(), 2U);
    EXPECT_EQ(transport.spending().num_requests, 2);
    EXPECT_EQ(transport.spending().num_repeated, 1);
  }
}

TEST(Transport, GivesUpOnASlowServerAndAsksAgain) {
  const PostServer server(once({.body = kGood, .delay = seconds(30)}));
  TransportOptions options = options_for(server);
  options.endpoint.timeout = milliseconds(300);
  Transport transport(options);

  EXPECT_EQ(post(transport).at("good"), true);
  EXPECT_EQ(server.seen().size(), 2U);
}

TEST(Transport, EndsWithTheLastFaultAndAdvice) {
  const PostServer server(always({.body = "out of order", .status = 503, .type = "text/plain"}));
  Transport transport(options_for(server));

  expect_error([&] { (void)post(transport); },
               ErrorKind::kData,
               "/v1/x: 3 tries failed, the last one with: HTTP status 503: out of order; the "
               "server failed each time");
  EXPECT_EQ(server.seen().size(), 3U);
}

TEST(Transport, AsksOnceWhereAskingAgainMendsNothing) {
  struct Case {
    PostAnswer answer;
    ErrorKind kind;
    std::string says;
  };
  const std::vector<Case> cases{{{.body = R"({"error": {"message": "bad key"}})", .status = 401},
                                 ErrorKind::kConfig,
                                 "HTTP status 401: bad key; access was refused"},
                                {{.body = R"({"detail": "no model"})", .status = 404},
                                 ErrorKind::kConfig,
                                 "no model; the server knows no such address or no such model"},
                                {{.status = 301, .headers = {{"Location", "http://other/v1"}}},
                                 ErrorKind::kConfig,
                                 "to http://other/v1; name the final address"},
                                {{.body = "<!doctype html><p>hello", .type = "text/html"},
                                 ErrorKind::kConfig,
                                 "got an HTML page; this is the address of a web page"},
                                {{.body = R"({"error": {"message": "too long"}})", .status = 400},
                                 ErrorKind::kData,
                                 "HTTP status 400: too long"}};
  for (const Case& item : cases) {
    SCOPED_TRACE(item.says);
    const PostServer server(always(item.answer));
    Transport transport(options_for(server));

    expect_error([&] { (void)post(transport); }, item.kind, item.says);

    EXPECT_EQ(server.seen().size(), 1U);
  }
}

TEST(Transport, SendsTheKeyAndNeverRepeatsIt) {
  const PostServer server(
      always({.body = R"({"error": "the key sk-secret is not known"})", .status = 401}));
  Transport transport(options_for(server));

  EXPECT_THAT([&] { (void)post(transport); },
              ThrowsMessage<Error>(
                  AllOf(HasSubstr("the key [key] is not known"), Not(HasSubstr("sk-secret")))));
  EXPECT_EQ(server.seen().at(0).authorization, "Bearer sk-secret");
}

TEST(Transport, WaitsAsLongAsRetryAfterAsks) {
  const PostServer server(
      once({.body = "slow down", .status = 429, .headers = {{"Retry-After", "1"}}}));
  Transport transport(options_for(server));

  (void)post(transport);

  const auto seen = server.seen();
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_GE(seen[1].at - seen[0].at, seconds(1));
}

TEST(Transport, RetryAfterHoldsBackTheOtherRequestsToo) {
  const PostServer server(
      once({.body = "slow down", .status = 429, .headers = {{"Retry-After", "1"}}}));
  Transport transport(options_for(server));
  std::thread first([&] { (void)post(transport, "first"); });
  while (server.seen().empty()) std::this_thread::sleep_for(milliseconds(5));
  std::this_thread::sleep_for(milliseconds(300));  // the reply is on the loopback

  (void)post(transport, "second");

  first.join();
  for (size_t i = 1; i < 3; ++i) {
    EXPECT_GE(server.seen().at(i).at - server.seen().at(0).at, seconds(1));
  }
}

TEST(Transport, EndsWhenTheServerAsksToWaitTooLong) {
  const PostServer server(
      always({.body = "tomorrow", .status = 429, .headers = {{"Retry-After", "86400"}}}));
  Transport transport(options_for(server));

  expect_error([&] { (void)post(transport); }, ErrorKind::kData, "it asks to wait 86400 s");
  EXPECT_EQ(server.seen().size(), 1U);
}

TEST(Transport, CountsTokensAsTheRepliesSay) {
  const PostServer server(always({.body = kGood}));
  Transport transport(options_for(server));

  (void)post(transport);
  (void)post(transport);

  EXPECT_EQ(transport.spending().tokens.prompt, 14);
  EXPECT_EQ(transport.spending().tokens.completion, 4);
}

TEST(Transport, SendsNothingBeyondTheBudget) {
  const PostServer server(always({.body = kGood}));
  TransportOptions options = options_for(server);
  options.budget.max_requests = 1;
  Transport transport(options);
  (void)post(transport);

  expect_error([&] { (void)post(transport); }, ErrorKind::kInterrupted, "budget of 1 requests");
  EXPECT_EQ(server.seen().size(), 1U);
}

TEST(Transport, KeepsToTheRate) {
  const PostServer server(always({.body = kGood}));
  TransportOptions options = options_for(server);
  options.requests_per_minute = 600;
  Transport transport(options);

  for (int i = 0; i < 4; ++i) (void)post(transport);

  // The instants are those of leaving, seen a little later: of the first perhaps more than others.
  EXPECT_GE(server.seen().at(3).at - server.seen().at(0).at, milliseconds(250));
}

TEST(Transport, EndsSoonAfterCtrlCWhileItWaitsToTryAgain) {
  const PostServer server(
      always({.body = "slow", .status = 429, .headers = {{"Retry-After", "60"}}}));
  TransportOptions options = options_for(server);
  options.kept = "every answer is in the record";
  Transport transport(options);
  std::thread stopper([&] {
    while (server.seen().empty()) std::this_thread::sleep_for(milliseconds(5));
    request_interrupt();
  });
  const Clock::time_point begin = Clock::now();

  expect_error([&] { (void)post(transport); },
               ErrorKind::kInterrupted,
               "stopped; every answer is in the record; run the same");

  stopper.join();
  clear_interrupt();
  EXPECT_LT(Clock::now() - begin, seconds(10));
}

TEST(BackOff, GrowsExponentiallyUpToItsMaximumWithJitter) {
  const PatienceOptions patience{.first_wait = milliseconds(100), .max_wait = milliseconds(1000)};
  for (int64_t failed = 1; failed <= 8; ++failed) {
    const int64_t most = std::min<int64_t>(100LL << (failed - 1), 1000);
    int64_t sum = 0;
    for (int i = 0; i < 400; ++i) {
      const int64_t wait = Transport::back_off(patience, std::to_string(i), failed).count();
      EXPECT_GE(wait, 0);
      EXPECT_LE(wait, most);
      sum += wait;
    }
    // Uniform: the mean of 400 lies within five standard errors, 0.072 of the range, of its middle.
    EXPECT_NEAR(static_cast<double>(sum) / 400, most / 2.0, 0.072 * static_cast<double>(most) + 1);
  }
}

TEST(BackOff, IsKeyedBySeedRequestAndTry) {
  const PatienceOptions patience{.first_wait = seconds(100)};
  PatienceOptions other = patience;
  other.seed = 1;

  const milliseconds wait = Transport::back_off(patience, "q", 1);

  EXPECT_EQ(Transport::back_off(patience, "q", 1), wait);
  EXPECT_NE(Transport::back_off(patience, "r", 1), wait);
  EXPECT_NE(Transport::back_off(other, "q", 1), wait);
}

}  // namespace
}  // namespace stratagram::judge
