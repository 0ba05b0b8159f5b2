#include "judge/http_embedder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/support/expect_error.h"
#include "tests/support/post_server.h"

namespace stratagram::judge {
namespace {

using nlohmann::json;
using testing::HasSubstr;

const std::vector<std::string> kTexts = {"so", "let me check", "wait", "now then", "if x"};

// Each text by its length and its number in the request.
json right_answer(const SeenPost& post) {
  const json request = json::parse(post.body);
  json data = json::array();
  for (size_t i = 0; i < request["input"].size(); ++i) {
    const auto length = static_cast<double>(request["input"][i].get<std::string>().size());
    data.insert(data.begin(), json{{"index", i}, {"embedding", {length, 0.5, -1}}});
  }
  return {{"data", data}, {"usage", {{"prompt_tokens", 7}, {"total_tokens", 7}}}};
}

TransportOptions options_for(const PostServer& server) {
  return {.endpoint = {.url = server.url("/v1"), .timeout = std::chrono::seconds(5)},
          .patience = {.max_tries = 3,
                       .first_wait = std::chrono::milliseconds(1),
                       .max_wait = std::chrono::milliseconds(2)}};
}

grams::Embeddings embed_by(const TransportOptions& options) {
  return HttpEmbedder({.model = "m", .batch_texts = 2}, options).embed(kTexts, [](int64_t) {});
}

// Embeds with a server that gives `answer` for every request.
void expect_refused(const PostAnswer& answer, ErrorKind kind, const std::string& message) {
  const PostServer server([&](const SeenPost&) { return answer; });

  expect_error([&] { (void)embed_by(options_for(server)); }, kind, message);
}

// A reply whose vectors are those of `change`d data.
template <typename Change>
void expect_bad_data(const Change& change, const std::string& message) {
  const PostServer server([&](const SeenPost& post) {
    json answer = right_answer(post);
    change(answer["data"]);
    return PostAnswer{.body = answer.dump()};
  });

  expect_error([&] { (void)embed_by(options_for(server)); }, ErrorKind::kData, message);
  EXPECT_EQ(server.seen().size(), 1U);  // asking again would not mend it
}

TEST(HttpEmbedder, AsksInBatchesAndPutsEachVectorAtItsText) {
  const PostServer server(
      [](const SeenPost& post) { return PostAnswer{.body = right_answer(post).dump()}; });
  std::vector<int64_t> told;

  const grams::Embeddings made = HttpEmbedder({.model = "m", .batch_texts = 2}, options_for(server))
                                     .embed(kTexts, [&](int64_t done) { told.push_back(done); });

  ASSERT_EQ(made.width, 3);
  ASSERT_EQ(made.num_rows(), 5);
  for (size_t i = 0; i < kTexts.size(); ++i) {
    EXPECT_EQ(made.row(static_cast<int64_t>(i))[0], static_cast<float>(kTexts[i].size()));
  }
  EXPECT_EQ(told, (std::vector<int64_t>{2, 4, 5}));
  ASSERT_EQ(server.seen().size(), 3U);
  EXPECT_EQ(server.seen()[0].path, "/v1/embeddings");
  EXPECT_EQ(json::parse(server.seen()[2].body),
            (json{{"model", "m"}, {"input", {"if x"}}, {"encoding_format", "float"}}));
}

TEST(HttpEmbedder, SendsTheKeyOfTheEnvironmentAndNamesItNowhere) {
  ::setenv("STRATAGRAM_TEST_EMBED_KEY", "sk-secret", 1);
  const PostServer server([](const SeenPost&) {
    return PostAnswer{.body = R"({"error": {"message": "bad key sk-secret"}})", .status = 401};
  });
  TransportOptions options = options_for(server);
  options.endpoint.key = key_from_environment("STRATAGRAM_TEST_EMBED_KEY");

  try {
    (void)embed_by(options);
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kConfig);
    EXPECT_THAT(error.what(), testing::Not(HasSubstr("sk-secret")));
  }
  EXPECT_EQ(server.seen().at(0).authorization, "Bearer sk-secret");
}

// A command that asks for vectors has no --judge.
TEST(HttpEmbedder, NamesTheFlagsOfItsCommand) {
  const PostServer server([](const SeenPost& post) {
    return PostAnswer{.body = "no", .status = post.number == 0 ? 404 : 429};
  });
  TransportOptions options = options_for(server);
  options.endpoint.flags = {
      .url = "--embed-url", .model = "--embed-model", .key = "--embed-key-env", .pace = ""};

  expect_error([&] { (void)embed_by(options); },
               ErrorKind::kConfig,
               "no such model: see --embed-url and --embed-model");
  expect_error([&] { (void)embed_by(options); },
               ErrorKind::kData,
               "the server asks to slow down: try again later");
}

TEST(HttpEmbedder, WaitsOutFaultsThatPass) {
  const PostServer server([](const SeenPost& post) -> PostAnswer {
    if (post.number == 0) return {.body = "slow down", .status = 429};
    if (post.number == 1) return {.body = "oops", .status = 500};
    if (post.number == 3) return {.body = R"({"data": [)"};
    if (post.number == 5) return {.body = right_answer(post).dump(), .cut_after = 9};
    return {.body = right_answer(post).dump(), .delay = std::chrono::milliseconds(50)};
  });

  EXPECT_EQ(embed_by(options_for(server)).num_rows(), 5);
  EXPECT_EQ(server.seen().size(), 7U);  // three batches and four faults
}

TEST(HttpEmbedder, GivesUpWhenNoFaultPasses) {
  expect_refused({.body = "no", .status = 500}, ErrorKind::kData, "3 tries failed");
  expect_refused({.body = R"({"data": [{"index")"}, ErrorKind::kData, "wanted a JSON object");
  expect_refused(
      {.body = R"({"data": [{"embedding": [NaN]}]})"}, ErrorKind::kData, "wanted a JSON object");
  expect_refused({.body = "<html>hello</html>", .type = "text/html"},
                 ErrorKind::kConfig,
                 "wanted JSON, got an HTML page");
}

TEST(HttpEmbedder, GivesUpOnAServerThatIsTooSlow) {
  const PostServer server([](const SeenPost& post) {
    return PostAnswer{.body = right_answer(post).dump(), .delay = std::chrono::seconds(20)};
  });
  TransportOptions options = options_for(server);
  options.endpoint.timeout = std::chrono::milliseconds(30);

  expect_error([&] { (void)embed_by(options); }, ErrorKind::kData, "3 tries failed");
}

TEST(HttpEmbedder, RefusesRepliesWithoutAVectorForEachText) {
  expect_refused({.body = "{}"}, ErrorKind::kData, "texts 0 to 1: wanted a list 'data', got none");
  expect_bad_data([](json& data) { data.erase(0); }, "texts 0 to 1: wanted 2 vectors, got 1");
  expect_bad_data([](json& data) { data[1].erase("embedding"); },
                  "vector 1: wanted a list of numbers 'embedding', got none");
  expect_bad_data([](json& data) { data[1]["embedding"] = "AAAA"; },
                  "vector 1: wanted a list of numbers 'embedding', got none");
  for (const json& index : {json(1), json(2), json(-1), json("0"), json(0.5)}) {
    expect_bad_data([&](json& data) { data[1]["index"] = index; },
                    "vector 1: wanted an index of its own below 2, got " + index.dump());
  }
  // What servers of language models give without pooling.
  expect_refused(
      {.body = R"({"data": [{"embedding": [[1, 2], [3, 4], [5, 6]]}, {"embedding": []}]})"},
      ErrorKind::kData,
      "vector 0: wanted one vector a text, got 3, one a token");
}

TEST(HttpEmbedder, RefusesVectorsOfAnotherWidthAndNumbersThatAreNotFinite) {
  expect_bad_data([](json& data) { data[0]["embedding"].push_back(1); },
                  "vector 1: wanted 3 numbers, got 4");
  expect_bad_data([](json& data) { data[1]["embedding"] = json::array(); },
                  "vector 0: wanted some numbers, got 0");
  for (const json& number : {json(nullptr), json("1"), json(1e39)}) {
    expect_bad_data([&](json& data) { data[0]["embedding"][1] = number; },
                    "vector 1: wanted numbers that are finite in float32, got " + number.dump());
  }
}

// What there is of a record is the judge's.
TEST(HttpEmbedder, PromisesNothingOfVectorsThatCame) {
  const PostServer server([](const SeenPost&) {
    return PostAnswer{.body = "{}", .status = 429, .headers = {{"Retry-After", "100000"}}};
  });

  expect_error([&] { (void)embed_by(options_for(server)); },
               ErrorKind::kData,
               "asks to wait 100000 s; no answer that came was kept; run the same command again");
}

TEST(HttpEmbedder, WantsAModelAndATextARequest) {
  const TransportOptions options{.endpoint = {.url = "http://127.0.0.1:1/v1"}};
  expect_error([&] { (void)HttpEmbedder({}, options); }, ErrorKind::kConfig, "name of a model");
  expect_error([&] { (void)HttpEmbedder({.model = "m", .batch_texts = 0}, options); },
               ErrorKind::kConfig,
               "1 text a request or more, got 0");
}

}  // namespace
}  // namespace stratagram::judge
