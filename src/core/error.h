// core/error.h -- the one exception type of the project, and the check that stays on in release.
//
// A message says where, which item, what was wanted, what came, and what to do. Expected outcomes
// (no answer found, a group without spread) are values, not errors.
#pragma once

#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <utility>

namespace stratagram {

/// Decides the exit code of the program; see exit_code().
enum class ErrorKind {
  kConfig,       ///< usage or configuration
  kData,         ///< a data or model file
  kDevice,       ///< a device, memory or disk that does not suffice
  kNumeric,      ///< not finite, or no longer learning
  kInterrupted,  ///< stopped by the user, resumable
  kInternal,     ///< a bug
};

class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
  [[nodiscard]] ErrorKind kind() const { return kind_; }

 private:
  ErrorKind kind_;
};

/// "config error", "data error", ...: what the program prints before the message.
[[nodiscard]] const char* error_kind_name(ErrorKind kind);

/// The documented exit code: 2, 3, 4, 5, 6 or 70, in the order of ErrorKind.
[[nodiscard]] int exit_code(ErrorKind kind);

/// Throws Error of that kind with a formatted message.
template <typename... Args>
[[noreturn]] void fail(ErrorKind kind, fmt::format_string<Args...> format, Args&&... args) {
  throw Error(kind, fmt::format(format, std::forward<Args>(args)...));
}

namespace internal {
[[noreturn]] void check_failed(const char* file,
                               int line,
                               const char* condition,
                               const std::string& message);
}  // namespace internal

}  // namespace stratagram

/// Throws Error(kInternal) when `condition` is false, in every build. The rest is a fmt message.
#define STRATAGRAM_CHECK(condition, ...)                               \
  do {                                                                 \
    if (!(condition)) {                                                \
      ::stratagram::internal::check_failed(                            \
          __FILE__, __LINE__, #condition, ::fmt::format(__VA_ARGS__)); \
    }                                                                  \
  } while (false)
