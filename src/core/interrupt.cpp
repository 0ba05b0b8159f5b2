#include "core/interrupt.h"

#include <unistd.h>

#include <atomic>
#include <csignal>

#include "core/error.h"

namespace stratagram {
namespace {

std::atomic<bool> flag{false};
static_assert(std::atomic<bool>::is_always_lock_free, "the flag is set inside a signal handler");

void on_signal(int /*signal*/) {
  if (flag.exchange(true)) _exit(exit_code(ErrorKind::kInterrupted));
}

}  // namespace

void install_interrupt_handler() {
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

void clear_interrupt() {
  flag.store(false);
}

void request_interrupt() {
  flag.store(true);
}

}  // namespace stratagram
