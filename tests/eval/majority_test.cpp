#include "eval/majority.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cctype>
#include <cmath>
#include <map>
#include <string>

#include "core/stream.h"
#include "tests/support/expect_error.h"

namespace stratagram::eval {
namespace {

using testing::ElementsAre;
using Answers = std::vector<std::optional<std::string>>;

bool same_letters(const std::string& a, const std::string& b) {
  return std::ranges::equal(
      a, b, [](char x, char y) { return std::tolower(x) == std::tolower(y); });
}

// "aab-" is two votes for cluster 0, one for 1, and a sample without an answer.
Ballot ballot_of(const std::string& votes, const std::string& right) {
  Ballot ballot;
  for (const char vote : votes) {
    ballot.votes.push_back(vote == '-' ? std::nullopt : std::optional<int64_t>(vote - 'a'));
  }
  const char last = *std::ranges::max_element(votes);
  for (char cluster = 'a'; cluster <= last; ++cluster) {
    ballot.is_right.push_back(right.find(cluster) != std::string::npos);
  }
  return ballot;
}

// The vote of the chosen samples by its definition.
bool vote_is_right(const Ballot& ballot, uint32_t chosen) {
  std::map<int64_t, int64_t> counts;
  std::vector<int64_t> order;
  for (size_t i = 0; i < ballot.votes.size(); ++i) {
    if (((chosen >> i) & 1U) == 0 || !ballot.votes[i]) continue;
    if (++counts[*ballot.votes[i]] == 1) order.push_back(*ballot.votes[i]);
  }
  if (order.empty()) return false;
  int64_t winner = order[0];
  for (const int64_t cluster : order) {
    if (counts[cluster] > counts[winner]) winner = cluster;
  }
  return ballot.is_right[winner];
}

double by_enumeration(const Ballot& ballot, int64_t k) {
  int64_t all = 0;
  int64_t right = 0;
  for (uint32_t chosen = 0; chosen < (1U << ballot.votes.size()); ++chosen) {
    if (std::popcount(chosen) != k) continue;
    ++all;
    right += vote_is_right(ballot, chosen) ? 1 : 0;
  }
  return static_cast<double>(right) / static_cast<double>(all);
}

TEST(ClusterAnswers, NumbersThemByFirstAppearanceAndLeavesOutWhatIsNone) {
  EXPECT_THAT(cluster_answers(Answers{"x", {}, "y", "X", "z", "Y"}, same_letters),
              ElementsAre(0, std::nullopt, 1, 0, 2, 1));
  EXPECT_THAT(cluster_answers(Answers{}, same_letters), ElementsAre());
}

// 1.0 and 1.3 are not within 0.2, and 1.15 is within it of both.
TEST(ClusterAnswers, ComparesWithTheFirstOfAClusterWhereEqualityIsNotTransitive) {
  const SameAnswer near = [](const std::string& a, const std::string& b) {
    return std::abs(std::stod(a) - std::stod(b)) < 0.2;
  };

  EXPECT_THAT(cluster_answers(Answers{"1.0", "1.15", "1.3"}, near), ElementsAre(0, 0, 1));
  EXPECT_THAT(cluster_answers(Answers{"1.15", "1.0", "1.3"}, near), ElementsAre(0, 0, 0));
}

TEST(MajorityAtK, OfAllSamplesIsTheirVote) {
  EXPECT_EQ(majority_at_k(ballot_of("aab", "a"), 3), 1);
  EXPECT_EQ(majority_at_k(ballot_of("aab", "b"), 3), 0);
  EXPECT_EQ(majority_at_k(ballot_of("abbcc-", "c"), 6), 0);
  EXPECT_EQ(majority_at_k(ballot_of("abbcc-", "b"), 6), 1);
}

TEST(MajorityAtK, OfOneSampleIsItsAccuracy) {
  EXPECT_DOUBLE_EQ(majority_at_k(ballot_of("aab-b", "b"), 1), 0.4);
}

// Pairs of a, a, b: aa, ab, ab. Of an even pair the first counts, and a comes first in both.
TEST(MajorityAtK, GivesATieToTheAnswerThatCameFirst) {
  EXPECT_DOUBLE_EQ(majority_at_k(ballot_of("aab", "a"), 2), 1);
  EXPECT_DOUBLE_EQ(majority_at_k(ballot_of("abb", "b"), 2), 1.0 / 3);
  EXPECT_DOUBLE_EQ(majority_at_k(ballot_of("ab", "b"), 2), 0);
}

TEST(MajorityAtK, CountsAnAbstentionForNobody) {
  EXPECT_EQ(majority_at_k(ballot_of("--a", "a"), 3), 1);
  EXPECT_DOUBLE_EQ(majority_at_k(ballot_of("--a", "a"), 2), 2.0 / 3);
  EXPECT_EQ(majority_at_k({.votes = {std::nullopt, std::nullopt}, .is_right = {}}, 2), 0);
}

TEST(MajorityAtK, IsThatOfEveryRandomBallotByEnumeration) {
  for (uint64_t round = 0; round < 60; ++round) {
    const Stream stream({.seed = round, .purpose = "ballots"});
    Ballot ballot;
    const uint64_t clusters = 1 + stream.below(4, 0);
    const uint64_t samples = 1 + stream.below(10, 1);
    for (uint64_t i = 0; i < samples; ++i) {
      const uint64_t vote = stream.below(clusters + 1, 2 + i);
      ballot.votes.push_back(vote == clusters ? std::nullopt
                                              : std::optional<int64_t>(static_cast<int64_t>(vote)));
    }
    for (uint64_t i = 0; i < clusters; ++i)
      ballot.is_right.push_back(stream.below(2, 100 + i) == 1);
    for (int64_t k = 1; k <= static_cast<int64_t>(samples); ++k) {
      // Both are ratios of counts below 2^10; only the last division rounds.
      EXPECT_NEAR(majority_at_k(ballot, k), by_enumeration(ballot, k), 1e-15)
          << "round " << round << ", k " << k;
    }
  }
}

// Two answers, half of the samples each, and the wrong one first: a large odd subset is right as
// often as wrong, since no tie is possible.
TEST(MajorityAtK, StaysExactForNumbersOfSubsetsBeyondDouble) {
  Ballot ballot{.votes = {}, .is_right = {false, true}};
  for (int64_t i = 0; i < 1100; ++i) ballot.votes.emplace_back(i % 2);

  EXPECT_NEAR(majority_at_k(ballot, 3), 0.5, 1e-12);
  EXPECT_NEAR(majority_at_k(ballot, 1099), 0.5, 1e-12);
}

TEST(MajorityAtK, RefusesMoreVotesThanThereAreSamples) {
  expect_error([] { (void)majority_at_k(ballot_of("ab", "a"), 3); },
               ErrorKind::kConfig,
               "maj@3: wanted at least 3 samples a problem, got 2");
  expect_error([] { (void)majority_at_k(ballot_of("ab", "a"), 0); }, ErrorKind::kConfig, "maj@0");
}

}  // namespace
}  // namespace stratagram::eval
