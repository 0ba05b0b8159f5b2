#include "grams/unlisted.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stratagram::grams {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

CandidateList list(std::vector<Candidate> candidates, std::map<int64_t, int64_t> by_step = {}) {
  return {.corpus = {.num_documents = 10, .by_step = std::move(by_step)},
          .mining = {},
          .candidates = std::move(candidates)};
}

std::vector<std::string> texts(const std::vector<UnlistedGram>& grams) {
  std::vector<std::string> texts;
  for (const UnlistedGram& gram : grams) texts.push_back(gram.text);
  return texts;
}

const Catalogue& catalogue() {
  static const Catalogue kCatalogue{.name = "test",
                                    .grams = {{.text = "let me double check"}, {.text = "so now"}}};
  return kCatalogue;
}

TEST(UnlistedGrams, LeavesOutGramsOfTheCatalogueTheirPartsAndWhatHoldsThem) {
  const auto found = unlisted_grams(list({{.text = "let me double check", .document_frequency = 9},
                                          {.text = "me double check", .document_frequency = 8},
                                          {.text = "and so now we", .document_frequency = 7},
                                          {.text = "double check it", .document_frequency = 6},
                                          {.text = "so we now", .document_frequency = 5}}),
                                    catalogue());

  EXPECT_THAT(texts(found), ElementsAre("double check it", "so we now"));
  EXPECT_EQ(found[0].documents, 6);
  EXPECT_EQ(found[0].share, 0.6);
  EXPECT_FALSE(found[0].late);
}

TEST(UnlistedGrams, LeavesOutWhatMostlyQuotesTheProblem) {
  EXPECT_THAT(
      unlisted_grams(
          list({{.text = "of the apples", .document_frequency = 5, .problem_text_frequency = 3}}),
          catalogue()),
      IsEmpty());
  EXPECT_THAT(
      texts(unlisted_grams(
          list({{.text = "of the apples", .document_frequency = 6, .problem_text_frequency = 3}}),
          catalogue())),
      ElementsAre("of the apples"));
}

// Steps 1 and 2 are early, 5 to 9 late: of five steps the middle one is late.
TEST(UnlistedGrams, PutsThoseOfLateStepsFirst) {
  const auto found = unlisted_grams(
      list({{.text = "fades in time", .document_frequency = 5, .by_step = {{1, 3}, {2, 1}, {9, 1}}},
            {.text = "takes hold now", .document_frequency = 3, .by_step = {{5, 1}, {9, 2}}}},
           {{1, 3}, {2, 1}, {5, 2}, {7, 1}, {9, 3}}),
      catalogue());

  EXPECT_THAT(texts(found), ElementsAre("takes hold now", "fades in time"));
  EXPECT_EQ(found[0].early, 0.0);
  EXPECT_EQ(found[0].late, 0.5);
  EXPECT_EQ(found[1].early, 1.0);
}

TEST(UnlistedGrams, OfOneStepHaveNoHalves) {
  const auto found = unlisted_grams(
      list({{.text = "it is done", .document_frequency = 10, .by_step = {{4, 10}}}}, {{4, 10}}),
      catalogue());

  EXPECT_FALSE(found.at(0).early);
  EXPECT_EQ(found.at(0).share, 1.0);
}

}  // namespace
}  // namespace stratagram::grams
