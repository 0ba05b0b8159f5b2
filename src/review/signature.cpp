#include "review/signature.h"

#include <fmt/chrono.h>

#include <algorithm>
#include <chrono>

#include "core/error.h"
#include "core/utf8.h"

namespace stratagram::review {

std::string checked_reviewer(std::string name) {
  const bool is_blank = name.find_first_not_of(' ') == std::string::npos;
  const bool has_control = std::ranges::any_of(
      name, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  if (is_blank || has_control || !is_valid_utf8(name)) {
    fail(ErrorKind::kConfig, "--reviewer: wanted a name, got '{}'", replace_broken_utf8(name));
  }
  return name;
}

std::string utc_now() {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(now)));
}

}  // namespace stratagram::review
