#include "review/row_log.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string_view>
#include <utility>

#include "core/error.h"
#include "core/file.h"
#include "core/jsonl.h"
#include "core/log.h"

namespace stratagram::review {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using nlohmann::ordered_json;

std::string line_of(const ordered_json& row) {
  return row.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

[[noreturn]] void fail_as_foreign(const fs::path& path,
                                  const std::string& found,
                                  const LogHead& wanted) {
  fail(ErrorKind::kData,
       "{}:1: wanted the first line of a log of {}, got {}; choose another file",
       path.string(),
       wanted.at("log").get<std::string>(),
       found.substr(0, 60));
}

void check_head(const fs::path& path, const json& found, const LogHead& wanted) {
  const auto named = found.find("log");
  if (named == found.end() || *named != json(wanted.at("log"))) {
    fail_as_foreign(path, to_json_line(found), wanted);
  }
  std::vector<std::string> differences;
  for (const auto& [key, value] : wanted.items()) {
    const json before = found.value(key, json());
    if (before == json(value)) continue;
    differences.push_back(
        fmt::format("{} was {}, is {}", key, to_json_line(before), to_json_line(json(value))));
  }
  if (differences.empty()) return;
  fail(ErrorKind::kConfig,
       "{}: holds decisions on something else: {}; give what it was begun with, or begin another "
       "log",
       path.string(),
       fmt::join(differences, "; "));
}

// The bytes that are whole lines. A last line without its end was cut short, unless it is a whole
// object: no part of one is.
size_t whole_size(std::string_view text) {
  const size_t last_end = text.rfind('\n');
  const size_t lines = last_end == std::string_view::npos ? 0 : last_end + 1;
  const bool is_whole = json::accept(text.substr(lines)) && text.substr(lines).starts_with('{');
  return is_whole ? text.size() : lines;
}

// Returns whether there was a head.
bool take_rows(const fs::path& path,
               std::string_view text,
               const LogHead& head,
               const TakeRow& take) {
  bool has_head = false;
  for (int64_t number = 1; !text.empty(); ++number) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string where = fmt::format("{}:{}", path.string(), number);
    const json row = parse_json_object(text.substr(0, end), where);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (has_head) {
      take(row, where);
    } else {
      check_head(path, row, head);
      has_head = true;
    }
  }
  return has_head;
}

void warn_of_cut(const fs::path& path, size_t num_bytes) {
  spdlog::warn(
      "{}: its last line was cut short, {} bytes; left out, so that decision is to be "
      "made again",
      path.string(),
      num_bytes);
}

}  // namespace

void read_log(const fs::path& path, const LogHead& head, const TakeRow& take) {
  const std::string text = read_file(path);
  const size_t whole = whole_size(text);
  if (!take_rows(path, std::string_view(text).substr(0, whole), head, take)) {
    fail(
        ErrorKind::kData, "{}: is empty; wanted a log of {}", path.string(), head.at("log").dump());
  }
  if (whole < text.size()) warn_of_cut(path, text.size() - whole);
}

RowLog::RowLog(const fs::path& path, LogHead head, const TakeRow& take)
    : file_(path), head_(std::move(head)) {
  const std::string text = read_file(path);
  const size_t whole = whole_size(text);
  if (whole == 0 && !line_of(head_).starts_with(text)) {
    fail_as_foreign(path, to_json_line(json(text.substr(0, 50))), head_);
  }
  const bool has_head = take_rows(path, std::string_view(text).substr(0, whole), head_, take);
  if (whole < text.size()) {
    warn_of_cut(path, text.size() - whole);
    file_.cut(whole);
  }
  if (has_head && !text.substr(0, whole).ends_with('\n')) file_.append("\n");
}

void RowLog::append(const std::vector<ordered_json>& rows) {
  if (rows.empty()) return;
  const uint64_t before = file_.size();
  std::string text;
  if (before == 0) text = line_of(head_);
  for (const ordered_json& row : rows) text += line_of(row);
  try {
    file_.append(text);
    file_.sync();
    if (before == 0) sync_folder(path().has_parent_path() ? path().parent_path() : fs::path("."));
  } catch (const Error&) {
    file_.cut(before);  // no part of a line may stay, as the next one would go on in it
    throw;
  }
}

}  // namespace stratagram::review
