#include "text/countdown.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <utility>

#include "core/jsonl.h"
#include "reward/countdown_checker.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"
#include "text/problems.h"

namespace stratagram::text {
namespace {

using Identity = std::pair<std::vector<int64_t>, int64_t>;

// Two puzzles of one identity differ at most in the order of their numbers.
std::set<Identity> identities(const std::vector<CountdownPuzzle>& puzzles) {
  std::set<Identity> all;
  for (const CountdownPuzzle& puzzle : puzzles) {
    std::vector<int64_t> sorted = puzzle.numbers;
    std::sort(sorted.begin(), sorted.end());
    all.emplace(sorted, puzzle.target);
  }
  return all;
}

// Puzzles of three small numbers: so few that sets of different seeds share many.
CountdownOptions crowded(uint64_t seed, bool is_test) {
  return {.seed = seed,
          .count = 60,
          .is_test = is_test,
          .min_numbers = 3,
          .max_numbers = 3,
          .max_number = 9,
          .max_target = 30};
}

TEST(MakeCountdown, GivesAReferenceThatReachesTheTargetWithEveryNumber) {
  const std::vector<CountdownPuzzle> puzzles =
      make_countdown({.seed = 3, .count = 100, .min_numbers = 3, .max_numbers = 5});

  ASSERT_EQ(puzzles.size(), 100U);
  for (const CountdownPuzzle& puzzle : puzzles) {
    const auto check = reward::check_countdown(puzzle.reference, puzzle.numbers, puzzle.target);
    EXPECT_EQ(check.verdict, Verdict::kCorrect) << puzzle.reference << ": " << check.reason;
    EXPECT_EQ(reward::evaluate(puzzle.reference).numbers.size(), puzzle.numbers.size());
    EXPECT_GE(puzzle.num_solutions, 1) << puzzle.reference;
  }
}

TEST(MakeCountdown, KeepsToItsRanges) {
  const CountdownOptions options{.seed = 5,
                                 .count = 100,
                                 .min_numbers = 4,
                                 .max_numbers = 5,
                                 .max_number = 20,
                                 .max_target = 50};

  bool has_four = false;
  bool has_five = false;
  for (const CountdownPuzzle& puzzle : make_countdown(options)) {
    has_four |= puzzle.numbers.size() == 4;
    has_five |= puzzle.numbers.size() == 5;
    EXPECT_TRUE(puzzle.numbers.size() == 4 || puzzle.numbers.size() == 5);
    for (const int64_t number : puzzle.numbers) {
      EXPECT_GE(number, 1);
      EXPECT_LE(number, 20);
    }
    EXPECT_GE(puzzle.target, 1);
    EXPECT_LE(puzzle.target, 50);
  }
  EXPECT_TRUE(has_four && has_five);
}

TEST(MakeCountdown, KeepsToTheNumberOfSolutionsAskedFor) {
  const CountdownOptions options{.seed = 6, .count = 50, .min_solutions = 5, .max_solutions = 19};

  for (const CountdownPuzzle& puzzle : make_countdown(options)) {
    EXPECT_GE(puzzle.num_solutions, 5);
    EXPECT_LE(puzzle.num_solutions, 19);
  }
}

TEST(MakeCountdown, RepeatsNoPuzzleOfASet) {
  EXPECT_EQ(identities(make_countdown(crowded(1, false))).size(), 60U);
}

TEST(MakeCountdown, PartsTrainingAndTestWhateverTheSeeds) {
  std::set<Identity> train;
  std::set<Identity> test;
  size_t num_made = 0;
  for (uint64_t seed = 0; seed < 8; ++seed) {
    train.merge(identities(make_countdown(crowded(seed, false))));
    test.merge(identities(make_countdown(crowded(seed + 100, true))));
    num_made += 60;
  }

  std::vector<Identity> shared;
  std::set_intersection(
      train.begin(), train.end(), test.begin(), test.end(), std::back_inserter(shared));
  EXPECT_TRUE(shared.empty());
  // Sets of other seeds do overlap here, so the claim is not true by rarity.
  EXPECT_LT(train.size(), num_made);
  EXPECT_LT(test.size(), num_made);
}

TEST(MakeCountdown, GivesTheSamePuzzlesForTheSameKeyOnly) {
  const auto references = [](uint64_t seed) {
    std::vector<std::string> texts;
    for (const CountdownPuzzle& puzzle : make_countdown({.seed = seed, .count = 20})) {
      texts.push_back(puzzle.reference);
    }
    return texts;
  };

  EXPECT_EQ(references(7), references(7));
  EXPECT_NE(references(7), references(8));
}

TEST(MakeCountdown, BeginsALongerSetWithTheShorterOne) {
  const auto few = make_countdown({.seed = 9, .count = 10});
  const auto many = make_countdown({.seed = 9, .count = 30});

  for (size_t i = 0; i < few.size(); ++i) EXPECT_EQ(few[i].reference, many[i].reference);
}

// The definition word by word, with the checker's fractions: every unordered pair, every one of
// its six results.
int64_t plain_count(const std::vector<math::Rational>& values, const math::Rational& target) {
  int64_t ways = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    for (size_t j = i + 1; j < values.size(); ++j) {
      const math::Rational& a = values[i];
      const math::Rational& b = values[j];
      std::vector<math::Rational> results = {a + b, a * b, a - b, b - a};
      if (!b.is_zero()) results.push_back(a / b);
      if (!a.is_zero()) results.push_back(b / a);
      for (const math::Rational& result : results) {
        if (result == target) {
          ++ways;
          continue;
        }
        std::vector<math::Rational> rest{result};
        for (size_t k = 0; k < values.size(); ++k) {
          if (k != i && k != j) rest.push_back(values[k]);
        }
        ways += plain_count(rest, target);
      }
    }
  }
  return ways;
}

TEST(CountSolutions, EqualsTheDefinitionWorkedOutPlainly) {
  for (const CountdownPuzzle& puzzle :
       make_countdown({.seed = 11, .count = 40, .max_number = 12, .max_target = 30})) {
    std::vector<math::Rational> values;
    values.reserve(puzzle.numbers.size());
    for (const int64_t number : puzzle.numbers) values.emplace_back(number);
    const int64_t without_a_step =
        std::count(puzzle.numbers.begin(), puzzle.numbers.end(), puzzle.target);

    EXPECT_EQ(puzzle.num_solutions,
              without_a_step + plain_count(values, math::Rational(puzzle.target)))
        << puzzle.reference;
  }
}

TEST(CountSolutions, CountsTheWaysThatCanBeCountedByHand) {
  EXPECT_EQ(count_solutions({1, 2}, 3), 1);  // 1 + 2
  EXPECT_EQ(count_solutions({1, 2}, 2), 3);  // 2, 1 * 2, 2 / 1
  EXPECT_EQ(count_solutions({2, 2}, 4), 2);  // 2 + 2, 2 * 2
  EXPECT_EQ(count_solutions({5, 7}, 2), 1);  // 7 - 5
  EXPECT_EQ(count_solutions({5, 7}, 90), 0);
  EXPECT_EQ(count_solutions({1, 5, 5}, 24), 1);  // 5 * 5 - 1
  // 4 * 9; with the 1 multiplied into or divided out of the 4 or the 9; 9 / (1 / 4), 4 / (1 / 9).
  EXPECT_EQ(count_solutions({1, 4, 9}, 36), 7);
}

TEST(Difficulty, FallsWithTheNumberOfSolutions) {
  EXPECT_STREQ(difficulty(1), "hard");
  EXPECT_STREQ(difficulty(4), "hard");
  EXPECT_STREQ(difficulty(5), "medium");
  EXPECT_STREQ(difficulty(19), "medium");
  EXPECT_STREQ(difficulty(20), "easy");
}

TEST(MakeCountdown, RefusesImpossibleOptionsWithTheirNumbers) {
  const auto refused = [](const CountdownOptions& options, const std::string& what) {
    expect_error([&] { (void)make_countdown(options); }, ErrorKind::kConfig, what);
  };
  refused({.count = 0}, "wanted a count of at least 1, got 0");
  refused({.min_numbers = 2}, "at least 3 numbers a puzzle, got 2");
  refused({.max_numbers = 7}, "at most 6 numbers a puzzle, got 7");
  refused({.min_numbers = 5, .max_numbers = 4}, "not above the largest, got 5");
  refused({.max_number = 1}, "a largest number of 2 to 100, got 1");
  refused({.max_number = 101}, "a largest number of 2 to 100, got 101");
  refused({.max_target = 0}, "a largest target of 1 to 1000, got 0");
  refused({.max_target = 1001}, "a largest target of 1 to 1000, got 1001");
  refused({.min_solutions = 9, .max_solutions = 8}, "not below the least one, got 8");
}

TEST(MakeCountdown, SaysHowManyPuzzlesItFoundWhenThereAreTooFew) {
  CountdownOptions options = crowded(1, false);
  options.max_number = 2;
  options.max_target = 2;

  expect_error([&] { (void)make_countdown(options); },
               ErrorKind::kConfig,
               " of 60 puzzles found in 120000 draws");
}

TEST(WriteCountdown, WritesASetThatIsReadBackAsPuzzles) {
  const TempFolder folder;
  const auto puzzles = make_countdown({.seed = 2, .count = 5});

  write_countdown(folder.path() / "c.jsonl", puzzles, "countdown-train");

  const std::vector<Problem> problems = read_problems(folder.path() / "c.jsonl").problems;
  ASSERT_EQ(problems.size(), 5U);
  EXPECT_EQ(problems[3].id, "countdown-train-000003");
  for (size_t i = 0; i < problems.size(); ++i) {
    EXPECT_EQ(problems[i].kind, "countdown");
    EXPECT_EQ(problems[i].numbers, puzzles[i].numbers);
    EXPECT_EQ(problems[i].target, puzzles[i].target);
  }
  JsonlReader reader(folder.path() / "c.jsonl");
  const auto row = reader.next();
  EXPECT_EQ(row->at("reference"), puzzles[0].reference);
  EXPECT_EQ(row->at("num_solutions"), puzzles[0].num_solutions);
  EXPECT_EQ(row->at("difficulty"), difficulty(puzzles[0].num_solutions));
}

}  // namespace
}  // namespace stratagram::text
