#include "core/error.h"

#include <string_view>

namespace stratagram {

const char* error_kind_name(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kConfig:
      return "config error";
    case ErrorKind::kData:
      return "data error";
    case ErrorKind::kDevice:
      return "device error";
    case ErrorKind::kNumeric:
      return "numeric error";
    case ErrorKind::kInterrupted:
      return "interrupted";
    case ErrorKind::kInternal:
      return "internal error";
  }
  return "internal error";
}

int exit_code(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kConfig:
      return 2;
    case ErrorKind::kData:
      return 3;
    case ErrorKind::kDevice:
      return 4;
    case ErrorKind::kNumeric:
      return 5;
    case ErrorKind::kInterrupted:
      return 6;
    case ErrorKind::kInternal:
      return 70;
  }
  return 70;
}

namespace internal {

void check_failed(const char* file, int line, const char* condition, const std::string& message) {
  std::string_view path(file);
  const size_t src = path.rfind("/src/");
  if (src != std::string_view::npos) path.remove_prefix(src + 5);
  throw Error(
      ErrorKind::kInternal,
      fmt::format(
          "{}:{}: check '{}' failed: {}; please report this", path, line, condition, message));
}

}  // namespace internal
}  // namespace stratagram
