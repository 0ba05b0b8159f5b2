// judge/pacer.h -- when the next request may leave: evenly spaced ones, and none while a server
// wants to be left alone.
#pragma once

#include <chrono>
#include <mutex>

namespace stratagram::judge {

/// Thread-safe. It reads no clock, so that what it says depends on its calls alone.
class Pacer {
 public:
  using Clock = std::chrono::steady_clock;

  /// At most so many requests in any minute; 0: as many as there are.
  explicit Pacer(double requests_per_minute);

  /// The instant at which a request may leave that is ready at `now`; taken by this call.
  [[nodiscard]] Clock::time_point take(Clock::time_point now);

  /// No request that is taken from here on leaves before `until`.
  void hold(Clock::time_point until);

 private:
  Clock::duration interval_;
  std::mutex mutex_;
  Clock::time_point next_{};
};

}  // namespace stratagram::judge
