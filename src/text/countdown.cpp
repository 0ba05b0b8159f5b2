#include "text/countdown.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>
#include <set>
#include <utility>

#include "core/error.h"
#include "core/file.h"
#include "core/jsonl.h"
#include "core/stream.h"
#include "text/problems.h"

namespace stratagram::text {
namespace {

constexpr int64_t kMaxNumbers = 6;
constexpr int64_t kMaxNumber = 100;
constexpr int64_t kMaxTarget = 1000;
constexpr int64_t kDrawsPerPuzzle = 2000;
constexpr uint64_t kTestShare = 8;  // one puzzle of so many is for tests

// Lowest terms, denominator above 0. Six numbers of at most 100 stay far below 2^63: a denominator
// is at most 100^6.
struct Fraction {
  int64_t above = 0;
  int64_t below = 1;
  friend bool operator==(const Fraction&, const Fraction&) = default;
};

Fraction lowest(int64_t above, int64_t below) {
  const int64_t divisor = std::gcd(above, below) * (below < 0 ? -1 : 1);
  return {above / divisor, below / divisor};
}

constexpr std::array<char, 4> kOperators = {'+', '-', '*', '/'};

std::optional<Fraction> apply(const Fraction& a, const Fraction& b, char op) {
  switch (op) {
    case '+':
      return lowest(a.above * b.below + b.above * a.below, a.below * b.below);
    case '-':
      return lowest(a.above * b.below - b.above * a.below, a.below * b.below);
    case '*':
      return lowest(a.above * b.above, a.below * b.below);
    default:
      if (b.above == 0) return std::nullopt;
      return lowest(a.above * b.below, a.below * b.above);
  }
}

int64_t count_ways(const std::vector<Fraction>& values, const Fraction& target) {
  int64_t ways = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    for (size_t j = 0; j < values.size(); ++j) {
      if (i == j) continue;
      for (const char op : kOperators) {
        if (i > j && (op == '+' || op == '*')) continue;
        const std::optional<Fraction> value = apply(values[i], values[j], op);
        if (!value) continue;
        if (*value == target) {
          ++ways;
          continue;
        }
        if (values.size() == 2) continue;
        std::vector<Fraction> rest{*value};
        for (size_t k = 0; k < values.size(); ++k) {
          if (k != i && k != j) rest.push_back(values[k]);
        }
        ways += count_ways(rest, target);
      }
    }
  }
  return ways;
}

// The draws of one try, taken one after the other.
class Draws {
 public:
  explicit Draws(const StreamKey& key) : stream_(key) {}
  int64_t between(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(stream_.below(static_cast<uint64_t>(high - low + 1), at_++));
  }

 private:
  Stream stream_;
  uint64_t at_ = 0;
};

struct Term {
  Fraction value;
  std::string text;
  bool is_number = true;
};

std::string operand(const Term& term) {
  return term.is_number ? term.text : "(" + term.text + ")";
}

// Joins random pairs until one value is left; none when that is no target.
std::optional<CountdownPuzzle> draw_puzzle(const CountdownOptions& options, Draws& draws) {
  CountdownPuzzle puzzle;
  std::vector<Term> terms;
  const int64_t count = draws.between(options.min_numbers, options.max_numbers);
  for (int64_t i = 0; i < count; ++i) {
    const int64_t number = draws.between(1, options.max_number);
    puzzle.numbers.push_back(number);
    terms.push_back({.value = {number, 1}, .text = std::to_string(number)});
  }
  while (terms.size() > 1) {
    const auto last = static_cast<int64_t>(terms.size()) - 1;
    std::swap(terms[draws.between(0, last)], terms[last]);
    const Term b = terms.back();
    terms.pop_back();
    Term& a = terms[draws.between(0, last - 1)];
    const char op = kOperators[draws.between(0, 3)];
    const std::optional<Fraction> value = apply(a.value, b.value, op);
    // Steps that leave the whole numbers above 0 make puzzles that are hard to read.
    if (!value || value->below != 1 || value->above < 1) return std::nullopt;
    a = {.value = *value,
         .text = fmt::format("{} {} {}", operand(a), op, operand(b)),
         .is_number = false};
  }
  puzzle.target = terms.front().value.above;
  puzzle.reference = terms.front().text;
  if (puzzle.target > options.max_target) return std::nullopt;
  return puzzle;
}

std::string identity(const CountdownPuzzle& puzzle) {
  std::vector<int64_t> sorted = puzzle.numbers;
  std::ranges::sort(sorted);
  return fmt::format("{}:{}", fmt::join(sorted, ","), puzzle.target);
}

void check(const CountdownOptions& options) {
  const auto want = [](bool holds, const char* what, int64_t value) {
    if (!holds) fail(ErrorKind::kConfig, "countdown: wanted {}, got {}", what, value);
  };
  want(options.count >= 1, "a count of at least 1", options.count);
  want(options.min_numbers >= 3, "at least 3 numbers a puzzle", options.min_numbers);
  want(options.max_numbers <= kMaxNumbers, "at most 6 numbers a puzzle", options.max_numbers);
  want(options.min_numbers <= options.max_numbers,
       "a least count of numbers that is not above the largest",
       options.min_numbers);
  want(options.max_number >= 2 && options.max_number <= kMaxNumber,
       "a largest number of 2 to 100",
       options.max_number);
  want(options.max_target >= 1 && options.max_target <= kMaxTarget,
       "a largest target of 1 to 1000",
       options.max_target);
  want(options.max_solutions == 0 || options.max_solutions >= options.min_solutions,
       "a largest number of solutions of 0 (no limit) or not below the least one",
       options.max_solutions);
}

}  // namespace

