#include "grams/counted_solutions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/temp_folder.h"

namespace stratagram::grams {
namespace {

using testing::ElementsAre;

class Counted : public testing::Test {
 protected:
  // The responses that count.
  std::vector<std::string> responses(const std::string& rows, bool only_correct = false) {
    const std::vector<std::filesystem::path> files = {folder.write("rows.jsonl", rows)};
    CountedSolutions solutions(text::SolutionReader(files, {}), only_correct);
    std::vector<std::string> all;
    while (const auto solution = solutions.next()) {
      all.push_back(solution->response);
      std::vector<WordHash> words;
      hash_words(solution->response, words);
      EXPECT_THAT(solutions.words(), testing::ElementsAreArray(words));
    }
    num_rows = solutions.num_rows();
    num_documents = solutions.num_documents();
    num_duplicates = solutions.num_duplicates();
    num_wrong = solutions.num_wrong();
    return all;
  }

  TempFolder folder;
  int64_t num_rows = 0;
  int64_t num_documents = 0;
  int64_t num_duplicates = 0;
  int64_t num_wrong = 0;
};

std::string row(const std::string& problem, const std::string& response) {
  return R"({"problem": ")" + problem + R"(", "response": ")" + response + "\"}\n";
}

std::string judged(const std::string& response, const std::string& correct) {
  return R"({"problem": "p", "response": ")" + response + R"(", "correct": )" + correct + "}\n";
}

TEST_F(Counted, SolutionsDifferInMoreThanMarksCapitalsAndFormulas) {
  EXPECT_THAT(responses(row("p", "So, 1 is.") + row("p", "so 1 is") + row("p", "so. 1 IS!") +
                        row("p", "so $x$ is") + row("p", "so $y$: is") + row("p", "so is 1")),
              ElementsAre("So, 1 is.", "so $x$ is", "so is 1"));
  EXPECT_EQ(num_rows, 6);
  EXPECT_EQ(num_documents, 3);
  EXPECT_EQ(num_duplicates, 3);
}

TEST_F(Counted, SolutionsOfDifferentProblemsMayHaveTheSameWords) {
  EXPECT_THAT(responses(row("p", "so") + row("q", "so")), ElementsAre("so", "so"));
}

TEST_F(Counted, SolutionsAreToldApartByTheIdOfAProblemWithoutText) {
  EXPECT_THAT(responses(R"({"id": "1", "response": "so"})"
                        "\n"
                        R"({"id": "2", "response": "so"})"
                        "\n"
                        R"({"id": "1", "response": "so"})"
                        "\n"),
              ElementsAre("so", "so"));
}

TEST_F(Counted, SolutionsAreNotHiddenByAWrongCopyThatCameBefore) {
  EXPECT_THAT(
      responses(judged("so", "false") + judged("so.", "true") + judged("so!", "true"), true),
      ElementsAre("so."));
  EXPECT_EQ(num_wrong, 1);
  EXPECT_EQ(num_duplicates, 1);
}

TEST_F(Counted, SolutionsOfWhichNothingIsKnownAreNotCorrect) {
  const std::string rows = row("p", "so") + judged("wait", "null") + judged("let", "true");

  EXPECT_THAT(responses(rows, true), ElementsAre("let"));
  EXPECT_EQ(num_wrong, 2);
  EXPECT_THAT(responses(rows), ElementsAre("so", "wait", "let"));
  EXPECT_EQ(num_wrong, 0);
}

TEST_F(Counted, SolutionsWithoutWordsCountOnceAProblem) {
  EXPECT_THAT(responses(row("p", "") + row("p", "...") + row("q", "-")), ElementsAre("", "-"));
}

}  // namespace
}  // namespace stratagram::grams
