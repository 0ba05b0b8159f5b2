#include "grams/problem_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "grams/word_spool.h"

namespace stratagram::grams {
namespace {

using testing::ElementsAreArray;
using testing::IsEmpty;

std::vector<WordHash> hashes_of(const std::vector<std::string>& words) {
  std::vector<WordHash> hashes;
  for (const std::string& word : words) hashes.push_back(word_hash(word));
  std::ranges::sort(hashes);
  return hashes;
}

std::vector<WordHash> own_words(const ProblemVocabulary& vocabulary, const std::string& problem) {
  std::vector<WordHash> words = words_of_problem(problem);
  vocabulary.keep_own(words);
  return words;
}

ProblemVocabulary vocabulary_of(const std::vector<std::string>& problems) {
  ProblemVocabulary vocabulary;
  for (const std::string& problem : problems) vocabulary.add(words_of_problem(problem));
  return vocabulary;
}

TEST(WordsOfProblem, AreDifferentAndHoldNoFormula) {
  std::vector<WordHash> words = words_of_problem("The sum: the SUM of $x + y$ and the rest");

  EXPECT_THAT(words, ElementsAreArray(hashes_of({"the", "sum", "of", "and", "rest"})));
}

TEST(WordsOfProblem, AreMarkedWhereTheyHoldADigit) {
  for (const char* word : {"7", "x2", "12th"}) {
    const std::vector<WordHash> words = words_of_problem(word);
    ASSERT_EQ(words.size(), 1U);
    EXPECT_EQ(words[0], word_hash(word) | kNumberBit) << word;
  }
}

TEST(ProblemVocabulary, HoldsNumbersAsOwnWordsHoweverManyProblemsHaveThem) {
  const auto vocabulary = vocabulary_of({"2 apples", "2 pears", "2 plums"});

  EXPECT_THAT(own_words(vocabulary, "2 apples"), ElementsAreArray(hashes_of({"2", "apples"})));
}

TEST(ProblemVocabulary, HoldsAWordOfTwoProblemsAsNobodysOwnAmongFewerThan200) {
  const auto vocabulary = vocabulary_of({"Alice and Bob", "Alice and Eve"});

  EXPECT_THAT(own_words(vocabulary, "Alice and Eve"), ElementsAreArray(hashes_of({"eve"})));
}

TEST(ProblemVocabulary, HoldsAWordOfOneProblemInAHundredAsOwn) {
  for (const size_t num_problems : {299, 300}) {
    std::vector<std::string> problems(num_problems, "how many");
    for (size_t i = 0; i < 3; ++i) problems[i] += " Alice";
    const auto vocabulary = vocabulary_of(problems);

    if (num_problems < 300) {
      EXPECT_THAT(own_words(vocabulary, "how many Alice"), IsEmpty());
    } else {
      EXPECT_THAT(own_words(vocabulary, "how many Alice"), ElementsAreArray(hashes_of({"alice"})));
    }
  }
}

TEST(ProblemVocabulary, KeepsNoWordThatItDoesNotKnow) {
  EXPECT_THAT(own_words(vocabulary_of({"Alice"}), "Bob"), IsEmpty());
}

}  // namespace
}  // namespace stratagram::grams
