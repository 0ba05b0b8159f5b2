// core/jsonl.h -- JSON Lines in and out, with line numbers in every error.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace stratagram {

/// Reads one JSON object a line; blank lines are skipped. Not thread-safe.
class JsonlReader {
 public:
  /// Throws Error(kData) when the file cannot be opened.
  explicit JsonlReader(const std::filesystem::path& path);

  /// The next object, or none at the end. Throws Error(kData) "FILE:LINE: ..." for text that is
  /// not JSON, not UTF-8, or not an object.
  [[nodiscard]] std::optional<nlohmann::json> next();

  /// "FILE:LINE" of the object that next() gave last.
  [[nodiscard]] std::string where() const;

 private:
  std::filesystem::path path_;
  std::ifstream file_;
  std::string line_;
  int64_t line_number_ = 0;
};

/// One JSON object. Throws Error(kData) naming `where` for broken text, anything but an object, and
/// nesting beyond 100 levels, which no real file has and which would run out of stack later.
[[nodiscard]] nlohmann::json parse_json_object(std::string_view text, const std::string& where);

/// The value of `key` as type T, or Error(kData) "WHERE: field 'key': wanted TYPE, got ...".
/// Instantiated for std::string, int64_t, double, bool and vectors of int64_t, double, string.
template <typename T>
[[nodiscard]] T field_of(const nlohmann::json& object,
                         const std::string& key,
                         const std::string& where);

/// field_of, or none when the key is absent or null.
template <typename T>
[[nodiscard]] std::optional<T> optional_field_of(const nlohmann::json& object,
                                                 const std::string& key,
                                                 const std::string& where);

/// One line of JSON without the newline. Text that is not UTF-8 is written with U+FFFD.
[[nodiscard]] std::string to_json_line(const nlohmann::json& object);

/// Rounds to `digits` significant digits, so that the value prints that short in JSON.
[[nodiscard]] double round_significant(double value, int digits = 6);

/// The values as a JSON array, each rounded to 6 significant digits.
[[nodiscard]] nlohmann::json rounded_list(std::span<const float> values);

/// Appends lines to a file, each flushed, so that a crash loses none already written.
class JsonlAppender {
 public:
  /// Throws Error(kDevice) when the file cannot be opened.
  explicit JsonlAppender(const std::filesystem::path& path);
  /// Throws Error(kDevice) when the line cannot be written whole.
  void append(const nlohmann::json& object);
  /// The same, with the keys in the order they were set.
  void append(const nlohmann::ordered_json& object);

 private:
  void write(const std::string& line);
  std::filesystem::path path_;
  std::ofstream file_;
};

}  // namespace stratagram
