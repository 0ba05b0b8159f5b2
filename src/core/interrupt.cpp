#include "core/interrupt.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <thread>

#include "core/error.h"

namespace stratagram {
namespace {

std::atomic<bool> flag{false};
std::atomic<const char*> notice_text{""};
static_assert(std::atomic<const char*>::is_always_lock_free, "read inside a signal handler");
static_assert(std::atomic<bool>::is_always_lock_free, "the flag is set inside a signal handler");

void on_signal(int /*signal*/) {
  if (flag.exchange(true)) _exit(exit_code(ErrorKind::kInterrupted));
  const int saved = errno;
  const char* text = notice_text.load();
  // A notice that cannot be written is no reason not to stop.
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, text, std::strlen(text));
  errno = saved;
}

}  // namespace

void install_interrupt_handler(const char* notice) {
  notice_text.store(notice);
  struct sigaction action{};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool interrupted() {
  return flag.load();
}

void throw_if_interrupted(const char* what) {
  if (interrupted()) fail(ErrorKind::kInterrupted, "{}", what);
}

void sleep_unless_interrupted(std::chrono::milliseconds duration,
                              const std::function<bool()>& stop) {
  using Clock = std::chrono::steady_clock;
  constexpr auto kSlice = std::chrono::milliseconds(50);  // so that Ctrl-C is answered at once
  const auto end = Clock::now() + duration;
  for (auto now = Clock::now(); now < end; now = Clock::now()) {
    if (interrupted() || (stop && stop())) return;
    std::this_thread::sleep_for(std::min<Clock::duration>(kSlice, end - now));
  }
}

void clear_interrupt() {
  flag.store(false);
}

void request_interrupt() {
  flag.store(true);
}

}  // namespace stratagram
