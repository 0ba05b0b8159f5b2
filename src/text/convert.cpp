#include "text/convert.h"

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "core/error.h"
#include "core/file.h"
#include "core/jsonl.h"
#include "text/field_pattern.h"

namespace stratagram::text {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using OnRow = std::function<void(const json& row, const std::string& where)>;

bool is_blank(const std::string& text) {
  return text.find_first_not_of(" \t\r\n") == std::string::npos;
}

void read_jsonl(const fs::path& file, const OnRow& on_row) {
  JsonlReader reader(file);
  for (auto row = reader.next(); row; row = reader.next()) on_row(*row, reader.where());
}

void read_json_list(const fs::path& file, const OnRow& on_row) {
  const json list = json::parse(read_file(file), nullptr, false);
  if (!list.is_array()) {
    fail(ErrorKind::kData, "{}: wanted a JSON list of objects, got none", file.string());
  }
  for (size_t i = 0; i < list.size(); ++i) {
    const std::string where = fmt::format("{}: item {}", file.string(), i);
    if (!list[i].is_object()) fail(ErrorKind::kData, "{}: wanted an object", where);
    on_row(list[i], where);
  }
}

// Patterns of one set, and the ids so far.
class Converter {
 public:
  explicit Converter(const RegisteredSet& set)
      : where_(fmt::format("problem set '{}'", set.name)),
        id_(set.id, where_),
        problem_(set.problem, where_),
        answer_(set.answer, where_) {
    if (!set.solution.empty()) solution_.emplace(set.solution, where_);
    for (const auto& [name, pattern] : set.extra)
      extra_.emplace(name, FieldPattern(pattern, where_));
  }

  void add(const json& row, const std::string& where) {
    const RowPlace place{.number = static_cast<int64_t>(set_.problems.size()),
                         .where = fmt::format("{}: {}", where_, where)};
    Problem problem{.id = id_.fill(row, place),
                    .text = problem_.fill(row, place),
                    .answer = answer_.fill(row, place),
                    .kind = "math"};
    if (solution_) problem.solution = solution_->fill(row, place);
    for (const auto& [name, pattern] : extra_) {
      if (pattern.is_covered_by(row)) set_.fields[problem.id][name] = pattern.fill(row, place);
    }
    if (is_blank(problem.id)) fail(ErrorKind::kData, "{}: the id is blank", place.where);
    if (is_blank(problem.text)) fail(ErrorKind::kData, "{}: the problem is blank", place.where);
    const auto [earlier, is_new] = places_.emplace(problem.id, where);
    if (!is_new) {
      fail(ErrorKind::kData,
           "{}: id '{}' came before, at {}; its pattern must tell the rows apart",
           place.where,
           problem.id,
           earlier->second);
    }
    set_.problems.push_back(std::move(problem));
  }

  [[nodiscard]] ProblemSet take(int64_t wanted) && {
    if (static_cast<int64_t>(set_.problems.size()) != wanted) {
      fail(ErrorKind::kData,
           "{}: wanted {} problems, as the registry says, got {}",
           where_,
           wanted,
           set_.problems.size());
    }
    return std::move(set_);
  }

 private:
  std::string where_;
  FieldPattern id_;
  FieldPattern problem_;
  FieldPattern answer_;
  std::optional<FieldPattern> solution_;
  std::map<std::string, FieldPattern> extra_;
  ProblemSet set_{};
  std::unordered_map<std::string, std::string> places_;
};

}  // namespace

ProblemSet convert_set(const RegisteredSet& set, const std::vector<fs::path>& files) {
  STRATAGRAM_CHECK(files.size() == set.files.size(),
                   "problem set '{}' has {} files, got {}",
                   set.name,
                   set.files.size(),
                   files.size());
  Converter converter(set);
  const OnRow on_row = [&](const json& row, const std::string& where) {
    converter.add(row, where);
  };
  for (const fs::path& file : files) {
    set.format == SetFormat::kJsonl ? read_jsonl(file, on_row) : read_json_list(file, on_row);
  }
  return std::move(converter).take(set.num_problems);
}

}  // namespace stratagram::text
