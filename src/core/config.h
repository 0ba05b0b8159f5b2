// core/config.h -- one table of fields per config struct, which feeds parsing, help, JSON and the
// report. A default stands in the struct and nowhere else.
//
// A config struct is an aggregate with defaults and a `void describe(ConfigFields& fields)` that
// names each member once. ConfigFields then reads TOML and KEY=VALUE texts into the members.
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace stratagram {

/// What is known of a field besides its name, type and default.
struct FieldDoc {
  std::string meaning;  ///< one sentence, no final full stop
  std::string unit{};   ///< "tokens", "nats", "bytes"; empty for pure numbers and texts
  double min = -std::numeric_limits<double>::infinity();  ///< inclusive
  double max = std::numeric_limits<double>::infinity();   ///< inclusive
  std::vector<std::string> choices{};  ///< for texts: the allowed values; empty = any
  std::string origin = "ours";         ///< where the default comes from: "paper", "DAPO", "ours"
  /// The field has an effect only while the field `effective_key` (same section, described
  /// earlier) has one of `effective_values` (booleans as "true"/"false"). Setting it otherwise is
  /// an error.
  std::string effective_key{};
  std::vector<std::string> effective_values{};
};

/// Fields bound to live members. Keys are dotted: "rollout.max_new_tokens". Not thread-safe; the
/// bound structs must outlive it and must hold their defaults when they are described.
class ConfigFields {
 public:
  using Target = std::variant<bool*, int64_t*, double*, std::string*, std::vector<std::string>*>;

  /// Binds one member. Throws Error(kInternal) for a key that is already bound.
  void add(const std::string& name, Target target, FieldDoc doc);

  /// Describes `config` under the prefix "name.".
  template <typename Config>
  void section(const std::string& name, Config& config) {
    const std::string outer = prefix_;
    prefix_ += name + ".";
    config.describe(*this);
    prefix_ = outer;
  }

  /// Reads a TOML file. Throws Error(kConfig) "FILE:LINE: ..." for broken TOML, a wrong type, a
  /// value out of range, and an unknown key, with the nearest known one.
  void read_toml(const std::filesystem::path& path);

  /// Reads "key=value"; the text is a TOML value, or a bare string where a text is wanted. Throws
  /// like read_toml.
  void set(std::string_view assignment);

  /// Every fault that is left: keys that were set but have no effect. One sentence each.
  [[nodiscard]] std::vector<std::string> problems() const;

  /// {"rollout.max_new_tokens": {"value": 512, "source": "default|file|set", "origin": "paper"}},
  /// in the order of description.
  [[nodiscard]] nlohmann::ordered_json to_json() const;

  /// Reads back what to_json() wrote (value and source). Throws Error(kConfig) naming the key.
  void read_json(const nlohmann::json& record, const std::string& where);

  /// A table of all keys with default, unit, range and meaning, grouped by section.
  [[nodiscard]] std::string help() const;

  /// All keys, in the order of description.
  [[nodiscard]] std::vector<std::string> keys() const;

  /// True when a file or a KEY=VALUE gave this key.
  [[nodiscard]] bool is_set(const std::string& key) const;

 private:
  struct Field {
    std::string key;
    Target target;
    FieldDoc doc;
    std::string default_text;
    std::string source = "default";
  };
  [[nodiscard]] const Field* find(const std::string& key) const;
  Field& field_for(const std::string& key, const std::string& where);
  void assign_(Field& field, const nlohmann::json& value, const std::string& where);

  std::string prefix_;
  std::vector<Field> fields_;
};

/// The candidate with the smallest edit distance to `word`; empty when there is no candidate.
[[nodiscard]] std::string nearest_name(std::string_view word,
                                       const std::vector<std::string>& candidates);

}  // namespace stratagram
