// grams cluster: candidates and solutions in, a selection out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/digest.h"
#include "tests/cli/workspace.h"
#include "tests/support/post_server.h"

namespace stratagram {
namespace {

using testing::HasSubstr;

class ClusterCommand : public testing::Test {
 protected:
  ClusterCommand() {
    using std::string_literals::operator""s;
    const std::string counted =
        "let me check\0wait a moment, the number of apples\0apples in all\0"s;
    std::string candidates =
        R"({"format": 1, "normaliser": 1, "corpus_digest": ")" + sha256(counted) +
        R"(", "documents": 3, "problems": 3, "words": 20, "duplicates": 1, "wrong": 1, "mining": {}})"
        "\n";
    for (const char* gram :
         {"let me check", "wait a moment", "number of apples", "apples in all"}) {
      candidates +=
          std::string(R"({"gram": ")") + gram +
          R"(", "count": 2, "documents": 2, "problems": 1, "problem_text": 0, "starts": 0})"
          "\n";
    }
    work.write("candidates.jsonl", candidates);
    work.write("solutions.jsonl",
               R"({"id": "a", "response": "let me check", "correct": true}
{"id": "a", "response": "let me check", "correct": true}
{"id": "b", "response": "wait a moment, the number of apples", "correct": true}
{"id": "c", "response": "apples in all", "correct": true}
{"id": "d", "response": "let me check", "correct": false}
)");
  }

  [[nodiscard]] ProgramResult cluster(const std::vector<std::string>& more) const {
    std::vector<std::string> words = {"grams", "cluster", "candidates.jsonl", "solutions.jsonl"};
    words.insert(words.end(), more.begin(), more.end());
    return work.run(words);
  }

  const std::string encoder =
      std::filesystem::absolute(std::string(STRATAGRAM_TEST_DATA) + "/embed/bert").string();
  Workspace work;
};

TEST_F(ClusterCommand, WritesTheSameSelectionTwiceByAnEncoderAndByAPolicy) {
  for (const auto& by : {std::vector<std::string>{"--encoder", encoder},
                         std::vector<std::string>{"--policy", "model"}}) {
    for (const char* out : {"one", "two"}) {
      std::vector<std::string> words = {"--only-correct", "--clusters", "2", "--top", "0.5"};
      words.insert(words.end(), {"--out", out + by[0] + ".jsonl", by[0], by[1]});
      expect_success(cluster(words));
    }

    const std::string written = work.read("one" + by[0] + ".jsonl");
    EXPECT_EQ(written, work.read("two" + by[0] + ".jsonl"));
    EXPECT_EQ(lines_of(written).size(), 5U);
    EXPECT_THAT(written, HasSubstr(R"("method":"cluster")"));
    EXPECT_THAT(written, HasSubstr(R"("strategic":true)"));
    EXPECT_THAT(written, HasSubstr(R"("strategic":false)"));
  }
}

TEST_F(ClusterCommand, RefusesSolutionsThatWereNotMined) {
  const ProgramResult result =
      cluster({"--encoder", encoder, "--clusters", "2", "--out", "out.jsonl"});

  expect_failure(result, 3, {"was mined from 3 solutions", "have 4 that count"});
  EXPECT_FALSE(work.exists("out.jsonl"));
}

// As many solutions, but others.
TEST_F(ClusterCommand, RefusesOtherSolutionsOfTheSameNumber) {
  std::string solutions = work.read("solutions.jsonl");
  const size_t place = solutions.find("apples in all");
  ASSERT_NE(place, std::string::npos);
  work.write("solutions.jsonl", solutions.replace(place, 13, "apples in sum"));

  const ProgramResult result =
      cluster({"--only-correct", "--encoder", encoder, "--clusters", "2", "--out", "out.jsonl"});

  expect_failure(result, 3, {"was mined from 3 solutions with the digest", "have 3 that count"});
}

TEST_F(ClusterCommand, EmbedsByAServerWithAKeyThatItWritesNowhere) {
  const PostServer server([](const SeenPost& post) {
    const auto texts = nlohmann::json::parse(post.body).at("input");
    nlohmann::json data = nlohmann::json::array();
    for (const auto& text : texts) {
      const bool is_count = text.get<std::string>().find("apples") != std::string::npos;
      data.push_back({{"index", data.size()}, {"embedding", {is_count ? 1 : 0, 1, 0.5}}});
    }
    return PostAnswer{.body = nlohmann::json{{"data", data}}.dump()};
  });
  ::setenv("STRATAGRAM_TEST_EMBED_KEY", "sk-secret", 1);

  const ProgramResult result = cluster({"--only-correct",
                                        "--clusters",
                                        "2",
                                        "--out",
                                        "out.jsonl",
                                        "--embed-url",
                                        server.url(),
                                        "--embed-model",
                                        "m",
                                        "--embed-key-env",
                                        "STRATAGRAM_TEST_EMBED_KEY",
                                        "--embed-batch",
                                        "3"});

  expect_success(result);
  ASSERT_EQ(server.seen().size(), 2U);
  EXPECT_EQ(server.seen()[0].path, "/v1/embeddings");
  EXPECT_EQ(server.seen()[0].authorization, "Bearer sk-secret");
  const std::string written = work.read("out.jsonl");
  EXPECT_THAT(written, HasSubstr(R"("kind":"server")"));
  EXPECT_THAT(written + result.err, testing::Not(HasSubstr("sk-secret")));
}

TEST_F(ClusterCommand, WantsOneEmbedder) {
  expect_failure(cluster({"--only-correct", "--out", "out.jsonl"}),
                 2,
                 {"one of --encoder, --policy and --embed-url"});
  expect_failure(cluster({"--out", "out.jsonl", "--encoder", encoder, "--policy", "model"}),
                 2,
                 {"--encoder excludes --policy"});
  expect_failure(
      cluster({"--out", "out.jsonl", "--embed-url", "http://127.0.0.1:1"}), 2, {"name of a model"});
}

}  // namespace
}  // namespace stratagram
