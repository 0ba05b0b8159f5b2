#include "text/problems.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <unordered_map>
#include <utility>

#include "core/error.h"
#include "core/file.h"
#include "core/jsonl.h"

namespace stratagram::text {
namespace {

using nlohmann::json;

bool is_blank(const std::string& text) {
  return text.find_first_not_of(" \t\r\n") == std::string::npos;
}

// A text, or a number written as JSON writes it.
std::string text_or_number(const json& row, const char* key, const std::string& where) {
  const auto found = row.find(key);
  if (found != row.end() && found->is_number()) return found->dump();
  return field_of<std::string>(row, key, where);
}

// The others that are texts or numbers.
Fields further_fields(const json& row) {
  Fields fields;
  for (const auto& [name, value] : row.items()) {
    if (is_problem_field(name)) continue;
    if (value.is_string()) fields[name] = value.get<std::string>();
    if (value.is_number()) fields[name] = value.dump();
  }
  return fields;
}

Problem problem_of(const json& row, const std::string& where) {
  Problem problem;
  problem.id = text_or_number(row, "id", where);
  problem.text = field_of<std::string>(row, "problem", where);
  problem.answer = text_or_number(row, "answer", where);
  problem.solution = optional_field_of<std::string>(row, "solution", where).value_or("");
  const bool is_countdown = row.contains("nums") && row.contains("target");
  problem.kind = optional_field_of<std::string>(row, "kind", where)
                     .value_or(is_countdown ? "countdown" : "math");
  if (problem.kind == "countdown") {
    problem.numbers = field_of<std::vector<int64_t>>(row, "nums", where);
    problem.target = field_of<int64_t>(row, "target", where);
    if (problem.numbers.empty()) {
      fail(ErrorKind::kData, "{}: field 'nums': wanted at least one number, got none", where);
    }
  } else if (problem.kind != "math") {
    fail(ErrorKind::kData,
         "{}: field 'kind': wanted math or countdown, got '{}'",
         where,
         problem.kind);
  }
  if (is_blank(problem.id)) fail(ErrorKind::kData, "{}: field 'id' is blank", where);
  if (is_blank(problem.text)) fail(ErrorKind::kData, "{}: field 'problem' is blank", where);
  return problem;
}

// "3, 7 and 2"
std::string listed(const std::vector<int64_t>& numbers) {
  std::string text;
  for (size_t i = 0; i < numbers.size(); ++i) {
    if (i > 0) text += i + 1 == numbers.size() ? " and " : ", ";
    text += std::to_string(numbers[i]);
  }
  return text;
}

}  // namespace

ProblemSet read_problems(const std::filesystem::path& file, const ProblemOptions& options) {
  JsonlReader reader(file);
  ProblemSet set;
  std::unordered_map<std::string, std::string> places;
  for (auto row = reader.next(); row; row = reader.next()) {
    const std::string where = reader.where();
    Problem problem = problem_of(*row, where);
    const auto [earlier, is_new] = places.emplace(problem.id, where);
    if (!is_new) {
      fail(
          ErrorKind::kData,
          "{}: id '{}' came before, at {}; ids must be unique, because they key the random numbers",
          where,
          problem.id,
          earlier->second);
    }
    if (is_blank(problem.answer)) {
      if (!options.skip_blank_answers) {
        fail(
            ErrorKind::kData,
            "{}: id '{}': field 'answer' is blank; no response can be right. Remove the row or set "
            "data.skip_blank_answers",
            where,
            problem.id);
      }
      ++set.num_skipped;
      continue;
    }
    if (Fields further = further_fields(*row); !further.empty()) {
      set.fields.emplace(problem.id, std::move(further));
    }
    set.problems.push_back(std::move(problem));
  }
  if (set.problems.empty()) {
    fail(ErrorKind::kData,
         "{}: wanted at least one problem ({{\"id\": ..., \"problem\": ..., \"answer\": ...}} a "
         "line), "
         "found none",
         file.string());
  }
  return set;
}

bool is_problem_field(std::string_view name) {
  constexpr std::array<std::string_view, 7> kNames{
      "id", "problem", "answer", "solution", "kind", "nums", "target"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

bool names_the_problem(std::string_view pattern) {
  return pattern.find("{problem}") != std::string_view::npos ||
         pattern.find("{numbers}") != std::string_view::npos;
}

std::string fill_prompt(const std::string& pattern, const Problem& problem) {
  if (!names_the_problem(pattern)) {
    fail(ErrorKind::kConfig,
         "prompt template: wanted {{problem}} or {{numbers}} in it, got '{}'",
         pattern);
  }
  // One pass, so that braces inside a problem's text stay what they are.
  std::string filled;
  for (size_t i = 0; i < pattern.size();) {
    const auto at = [&](std::string_view place) {
      return std::string_view(pattern).substr(i).starts_with(place);
    };
    if (at("{problem}")) {
      filled += problem.text;
      i += std::string_view("{problem}").size();
    } else if (at("{numbers}") || at("{target}")) {
      if (problem.kind != "countdown") {
        fail(
            ErrorKind::kConfig,
            "prompt template '{}': {{numbers}} and {{target}} are those of a Countdown puzzle, and "
            "problem '{}' is none; take {{problem}}",
            pattern,
            problem.id);
      }
      filled += at("{target}") ? std::to_string(problem.target) : listed(problem.numbers);
      i = pattern.find('}', i) + 1;
    } else {
      filled += pattern[i++];
    }
  }
  return filled;
}

void write_problems(const std::filesystem::path& file,
                    const std::vector<Problem>& problems,
                    const std::map<std::string, Fields>& fields) {
  std::string lines;
  for (const Problem& problem : problems) {
    json row = {{"id", problem.id}, {"problem", problem.text}, {"answer", problem.answer}};
    if (!problem.solution.empty()) row["solution"] = problem.solution;
    if (const auto further = fields.find(problem.id); further != fields.end()) {
      for (const auto& [name, value] : further->second) row[name] = value;
    }
    if (problem.kind == "countdown") {
      row["nums"] = problem.numbers;
      row["target"] = problem.target;
    }
    lines += to_json_line(row) + "\n";
  }
  write_file_atomically(file, lines);
}

}  // namespace stratagram::text
