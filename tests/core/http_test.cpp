#include "core/http.h"

#include <gmock/gmock.h>

#include <chrono>
#include <thread>

#include "core/error.h"
#include "core/interrupt.h"
#include "tests/support/post_server.h"

namespace stratagram {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::Property;
using testing::Throws;
using testing::ThrowsMessage;
using Clock = std::chrono::steady_clock;

PostServer::Answer always(const PostAnswer& answer) {
  return [answer](const SeenPost&) { return answer; };
}

HttpPost post_to(const std::string& url) {
  return {.url = url, .body = R"({"a": 1})", .timeout = seconds(20)};
}

TEST(HttpPost, SendsTheBodyAsJsonAndReturnsTheReply) {
  const PostServer server(always({.body = R"({"b": 2})", .headers = {{"X-Mark", "Yes"}}}));

  const HttpText text = http_post(post_to(server.url("/v1/x")));

  EXPECT_EQ(text.end, HttpEnd::kWhole);
  EXPECT_EQ(text.head.status, 200);
  EXPECT_EQ(text.head.headers.at("x-mark"), "Yes");
  EXPECT_EQ(text.body, R"({"b": 2})");
  ASSERT_EQ(server.seen().size(), 1U);
  EXPECT_EQ(server.seen()[0].path, "/v1/x");
  EXPECT_EQ(server.seen()[0].body, R"({"a": 1})");
  EXPECT_EQ(server.seen()[0].content_type, "application/json");
  EXPECT_EQ(server.seen()[0].authorization, "");
}

TEST(HttpPost, SendsABodyOfManyBuffersWhole) {
  std::string echo;
  const PostServer server([&](const SeenPost& seen) {
    echo = seen.body;
    return PostAnswer{};
  });
  HttpPost request = post_to(server.url());
  request.body.assign(3'000'000, 'x');

  const HttpText text = http_post(request);

  EXPECT_EQ(text.end, HttpEnd::kWhole);
  EXPECT_EQ(echo, request.body);
}

TEST(HttpPost, ReturnsTheBodyOfAnErrorStatus) {
  const PostServer server(always({.body = "slow down", .status = 429, .type = "text/plain"}));

  const HttpText text = http_post(post_to(server.url()));

  EXPECT_EQ(text.end, HttpEnd::kWhole);
  EXPECT_EQ(text.head.status, 429);
  EXPECT_EQ(text.body, "slow down");
}

TEST(HttpPost, SendsTheTokenToTheServerAlone) {
  const PostServer other(always({}));
  const PostServer server(
      always({.status = 307, .headers = {{"Location", other.url("/elsewhere")}}}));
  HttpPost request = post_to(server.url());
  request.bearer_token = "secret-key";

  const HttpText text = http_post(request);

  EXPECT_EQ(text.head.status, 307);
  EXPECT_EQ(server.seen().at(0).authorization, "Bearer secret-key");
  EXPECT_EQ(other.seen().size(), 0U);
}

TEST(HttpPost, ReportsABodyThatIsCutShortAsBroken) {
  const PostServer server(always({.body = std::string(1000, 'x'), .cut_after = 100}));

  const HttpText text = http_post(post_to(server.url()));

  EXPECT_EQ(text.end, HttpEnd::kBroken);
  EXPECT_EQ(text.body, std::string(100, 'x'));
  EXPECT_NE(text.reason, "");
}

TEST(HttpPost, ReportsAServerThatIsNotThereAsBroken) {
  std::string url;
  {
    const PostServer server(always({}));
    url = server.url();
  }

  const HttpText text = http_post(post_to(url));

  EXPECT_EQ(text.end, HttpEnd::kBroken);
  EXPECT_EQ(text.head.status, 0);
}

TEST(HttpPost, GivesUpAtItsTimeout) {
  const PostServer server(always({.delay = seconds(30)}));
  HttpPost request = post_to(server.url());
  request.timeout = milliseconds(200);
  const Clock::time_point begin = Clock::now();

  const HttpText text = http_post(request);

  EXPECT_EQ(text.end, HttpEnd::kBroken);
  EXPECT_THAT(text.reason, HasSubstr("timed out"));
  EXPECT_GE(Clock::now() - begin, milliseconds(200));
  EXPECT_LT(Clock::now() - begin, seconds(15));  // the machine may be busy; the delay is 30 s
}

TEST(HttpPost, EndsSoonAfterCtrlCWhileTheServerIsSilent) {
  const PostServer server(always({.delay = seconds(30)}));
  std::thread stopper([] {
    std::this_thread::sleep_for(milliseconds(100));
    request_interrupt();
  });
  const Clock::time_point begin = Clock::now();

  const HttpText text = http_post(post_to(server.url()));

  stopper.join();
  clear_interrupt();
  EXPECT_EQ(text.end, HttpEnd::kInterrupted);
  EXPECT_LT(Clock::now() - begin, seconds(10));  // curl looks once a second
}

TEST(HttpPost, RefusesAReplyBeyondTheLimit) {
  const PostServer server(always({.body = std::string(1001, 'x')}));
  HttpPost request = post_to(server.url("/big?key=hidden"));
  request.max_reply_bytes = 1000;

  EXPECT_THAT([&] { (void)http_post(request); },
              AllOf(Throws<Error>(Property(&Error::kind, ErrorKind::kData)),
                    ThrowsMessage<Error>(AllOf(HasSubstr("/big: wanted a reply of at most 1000"),
                                               Not(HasSubstr("hidden"))))));
}

TEST(HttpPost, TakesAReplyOfJustTheLimit) {
  const PostServer server(always({.body = std::string(1000, 'x')}));
  HttpPost request = post_to(server.url());
  request.max_reply_bytes = 1000;

  EXPECT_EQ(http_post(request).body.size(), 1000U);
}

TEST(HttpPost, RefusesATokenThatWouldAddHeaders) {
  HttpPost request = post_to("http://127.0.0.1:1");
  request.bearer_token = "secret\r\nX-More: 1";

  EXPECT_THAT(
      [&] { (void)http_post(request); },
      AllOf(Throws<Error>(Property(&Error::kind, ErrorKind::kConfig)),
            ThrowsMessage<Error>(AllOf(HasSubstr("access token"), Not(HasSubstr("secret"))))));
}

TEST(HttpPost, RefusesAnAddressOfAnotherScheme) {
  EXPECT_THAT([] { (void)http_post(post_to("file:///etc/passwd")); },
              ThrowsMessage<Error>(HasSubstr("starts with http:// or https://")));
}

std::optional<seconds> asked_wait(const std::string& value) {
  const std::chrono::system_clock::time_point now(seconds(1'000'000'000));  // 2001-09-09 01:46:40
  return retry_after({.status = 429, .headers = {{"retry-after", value}}}, now);
}

TEST(RetryAfter, ReadsSecondsAndDates) {
  EXPECT_EQ(asked_wait("120"), seconds(120));
  EXPECT_EQ(asked_wait("0"), seconds(0));
  EXPECT_EQ(asked_wait("Sun, 09 Sep 2001 01:47:40 GMT"), seconds(60));
}

TEST(RetryAfter, AsksForNothingWithADateThatHasPassed) {
  EXPECT_EQ(asked_wait("Sun, 09 Sep 2001 01:45:40 GMT"), seconds(0));
}

TEST(RetryAfter, IsNoneForWhatCannotBeRead) {
  EXPECT_EQ(asked_wait("-5"), std::nullopt);
  EXPECT_EQ(asked_wait("soon"), std::nullopt);
  EXPECT_EQ(asked_wait(""), std::nullopt);
  EXPECT_EQ(asked_wait("99999999999999999999"), std::nullopt);
  EXPECT_EQ(retry_after({.status = 429, .headers = {}}, {}), std::nullopt);
}

TEST(SleepUnlessInterrupted, SleepsAsLongAsItWasTold) {
  const Clock::time_point begin = Clock::now();

  sleep_unless_interrupted(milliseconds(120));

  EXPECT_GE(Clock::now() - begin, milliseconds(120));
}

TEST(SleepUnlessInterrupted, EndsAtOnceWhenStopIsTrue) {
  const Clock::time_point begin = Clock::now();

  sleep_unless_interrupted(seconds(60), [] { return true; });

  EXPECT_LT(Clock::now() - begin, seconds(10));
}

}  // namespace
}  // namespace stratagram
