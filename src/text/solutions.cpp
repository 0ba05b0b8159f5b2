#include "text/solutions.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/config.h"
#include "core/error.h"
#include "core/records.h"
#include "text/solution_files.h"
#include "text/token_data.h"

namespace stratagram::text {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

// Rewards of other trainers are 0 or 1, or -1 or 1, with small bonuses for format.
constexpr double kCorrectAbove = 0.5;

struct Preset {
  std::string name;
  SolutionFields fields;
  std::vector<std::string> told_by;  ///< fields that a row has which is of this preset
};

// The first whose telling fields a row has is taken, so those that ask for most come first.
const std::vector<Preset>& presets() {
  static const std::vector<Preset> all{
      {.name = "stratagram",
       .fields = {.problem_id = "problem_id",
                  .problem = "prompt",
                  .response = "response",
                  .correct = "verdict",
                  .gold = "gold",
                  .step = "step"},
       .told_by = {"problem_id", "prompt", "response"}},
      {.name = "verl",
       .fields = {.problem = "input",
                  .response = "output",
                  .correct = "score",
                  .gold = "gts",
                  .step = "step"},
       .told_by = {"input", "output"}},
      {.name = "trl",
       .fields = {.problem = "prompt", .response = "completion", .step = "step"},
       .told_by = {"prompt", "completion"}},
      {.name = "plain",
       .fields = {.problem_id = "id",
                  .problem = "problem",
                  .response = "response",
                  .correct = "correct",
                  .gold = "answer",
                  .step = "step",
                  .source = "model"},
       .told_by = {"response"}},
      {.name = "reference",
       .fields = {.problem_id = "id",
                  .problem = "problem",
                  .response = "solution",
                  .always_correct = true},
       .told_by = {"problem", "solution"}}};
  return all;
}

struct FieldName {
  const char* name;
  std::string SolutionFields::* member;
};

constexpr std::array<FieldName, 7> kFieldNames{{{"id", &SolutionFields::problem_id},
                                                {"problem", &SolutionFields::problem},
                                                {"response", &SolutionFields::response},
                                                {"correct", &SolutionFields::correct},
                                                {"gold", &SolutionFields::gold},
                                                {"step", &SolutionFields::step},
                                                {"source", &SolutionFields::source}}};

void apply(const std::string& change, SolutionFields& fields) {
  const size_t equals = change.find('=');
  if (equals == std::string::npos) {
    fail(ErrorKind::kConfig, "field map: wanted NAME=FIELD, got '{}'", change);
  }
  const std::string name = change.substr(0, equals);
  const auto found =
      std::ranges::find_if(kFieldNames, [&](const FieldName& field) { return field.name == name; });
  if (found == kFieldNames.end()) {
    std::vector<std::string> names;
    for (const FieldName& field : kFieldNames) names.emplace_back(field.name);
    fail(ErrorKind::kConfig,
         "field map: '{}' is nothing that a row is read for; did you mean '{}'? (id, problem, "
         "response, correct, gold, step, source)",
         name,
         nearest_name(name, names));
  }
  fields.*(found->member) = change.substr(equals + 1);
}

// A field that begins like a JSON pointer must be one.
void check_pointer(const std::string& field) {
  if (field.empty() || field.front() != '/') return;
  try {
    (void)json::json_pointer(field);
  } catch (const json::parse_error& error) {
    fail(ErrorKind::kConfig, "field map: '{}' is no JSON pointer: {}", field, error.what());
  }
}

// The value that stands at `field`, or none when it is absent or null.
const json* value_at(const json& row, const std::string& field, const std::string& where) {
  if (field.empty()) return nullptr;
  const json* value = nullptr;
  if (field.front() == '/') {
    const json::json_pointer pointer(field);
    try {
      if (row.contains(pointer)) value = &row.at(pointer);
    } catch (const json::exception& error) {  // what is a list here has no such place
      fail(ErrorKind::kData, "{}: field '{}': {}", where, field, error.what());
    }
  } else if (const auto found = row.find(field); found != row.end()) {
    value = &*found;
  }
  return value != nullptr && value->is_null() ? nullptr : value;
}

[[noreturn]] void fail_type(const std::string& where,
                            const std::string& field,
                            const char* wanted,
                            const json& value) {
  fail(ErrorKind::kData,
       "{}: field '{}': wanted {}, got {}; name another field with --field",
       where,
       field,
       wanted,
       value.type_name());
}

std::string text_of(const json& value, const std::string& field, const std::string& where) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number()) return value.dump();
  fail_type(where, field, "a text", value);
}

int64_t step_of(const json& value, const std::string& field, const std::string& where) {
  const bool fits = !value.is_number_unsigned() || value.get<uint64_t>() <= uint64_t{INT64_MAX};
  if (!value.is_number_integer() || !fits) fail_type(where, field, "a whole number", value);
  return value.get<int64_t>();
}

