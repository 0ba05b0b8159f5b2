#include "review/page_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <atomic>
#include <thread>
#include <vector>

#include "core/error.h"
#include "core/interrupt.h"
#include "tests/support/expect_error.h"

namespace stratagram::review {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;
using testing::HasSubstr;
using testing::Not;

class Server : public testing::Test {
 protected:
  std::atomic<int> num_calls = 0;
  int num_inside = 0;  // guarded by the server's own lock, as the test says
  bool met = false;
  PageServer server{page(), {}};
  httplib::Client client{"127.0.0.1", server.port()};

  Page page() {
    Page made{.html = "<title>page</title>"};
    made.files["/a.css"] = {.text = "body{}", .type = "text/css"};
    made.calls["/api/echo"] = [this](const json& request) {
      ++num_calls;
      if (++num_inside > 1) met = true;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
      --num_inside;
      return ordered_json(request);
    };
    made.calls["/api/refuse"] = [](const json&) -> ordered_json {
      fail(ErrorKind::kData, "'x' is no gram");
    };
    made.calls["/api/break"] = [](const json&) -> ordered_json {
      fail(ErrorKind::kDevice, "disk full");
    };
    return made;
  }

  httplib::Result post(const std::string& path,
                       const std::string& body,
                       const httplib::Headers& headers) {
    return client.Post(path, headers, body, "application/json");
  }
  httplib::Headers with_token() const { return {{"X-Stratagram-Token", server.token()}}; }
  std::string host(const std::string& name) const {
    return name + ":" + std::to_string(server.port());
  }
};

TEST_F(Server, GivesThePageOnlyToWhoHasItsAddress) {
  const auto good = client.Get("/?token=" + server.token());
  const auto without = client.Get("/");
  const auto other = client.Get("/?token=" + std::string(32, '0'));

  EXPECT_EQ(good->body, "<title>page</title>");
  EXPECT_EQ(without->status, 403);
  EXPECT_EQ(other->status, 403);
  EXPECT_THAT(other->body, Not(HasSubstr(server.token())));
  EXPECT_THAT(server.url(), HasSubstr("http://127.0.0.1:"));
  EXPECT_THAT(server.url(), HasSubstr("/?token=" + server.token()));
}

TEST_F(Server, HasAnotherTokenInEveryRun) {
  const PageServer second(page(), {});

  EXPECT_EQ(server.token().size(), 32);
  EXPECT_NE(server.token(), second.token());
}

TEST_F(Server, AnswersACallWithTheToken) {
  const auto answer = post("/api/echo", R"({"n": 1})", with_token());

  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(json::parse(answer->body), json({{"n", 1}}));
}

// A page of the web can send a form to any address, but no header of its own.
TEST_F(Server, MakesNoCallWithoutTheToken) {
  EXPECT_EQ(post("/api/echo", "{}", {})->status, 403);
  EXPECT_EQ(post("/api/echo", "{}", {{"X-Stratagram-Token", "guess"}})->status, 403);
  EXPECT_EQ(post("/api/echo?token=" + server.token(), "{}", {})->status, 403);

  EXPECT_EQ(num_calls, 0);
}

TEST_F(Server, MakesNoCallByGetAndAllowsNoOtherOrigin) {
  const auto get = client.Get("/api/echo", with_token());
  const auto preflight = client.Options("/api/echo");

  EXPECT_EQ(get->status, 404);
  EXPECT_FALSE(preflight->has_header("Access-Control-Allow-Origin"));
  EXPECT_EQ(num_calls, 0);
}

// A name of the web that an attacker points at this machine reaches it, but with that name.
TEST_F(Server, RefusesRequestsForOtherHosts) {
  for (const char* name :
       {"evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.7"}) {
    httplib::Headers headers = with_token();
    headers.emplace("Host", host(name));

    EXPECT_EQ(post("/api/echo", "{}", headers)->status, 403) << name;
    EXPECT_EQ(client.Get("/?token=" + server.token(), {{"Host", host(name)}})->status, 403);
    EXPECT_EQ(client.Get("/a.css", {{"Host", host(name)}})->status, 403);
  }
  EXPECT_EQ(num_calls, 0);
  for (const char* name : {"localhost", "127.0.0.1", "[::1]"}) {
    EXPECT_EQ(client.Get("/a.css", {{"Host", host(name)}})->status, 200) << name;
  }
}

TEST_F(Server, EveryAnswerForbidsWhatComesFromElsewhere) {
  for (const auto& answer : {client.Get("/?token=" + server.token()),
                             client.Get("/a.css"),
                             client.Get("/none"),
                             client.Get("/a.css", {{"Host", "evil.example"}})}) {
    const std::string policy = answer->get_header_value("Content-Security-Policy");
    EXPECT_THAT(policy, HasSubstr("default-src 'none'; script-src 'self';"));
    EXPECT_THAT(policy, HasSubstr("frame-ancestors 'none'"));
    EXPECT_THAT(policy, Not(HasSubstr("unsafe")));
    EXPECT_EQ(answer->get_header_value("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(answer->get_header_value("Referrer-Policy"), "no-referrer");
    EXPECT_EQ(answer->get_header_value("Cache-Control"), "no-store");
  }
}

TEST_F(Server, TellsARequestThatIsWrongFromAFaultOfItsOwn) {
  const auto refused = post("/api/refuse", "{}", with_token());
  const auto broken = post("/api/break", "{}", with_token());

  EXPECT_EQ(refused->status, 400);
  EXPECT_EQ(json::parse(refused->body).at("error"), "'x' is no gram");
  EXPECT_EQ(broken->status, 500);
  EXPECT_EQ(json::parse(broken->body).at("error"), "disk full");
}

TEST_F(Server, SaysWhatIsWrongWithABodyThatIsNoObject) {
  for (const char* body : {"", "[]", "{", "{\"a\": \"\xff\"}"}) {
    const auto answer = post("/api/echo", body, with_token());

    EXPECT_EQ(answer->status, 400) << body;
    EXPECT_THAT(json::parse(answer->body).at("error").get<std::string>(), HasSubstr("request"));
  }
  EXPECT_EQ(num_calls, 0);
}

TEST_F(Server, TakesNoRequestBeyondItsLimit) {
  EXPECT_EQ(post("/api/echo", std::string((1 << 20) + 1, ' '), with_token())->status, 413);
  EXPECT_EQ(num_calls, 0);
}

TEST_F(Server, MakesOneCallAtATime) {
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([this] {
      httplib::Client own("127.0.0.1", server.port());
      for (int n = 0; n < 10; ++n) {
        EXPECT_EQ(own.Post("/api/echo", with_token(), "{}", "application/json")->status, 200);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();

  EXPECT_EQ(num_calls, 40);
  EXPECT_FALSE(met);
}

TEST_F(Server, APortThatIsTakenIsAnErrorWithAdvice) {
  expect_error([&] { PageServer(page(), {.port = server.port()}); },
               ErrorKind::kConfig,
               "choose another --port");
}

TEST_F(Server, AnAddressOfAnotherMachineIsAnError) {
  expect_error([&] { PageServer(page(), {.host = "192.0.2.1", .port = 8080}); },
               ErrorKind::kConfig,
               "cannot listen on 192.0.2.1:8080");
}

TEST_F(Server, ServesUntilItIsInterrupted) {
  std::thread stopping([] { request_interrupt(); });

  server.serve();

  stopping.join();
  EXPECT_TRUE(interrupted());
  clear_interrupt();
}

}  // namespace
}  // namespace stratagram::review
