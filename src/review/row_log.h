// review/row_log.h -- a log of a person's decisions: JSON Lines whose first line says what is
// decided on. Nothing in it is ever changed; what holds now is what replaying it gives.
//
// Knows of no grams, so that other things that a person classifies are logged by it too.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/part_file.h"

namespace stratagram::review {

/// A row of a log, and "FILE:LINE" for messages.
using TakeRow = std::function<void(const nlohmann::json& row, const std::string& where)>;

/// What the first line of a log must say, e.g. {"log": "gram decisions", "corpus_digest": "..."}.
using LogHead = nlohmann::ordered_json;

/// Gives each row of a log to `take`, without owning the log: another process may be writing it. A
/// last line whose writing was cut short is left out, and a warning says so. Throws Error: kData
/// for a file that cannot be read, a damaged line and a file that is no log; kConfig where the
/// first line differs from `head`, naming each field; and what `take` throws.
void read_log(const std::filesystem::path& path, const LogHead& head, const TakeRow& take);

/// Owns a log while it lives. Not thread-safe.
class RowLog {
 public:
  /// Takes up the log and gives each of its rows to `take`, or makes it. A last line whose writing
  /// was cut short is cut off, and a warning says so. Without a row appended to a new one, no file
  /// stays. Throws like read_log(); kData too when another process holds it, kDevice when it
  /// cannot be made.
  RowLog(const std::filesystem::path& path, LogHead head, const TakeRow& take);

  /// All rows or none: the lines are on the disk when it returns, so neither a killed process nor a
  /// power cut loses one. Throws Error(kDevice) on a full disk; the log is as before then.
  void append(const std::vector<nlohmann::ordered_json>& rows);

  [[nodiscard]] const std::filesystem::path& path() const { return file_.path(); }

 private:
  PartFile file_;
  LogHead head_;
};

}  // namespace stratagram::review
