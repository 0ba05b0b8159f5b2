// text/countdown.h -- Countdown puzzles: make a target from some numbers, each used at most once,
// with + - * /. Generated from a key, all solvable.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace stratagram::text {

struct CountdownPuzzle {
  std::vector<int64_t> numbers;
  int64_t target = 0;
  std::string reference;  ///< one solution that uses every number
  /// Ways to the target: sequences of steps, each of which replaces two of the values at hand by
  /// their sum, product, difference (either way) or quotient (either way, exact fractions), that
  /// reach it with their last step. The two orders of a sum or a product are one way.
  int64_t num_solutions = 0;
};

struct CountdownOptions {
  uint64_t seed = 0;
  int64_t count = 1000;
  bool is_test = false;     ///< from the test half of all puzzles, which no training set meets
  int64_t min_numbers = 3;  ///< 3 to 6
  int64_t max_numbers = 4;
  int64_t max_number = 99;  ///< numbers are drawn from 1 to it
  int64_t max_target = 99;  ///< targets are 1 to it
  int64_t min_solutions = 1;
  int64_t max_solutions = 0;  ///< 0: no limit
};

/// Puzzles that all differ (in numbers, whatever their order, or target). Whether a puzzle is one
/// for tests depends on the puzzle alone, so sets of any two seeds are disjoint between training
/// and test. Throws Error(kConfig) for options out of range, or when the puzzles asked for are not
/// found in 2,000 draws a puzzle.
[[nodiscard]] std::vector<CountdownPuzzle> make_countdown(const CountdownOptions& options);

/// CountdownPuzzle::num_solutions of these numbers. A number that is the target itself is one way
/// more, without a step. The time grows with the factorial of the count: six take about a second.
[[nodiscard]] int64_t count_solutions(const std::vector<int64_t>& numbers, int64_t target);

/// "easy" from 20 solutions on, "medium" from 5, else "hard".
[[nodiscard]] const char* difficulty(int64_t num_solutions);

/// A problem set: id problem answer nums target reference num_solutions difficulty.
void write_countdown(const std::filesystem::path& file,
                     const std::vector<CountdownPuzzle>& puzzles,
                     const std::string& id_prefix);

}  // namespace stratagram::text
