#include "core/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>

#include <memory>

#include "core/error.h"

namespace stratagram {

void set_up_log(const std::string& level) {
  const spdlog::level::level_enum parsed = spdlog::level::from_str(level);
  if (parsed == spdlog::level::off && level != "off") {
    fail(ErrorKind::kConfig,
         "log level: wanted one of trace, debug, info, warn, error, off, got '{}'",
         level);
  }
  auto logger = std::make_shared<spdlog::logger>(
      "stratagram", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
  logger->set_pattern("%H:%M:%S %^%l%$ %v");
  logger->set_level(parsed);
  spdlog::set_default_logger(logger);
}

}  // namespace stratagram
