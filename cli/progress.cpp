#include "cli/progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmath>
#include <iostream>
#include <utility>

#include "core/log.h"

namespace stratagram::cli {
namespace {

size_t terminal_columns() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace

std::string duration_text(double seconds) {
  const auto whole = std::llround(seconds);
  if (whole >= 3600) {
    return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
  }
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

Progress::Progress(std::string what, std::chrono::seconds plain_every)
    : what_(std::move(what)),
      plain_every_(plain_every),
      terminal_(isatty(STDERR_FILENO) == 1),
      start_(Clock::now()) {}

Progress::~Progress() {
  finish();
}

void Progress::update(int64_t done, int64_t total, const std::string& note) {
  const auto now = Clock::now();
  if (first_done_ < 0) first_done_ = done;
  const bool complete = total > 0 && done >= total;
  const auto wait =
      terminal_ ? std::chrono::milliseconds(100) : std::chrono::milliseconds(plain_every_);
  if (!complete && last_ != Clock::time_point{} && now - last_ < wait) return;
  last_ = now;

  const double seconds = std::chrono::duration<double>(now - start_).count();
  const double rate = seconds > 0 ? static_cast<double>(done - first_done_) / seconds : 0;
  std::string line =
      total > 0 ? fmt::format("{} {}/{}", what_, done, total) : fmt::format("{} {}", what_, done);
  if (rate > 0) {
    line += rate >= 10 ? fmt::format("  {:.0f}/s", rate) : fmt::format("  {:.2f}/s", rate);
    if (total > done) {
      line += "  left " + duration_text(static_cast<double>(total - done) / rate);
    }
  }
  if (!note.empty()) line += "  " + note;
  if (terminal_) {
    // A line that wraps could not be rewritten in place.
    line = line.substr(0, terminal_columns() - 1);
    std::cerr << "\r\x1b[K" << line << std::flush;
    open_ = true;
  } else {
    std::cerr << line << "\n";
  }
}

void Progress::finish() {
  if (open_) std::cerr << "\n";
  open_ = false;
}

void Progress::clear() {
  if (open_) std::cerr << "\r\x1b[K" << std::flush;
  open_ = false;
}

void log_taken_up(const SampleRows& rows) {
  if (rows.num_done() == 0) return;
  spdlog::info("{}: goes on after {} of {} responses",
               rows.partial().string(),
               rows.num_done(),
               rows.num_wanted());
}

}  // namespace stratagram::cli
