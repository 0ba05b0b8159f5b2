// text/toml_entry.h -- files of named TOML tables (registry, templates, recipes), read strictly:
// every message says file, line, table and key.
#pragma once

#include <toml++/toml.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace stratagram::text {

/// A table and its name in messages: "FILE:LINE: set 'x': key 'k'". Refers to the table, which must
/// outlive it. Every accessor throws Error(kConfig) for a value of another kind.
class TomlEntry {
 public:
  TomlEntry(const toml::table& table, std::string file, std::string name)
      : table_(table), file_(std::move(file)), name_(std::move(name)) {}

  [[nodiscard]] std::string where(const std::string& key) const;
  /// In the order of their names.
  [[nodiscard]] std::vector<std::string> keys() const;
  [[nodiscard]] bool has(const std::string& key) const { return table_.contains(key); }

  /// Not empty; without the key an error.
  [[nodiscard]] std::string text(const std::string& key) const;
  [[nodiscard]] std::optional<std::string> optional_text(const std::string& key) const;
  /// At least 1.
  [[nodiscard]] int64_t count(const std::string& key) const;
  /// From `min` to `max`; a whole number will do.
  [[nodiscard]] double number(const std::string& key, double min, double max) const;
  /// At least one text.
  [[nodiscard]] std::vector<std::string> texts(const std::string& key) const;
  [[nodiscard]] TomlEntry table(const std::string& key) const;
  /// At least one table.
  [[nodiscard]] std::vector<TomlEntry> tables(const std::string& key) const;

  [[noreturn]] void refuse(const std::string& key, const std::string& wanted) const;
  /// Refuses a key that is not among these, with the nearest one.
  void want_only(const std::vector<std::string>& known) const;

 private:
  [[nodiscard]] const toml::node& node(const std::string& key, const char* wanted) const;
  const toml::table& table_;
  std::string file_;
  std::string name_;
};

/// Gives every table of the file to `take`, by name; `kind` is "set" or the like, for messages. The
/// names become parts of file names. Throws Error: kData when the file cannot be read, kConfig for
/// broken TOML, a name that is no plain name, and whatever is no table.
void read_toml_entries(
    const std::filesystem::path& file,
    const std::string& kind,
    const std::function<void(const std::string& name, const TomlEntry& entry)>& take);

}  // namespace stratagram::text
