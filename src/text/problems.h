// text/problems.h -- problem sets as JSON Lines: `id problem answer`, and what some checkers need.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/records.h"

namespace stratagram::text {

/// Whatever else a row says that is a text or a number, as text, by its name.
using Fields = std::map<std::string, std::string>;

struct ProblemSet {
  std::vector<Problem> problems;
  int64_t num_skipped = 0;                 ///< rows with a blank answer
  std::map<std::string, Fields> fields{};  ///< by problem id; none for a problem without any
};

struct ProblemOptions {
  bool skip_blank_answers = false;  ///< else they are an error
};

/// True for the fields of a row that have a meaning of their own: id, problem, answer, solution,
/// kind, nums and target.
[[nodiscard]] bool is_problem_field(std::string_view name);

/// Reads a set. `id` and `answer` may be texts or numbers; `solution` is optional; further texts
/// and numbers become ProblemSet::fields; a row with
/// `nums` and `target` is a Countdown puzzle (kind "countdown"), any other row is kind "math"
/// unless `kind` says so. Throws Error(kData) "FILE:LINE: ..." for text that is no JSON object, a
/// field that is missing, of the wrong type or blank, and an id that came before (naming that line
/// too); and for a set without problems.
[[nodiscard]] ProblemSet read_problems(const std::filesystem::path& file,
                                       const ProblemOptions& options = {});

/// True for a pattern with {problem} or {numbers} in it.
[[nodiscard]] bool names_the_problem(std::string_view pattern);

/// A user message: `pattern` with {problem} replaced by the problem's text and, for Countdown
/// puzzles, {numbers} by "3, 7 and 2" and {target} by the target. Throws Error(kConfig) for a
/// pattern that does not name the problem, and for {numbers} or {target} with another problem.
[[nodiscard]] std::string fill_prompt(const std::string& pattern, const Problem& problem);

/// Writes a set that read_problems() reads back, atomically.
void write_problems(const std::filesystem::path& file,
                    const std::vector<Problem>& problems,
                    const std::map<std::string, Fields>& fields = {});

}  // namespace stratagram::text
