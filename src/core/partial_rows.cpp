#include "core/partial_rows.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string_view>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/file.h"
#include "core/jsonl.h"

namespace stratagram {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kConditions = "conditions";

// "sampling.top_p was 0.9, is 1.0" for each value that differs.
void add_differences(const std::string& name,
                     const json& before,
                     const json& now,
                     std::vector<std::string>& differences) {
  if (before == now) return;
  if (!before.is_object() || !now.is_object()) {
    differences.push_back(
        fmt::format("{} was {}, is {}", name, to_json_line(before), to_json_line(now)));
    return;
  }
  json keys = before;
  keys.update(now);
  for (const auto& [key, unused] : keys.items()) {
    add_differences(name.empty() ? key : fmt::format("{}.{}", name, key),
                    before.value(key, json()),
                    now.value(key, json()),
                    differences);
  }
}

// What a process that was stopped in its first line leaves, whatever its conditions were.
bool is_cut_head(std::string_view text) {
  constexpr std::string_view kOpening = R"({"conditions":)";
  return (text.starts_with(kOpening) || kOpening.starts_with(text)) && !json::accept(text);
}

}  // namespace

fs::path partial_path_of(const fs::path& result) {
  fs::path path = result;
  if (path.extension() == ".jsonl") path.replace_extension();
  path += ".part.jsonl";
  return path;
}

PartialRows::PartialRows(const fs::path& path, const json& conditions, const Take& take)
    : file_(path),
      // As they are read back: text that is not UTF-8 is replaced, for example.
      conditions_(json::parse(to_json_line(conditions))) {
  take_up(take);
}

void PartialRows::take_up(const Take& take) {
  const std::string text = read_file(path());
  const size_t last_end = text.rfind('\n');
  const size_t whole = last_end == std::string::npos ? 0 : last_end + 1;
  if (whole == 0 && !is_cut_head(text)) fail_as_foreign();
  std::string_view rest = std::string_view(text).substr(0, whole);
  for (int64_t number = 1; !rest.empty(); ++number) {
    const size_t end = rest.find('\n');
    const std::string where = fmt::format("{}:{}", path().string(), number);
    const json row = parse_json_object(rest.substr(0, end), where);
    rest.remove_prefix(end + 1);
    if (has_head_) {
      take(row, where);
    } else {
      check_head(row);
      has_head_ = true;
    }
  }
  file_.cut(whole);  // not before it is known to be ours
}

std::string PartialRows::head_line() const {
  return to_json_line({{kConditions, conditions_}}) + "\n";
}

void PartialRows::fail_as_foreign() const {
  fail(ErrorKind::kData,
       "{}:1: wanted the conditions that its rows were made under, found none; it is no partial "
       "result of this program, so move it away",
       path().string());
}

void PartialRows::check_head(const json& head) const {
  if (!head.contains(kConditions)) fail_as_foreign();
  std::vector<std::string> differences;
  add_differences("", head.at(kConditions), conditions_, differences);
  if (differences.empty()) return;
  fail(ErrorKind::kConfig,
       "{}: holds rows made under other conditions: {}; go on under the old ones, or remove it or "
       "choose another --out to start anew",
       path().string(),
       fmt::join(differences, "; "));
}

void PartialRows::append(const json& row) {
  const uint64_t before = file_.size();
  try {
    file_.append((has_head_ ? "" : head_line()) + to_json_line(row) + "\n");
  } catch (const Error&) {
    file_.cut(before);  // the next row may find room, and must not go on in half a line
    throw;
  }
  has_head_ = true;
}

}  // namespace stratagram
