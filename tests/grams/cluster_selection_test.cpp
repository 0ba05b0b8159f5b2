#include "grams/cluster_selection.h"

#include <gtest/gtest.h>

#include "grams/miner.h"
#include "tests/support/temp_folder.h"

namespace stratagram::grams {
namespace {

class Counting : public testing::Test {
 protected:
  [[nodiscard]] CountedSolutions solutions(const std::string& rows, bool only_correct) const {
    const std::vector<std::filesystem::path> files = {folder.write("rows.jsonl", rows)};
    return {text::SolutionReader(files, {.preset = "plain"}), only_correct};
  }

  TempFolder folder;
};

TEST_F(Counting, LeavesOutWrongOnesAndTheSameWordsOnTheSameProblem) {
  CountedSolutions counted = solutions(
      R"({"id": "a", "response": "Let me check.", "correct": true}
{"id": "a", "response": "let  ME check!", "correct": true}
{"id": "b", "response": "let me check", "correct": true}
{"id": "a", "response": "so it is", "correct": false}
{"id": "a", "response": "so it is"}
)",
      /*only_correct=*/true);

  std::vector<std::string> ids;
  while (const auto solution = counted.next()) ids.push_back(solution->problem_id);

  EXPECT_EQ(ids, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(counted.num_documents(), 2);
  EXPECT_EQ(counted.num_duplicates(), 1);
  EXPECT_EQ(counted.num_wrong(), 2);
}

TEST_F(Counting, OfAClusterCountsASolutionOnceWhateverMembersItHolds) {
  CountedSolutions counted = solutions(
      R"({"id": "a", "response": "let me check and wait a moment and let me check"}
{"id": "b", "response": "wait a moment"}
{"id": "c", "response": "the total number of apples"}
)",
      /*only_correct=*/false);
  const std::vector<std::string> texts = {
      "let me check", "the total number", "wait a moment", "total number of"};
  const Clusters clusters{.cluster_of = {0, 1, 0, 1}, .medoids = {0, 1}};

  EXPECT_EQ(cluster_documents(counted, texts, clusters, [](int64_t) {}),
            (std::vector<int64_t>{2, 1}));
}

// The rows hold a duplicate, a wrong one, a break inside a gram and a formula.
TEST_F(Counting, OfClustersOfOneGramCountsTheDocumentsThatMiningCounts) {
  const std::string rows =
      R"({"id": "a", "response": "Let me check that, wait a moment", "correct": true}
{"id": "a", "response": "let me check that. Wait a moment!", "correct": true}
{"id": "b", "response": "let me. Check that wait, let me check $x$ that", "correct": true}
{"id": "c", "response": "wait a moment: let me check", "correct": true}
{"id": "d", "response": "let me check that", "correct": false}
)";
  const std::vector<std::filesystem::path> files = {folder.write("rows.jsonl", rows)};
  const CandidateList mined =
      mine(files,
           {.preset = "plain"},
           {.only_correct = true, .min_documents = 1, .merge_share = 2, .scratch = folder.path()},
           [](std::string_view, int64_t, int64_t) {});
  const std::vector<std::string> texts = clustered_texts(mined, {});
  Clusters clusters;
  std::vector<int64_t> wanted;
  for (size_t i = 0; i < texts.size(); ++i) {
    clusters.cluster_of.push_back(static_cast<int32_t>(i));
    clusters.medoids.push_back(static_cast<int64_t>(i));
    wanted.push_back(mined.candidates[i].document_frequency);
  }
  CountedSolutions counted = solutions(rows, /*only_correct=*/true);

  EXPECT_EQ(cluster_documents(counted, texts, clusters, [](int64_t) {}), wanted);
  EXPECT_GT(texts.size(), 8U);
  EXPECT_EQ(counted.num_documents(), mined.corpus.num_documents);
  EXPECT_EQ(counted.num_duplicates(), 1);
}

TEST(ClusterChoices, KeepTheTopShareRoundedAndNumberByFallingDocuments) {
  const std::vector<std::string> texts = {"a a a", "b b b", "c c c", "d d d"};
  const Clusters clusters{.cluster_of = {0, 1, 2, 3}, .medoids = {0, 1, 2, 3}};
  const std::vector<int64_t> documents = {1, 5, 9, 5};
  const auto kept = [&](double top) {
    std::string names;
    for (const Choice& choice : cluster_choices(texts, clusters, documents, 10, top)) {
      if (choice.strategic) names += choice.text.front();
    }
    return names;
  };

  const std::vector<Choice> choices = cluster_choices(texts, clusters, documents, 10, 0.2);

  EXPECT_EQ(choices.at(2).cluster, 0);
  EXPECT_EQ(choices.at(1).cluster, 1);  // of equal ones the first by name
  EXPECT_EQ(choices.at(3).cluster, 2);
  EXPECT_EQ(choices.at(2).score, 0.9);
  EXPECT_EQ(choices.at(0).cluster_name, "a a a");
  EXPECT_EQ(kept(0.2), "c");   // 0.8 of a cluster
  EXPECT_EQ(kept(0.37), "c");  // 1.48
  EXPECT_EQ(kept(0.375), "bc");
  EXPECT_EQ(kept(0.0), "c");  // one at least
  EXPECT_EQ(kept(1.0), "abcd");
}

TEST(ClusteredTexts, LeaveOutRareGramsAndThoseThatAreMostlyProblemText) {
  CandidateList list;
  list.candidates = {{.text = "a", .document_frequency = 9, .problem_text_frequency = 5},
                     {.text = "b", .document_frequency = 10, .problem_text_frequency = 5},
                     {.text = "c", .document_frequency = 2}};

  EXPECT_EQ(clustered_texts(list, {.min_documents = 3}), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(clustered_texts(list, {.drop_problem_text = true}),
            (std::vector<std::string>{"b", "c"}));
}

}  // namespace
}  // namespace stratagram::grams
