// cli/progress.h -- one progress line: rewritten in place on a terminal, plain lines when piped.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "core/sample_rows.h"

namespace stratagram::cli {

/// Prints to stderr. On a terminal at most ten times a second, otherwise every `plain_every`.
class Progress {
 public:
  explicit Progress(std::string what, std::chrono::seconds plain_every = std::chrono::seconds(10));
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// "WHAT done/total  RATE UNIT/s  time left; NOTE". `total` 0 = unknown.
  void update(int64_t done, int64_t total, const std::string& note = "");

  /// Ends the line, so that other output starts on a fresh one.
  void finish();

  /// Takes the open line away: for a caller that says the same better.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;
  std::string what_;
  std::chrono::seconds plain_every_;
  bool terminal_;
  Clock::time_point start_;
  Clock::time_point last_{};
  int64_t first_done_ = -1;
  bool open_ = false;
};

/// Logs how much of the work of a stopped command is there, if any.
void log_taken_up(const SampleRows& rows);

/// "4:05" or "1:02:03".
[[nodiscard]] std::string duration_text(double seconds);

}  // namespace stratagram::cli
