#include "grams/problem_counts.h"

#include <gtest/gtest.h>

#include <set>
#include <utility>

#include "core/stream.h"

namespace stratagram::grams {
namespace {

TEST(IdSet, CountsWhatASetCountsUnderRandomUse) {
  for (uint64_t seed = 0; seed < 60; ++seed) {
    const Stream stream({.seed = seed, .purpose = "ids"});
    const auto universe = static_cast<uint32_t>(1 + stream.below(3'000, 0));
    const uint64_t num_inserts = stream.below(4'000, 1);
    IdSet ids;
    std::set<uint32_t> wanted;
    for (uint64_t i = 0; i < num_inserts; ++i) {
      const auto id = static_cast<uint32_t>(stream.below(universe, 2 + i));
      ids.insert(id, universe);
      wanted.insert(id);
      if (i % 37 == 0) {
        ASSERT_EQ(ids.size(), wanted.size()) << "of " << universe;
      }
    }
    ASSERT_EQ(ids.size(), wanted.size()) << "of " << universe;
  }
}

TEST(IdSet, HoldsTheFirstAndTheLastNumberOfItsUniverse) {
  for (const uint32_t universe : {1U, 64U, 65U, 1'000'000U}) {
    IdSet ids;
    for (uint32_t i = 0; i < 100; ++i) ids.insert(i % 2 == 0 ? 0 : universe - 1, universe);
    EXPECT_EQ(ids.size(), universe == 1 ? 1U : 2U) << universe;
  }
}

TEST(IdSet, TakesNoMoreThanABitForEachNumberOnceItIsFull) {
  IdSet ids;
  for (uint32_t i = 0; i < 100'000; ++i) ids.insert(i, 100'000);

  EXPECT_EQ(ids.size(), 100'000U);
  EXPECT_LE(ids.num_bytes(), 100'000U / 8 + 8);
}

using Pairs = std::vector<std::pair<size_t, uint32_t>>;  // gram, problem

Pairs random_pairs(size_t num_grams, uint32_t num_problems, uint64_t count) {
  const Stream stream({.seed = num_grams, .purpose = "pairs"});
  Pairs pairs;
  for (uint64_t i = 0; i < count; ++i) {
    pairs.emplace_back(stream.below(num_grams, 2 * i), stream.below(num_problems, 2 * i + 1));
  }
  return pairs;
}

// How many rounds it took.
int count_in_rounds(const Pairs& pairs, ProblemCounts& counts) {
  int rounds = 0;
  do {
    ++rounds;
    for (const auto& [gram, problem] : pairs) counts.add(gram, problem);
  } while (counts.next_round());
  return rounds;
}

TEST(ProblemCounts, AreThoseOfSetsHoweverLittleMemoryTheyHave) {
  const Pairs pairs = random_pairs(100, 500, 5'000);
  std::vector<std::set<uint32_t>> wanted(100);
  for (const auto& [gram, problem] : pairs) wanted[gram].insert(problem);
  int rounds_before = 0;
  for (const uint64_t max_bytes : {1 << 20, 4'000, 0}) {
    ProblemCounts counts(100, 500, max_bytes);

    const int rounds = count_in_rounds(pairs, counts);

    for (size_t gram = 0; gram < 100; ++gram) {
      ASSERT_EQ(counts.count(gram), wanted[gram].size()) << gram << " with " << max_bytes;
    }
    EXPECT_GT(rounds, rounds_before);
    rounds_before = rounds;
  }
  EXPECT_EQ(rounds_before, 100);  // a gram at a time
}

TEST(ProblemCounts, OfNoGramsEndAtOnce) {
  ProblemCounts counts(0, 0, 0);

  EXPECT_FALSE(counts.next_round());
}

TEST(ProblemCounts, OfAGramWithoutProblemsAreZero) {
  ProblemCounts counts(2, 3, 0);

  (void)count_in_rounds({{1, 2}}, counts);

  EXPECT_EQ(counts.count(0), 0U);
  EXPECT_EQ(counts.count(1), 1U);
}

}  // namespace
}  // namespace stratagram::grams
