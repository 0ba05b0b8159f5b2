// core/version.h -- which build this is; every run folder records it.
#pragma once

#include <string>

namespace stratagram {

/// "0.1.0"
[[nodiscard]] std::string version();

/// The git commit the sources were built from, "-dirty" appended when they differed from it;
/// "unknown" outside a git checkout.
[[nodiscard]] std::string git_commit();

/// "stratagram 0.1.0 (1d4985a3b2c1)"
[[nodiscard]] std::string version_text();

}  // namespace stratagram
