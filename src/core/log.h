// core/log.h -- the log, on stderr. stdout belongs to results; the library never prints there.
#pragma once

#include <spdlog/spdlog.h>

#include <string>

namespace stratagram {

/// Sends spdlog's default logger to stderr, with the pattern of this program. Levels: "trace",
/// "debug", "info", "warn", "error", "off". Throws Error(kConfig) for any other.
void set_up_log(const std::string& level);

}  // namespace stratagram