int64_t count_solutions(const std::vector<int64_t>& numbers, int64_t target) {
  std::vector<Fraction> values;
  values.reserve(numbers.size());
  for (const int64_t number : numbers) values.push_back({number, 1});
  const Fraction goal{target, 1};
  return std::ranges::count(values, goal) + count_ways(values, goal);
}

std::vector<CountdownPuzzle> make_countdown(const CountdownOptions& options) {
  check(options);
  std::vector<CountdownPuzzle> puzzles;
  std::set<std::string> seen;
  int64_t draws_made = 0;
  while (static_cast<int64_t>(puzzles.size()) < options.count) {
    if (draws_made == options.count * kDrawsPerPuzzle) {
      fail(ErrorKind::kConfig,
           "countdown: {} of {} puzzles found in {} draws; allow more numbers, larger targets or "
           "another number of solutions",
           puzzles.size(),
           options.count,
           draws_made);
    }
    Draws draws({.seed = options.seed,
                 .purpose = "countdown",
                 .step = static_cast<uint64_t>(draws_made++)});
    std::optional<CountdownPuzzle> puzzle = draw_puzzle(options, draws);
    if (!puzzle) continue;
    const std::string name = identity(*puzzle);
    const bool is_test = hash_name(name) % kTestShare == 0;
    if (is_test != options.is_test || !seen.insert(name).second) continue;
    puzzle->num_solutions = count_solutions(puzzle->numbers, puzzle->target);
    if (puzzle->num_solutions < options.min_solutions) continue;
    if (options.max_solutions > 0 && puzzle->num_solutions > options.max_solutions) continue;
    puzzles.push_back(std::move(*puzzle));
  }
  return puzzles;
}

const char* difficulty(int64_t num_solutions) {
  constexpr int64_t kEasy = 20;
  constexpr int64_t kMedium = 5;
  if (num_solutions >= kEasy) return "easy";
  return num_solutions >= kMedium ? "medium" : "hard";
}

void write_countdown(const std::filesystem::path& file,
                     const std::vector<CountdownPuzzle>& puzzles,
                     const std::string& id_prefix) {
  write_file_atomically(file, [&](std::ostream& out) {
    for (size_t i = 0; i < puzzles.size(); ++i) {
      const CountdownPuzzle& puzzle = puzzles[i];
      const Problem problem{
          .kind = "countdown", .numbers = puzzle.numbers, .target = puzzle.target};
      out << to_json_line(
                 {{"id", fmt::format("{}-{:06}", id_prefix, i)},
                  {"problem",
                   fill_prompt("Make {target} from the numbers {numbers}. Use + - * / and each "
                               "number at most once.",
                               problem)},
                  {"answer", std::to_string(puzzle.target)},
                  {"nums", puzzle.numbers},
                  {"target", puzzle.target},
                  {"reference", puzzle.reference},
                  {"num_solutions", puzzle.num_solutions},
                  {"difficulty", difficulty(puzzle.num_solutions)}})
          << "\n";
    }
  });
}

}  // namespace stratagram::text
