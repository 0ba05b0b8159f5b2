// tests/support/environment.h -- variables of the environment that last as long as the object.
#pragma once

#include <cstdlib>
#include <map>
#include <optional>
#include <string>

namespace stratagram {

/// Sets variables (or unsets those without a value), then restores what was there.
class Environment {
 public:
  using Values = std::map<std::string, std::optional<std::string>>;

  explicit Environment(const Values& values) {
    for (const auto& [name, value] : values) {
      const char* before = std::getenv(name.c_str());
      before_[name] = before == nullptr ? std::nullopt : std::optional<std::string>(before);
    }
    apply(values);
  }
  ~Environment() { apply(before_); }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  static void apply(const Values& values) {
    for (const auto& [name, value] : values) {
      value ? setenv(name.c_str(), value->c_str(), 1) : unsetenv(name.c_str());
    }
  }
  Values before_;
};

}  // namespace stratagram
