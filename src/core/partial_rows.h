// core/partial_rows.h -- rows of long work that may be stopped, kept in a file as they come: JSON
// Lines whose first line says under which conditions the others were made.
//
// A file that a stopped process left is taken up by the next one under equal conditions. A row
// whose writing was cut short is dropped; it is the last one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "core/part_file.h"

namespace stratagram {

/// Where the rows of `result` are kept until it is whole: "rows.jsonl" has "rows.part.jsonl", any
/// other name gets ".part.jsonl".
[[nodiscard]] std::filesystem::path partial_path_of(const std::filesystem::path& result);

/// Owns the file while it lives. Not thread-safe.
class PartialRows {
 public:
  /// A row that was there, and "FILE:LINE" for messages.
  using Take = std::function<void(const nlohmann::json& row, const std::string& where)>;

  /// Takes up the file and gives each of its rows to `take`, or makes it. Without a row appended,
  /// nothing stays. Throws Error: kConfig naming each condition that differs from those it was
  /// begun under; kData for a damaged line or a file that another process writes; kDevice when it
  /// cannot be made.
  PartialRows(const std::filesystem::path& path,
              const nlohmann::json& conditions,
              const Take& take);

  [[nodiscard]] const std::filesystem::path& path() const { return file_.path(); }

  /// The line is with the system when it returns, so a killed process loses none. Throws
  /// Error(kDevice) on a full disk.
  void append(const nlohmann::json& row);

  /// Removes the file: the result is written.
  void remove() { file_.remove(); }

 private:
  void take_up(const Take& take);
  void check_head(const nlohmann::json& head) const;
  [[nodiscard]] std::string head_line() const;
  [[noreturn]] void fail_as_foreign() const;
  PartFile file_;
  nlohmann::json conditions_;
  bool has_head_ = false;
};

}  // namespace stratagram
