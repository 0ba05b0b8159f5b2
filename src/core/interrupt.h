// core/interrupt.h -- Ctrl-C as a flag that loops poll, so that work ends cleanly and resumably.
#pragma once

#include <chrono>
#include <functional>

namespace stratagram {

/// Turns SIGINT and SIGTERM into a flag. The first one writes `notice`, a text that outlives the
/// process's last signal, to stderr; a second one ends the process at once (exit code 6).
void install_interrupt_handler(const char* notice = "");

/// True from the first signal on. Safe from any thread.
[[nodiscard]] bool interrupted();

/// Throws Error(kInterrupted) with `what` when interrupted() is true.
void throw_if_interrupted(const char* what);

/// Sleeps that long, but for 50 ms at most after interrupted() or `stop` became true.
void sleep_unless_interrupted(std::chrono::milliseconds duration,
                              const std::function<bool()>& stop = {});

/// Clears the flag; for tests.
void clear_interrupt();

/// Sets the flag as a signal would; for tests and for callers that embed the library.
void request_interrupt();

}  // namespace stratagram