bool correct_of(const json& value, const std::string& field, const std::string& where) {
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_number()) return value.get<double>() > kCorrectAbove;
  if (value.is_string()) {
    if (const auto verdict = verdict_of(value.get<std::string>())) {
      return *verdict == Verdict::kCorrect;
    }
  }
  fail_type(where, field, "true, false, a verdict or a reward", value);
}

}  // namespace

std::vector<std::string> solution_presets() {
  std::vector<std::string> names;
  for (const Preset& preset : presets()) names.push_back(preset.name);
  return names;
}

SolutionFields solution_fields(const std::string& preset, std::span<const std::string> changes) {
  const auto found = std::ranges::find(presets(), preset, &Preset::name);
  if (found == presets().end()) {
    fail(ErrorKind::kConfig,
         "field map: unknown preset '{}'; did you mean '{}'?",
         preset,
         nearest_name(preset, solution_presets()));
  }
  SolutionFields fields = found->fields;
  for (const std::string& change : changes) apply(change, fields);
  if (fields.response.empty()) {
    fail(ErrorKind::kConfig, "field map: a response is needed, but 'response' names no field");
  }
  for (const FieldName& field : kFieldNames) check_pointer(fields.*field.member);
  return fields;
}

SolutionReader::SolutionReader(std::span<const fs::path> paths, SolutionOptions options)
    : options_(std::move(options)) {
  // Faults of the map are found before the first file is read.
  (void)solution_fields(options_.preset.empty() ? "plain" : options_.preset, options_.changes);
  for (const fs::path& path : paths) {
    for (fs::path& file : solution_files(path)) files_.push_back(std::move(file));
  }
}

std::optional<Solution> SolutionReader::next() {
  while (true) {
    if (!reader_) {
      if (next_file_ == files_.size()) return std::nullopt;
      const fs::path& file = files_[next_file_++];
      reader_.emplace(file);
      fields_.reset();
      default_source_ = source_of_file(file);
    }
    if (auto row = reader_->next()) {
      row_ = std::move(*row);
      if (!fields_) fields_ = fields_for(row_);
      return solution_of(row_);
    }
    reader_.reset();
  }
}

fs::path SolutionReader::file() const {
  return next_file_ == 0 ? fs::path() : files_[next_file_ - 1];
}

std::string SolutionReader::where() const {
  return reader_ ? reader_->where() : std::string("no row was read");
}

SolutionFields SolutionReader::fields_for(const json& row) const {
  if (!options_.preset.empty()) return solution_fields(options_.preset, options_.changes);
  for (const Preset& preset : presets()) {
    const auto has = [&](const std::string& field) { return row.contains(field); };
    if (std::ranges::all_of(preset.told_by, has)) {
      return solution_fields(preset.name, options_.changes);
    }
  }
  const SolutionFields fields = solution_fields("plain", options_.changes);
  if (value_at(row, fields.response, where()) != nullptr) return fields;
  std::string found;
  for (const auto& [key, value] : row.items()) found += (found.empty() ? "" : ", ") + key;
  fail(ErrorKind::kData,
       "{}: no field of this row is known to hold a response (it has: {}); name it with --field "
       "response=FIELD",
       where(),
       found);
}

Solution SolutionReader::solution_of(const json& row) const {
  const std::string place = where();
  const SolutionFields& fields = *fields_;
  Solution solution;
  const json* response = value_at(row, fields.response, place);
  if (response == nullptr) {
    fail(ErrorKind::kData, "{}: field '{}': wanted a text, got nothing", place, fields.response);
  }
  if (!response->is_string()) fail_type(place, fields.response, "a text", *response);
  solution.response = response->get<std::string>();
  if (const json* value = value_at(row, fields.problem_id, place)) {
    solution.problem_id = text_of(*value, fields.problem_id, place);
  }
  if (const json* value = value_at(row, fields.problem, place)) {
    solution.problem = text_of(*value, fields.problem, place);
  }
  if (fields.always_correct) solution.correct = true;
  if (const json* value = value_at(row, fields.correct, place)) {
    solution.correct = correct_of(*value, fields.correct, place);
  }
  if (const json* value = value_at(row, fields.gold, place)) {
    // Other trainers keep lists and whole records there; only people and judges read it.
    solution.gold = value->is_string() ? value->get<std::string>() : to_json_line(*value);
  }
  if (const json* value = value_at(row, fields.step, place)) {
    solution.step = step_of(*value, fields.step, place);
  }
  const json* source = value_at(row, fields.source, place);
  solution.source = source == nullptr ? default_source_ : text_of(*source, fields.source, place);
  if (options_.tokens) solution.tokens = token_data_of(row, place);
  return solution;
}

const std::string& problem_key(const Solution& solution) {
  return solution.problem.empty() ? solution.problem_id : solution.problem;
}

}  // namespace stratagram::text
