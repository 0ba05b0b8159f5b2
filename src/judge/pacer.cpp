#include "judge/pacer.h"

#include <algorithm>

namespace stratagram::judge {

Pacer::Pacer(double requests_per_minute)
    : interval_(requests_per_minute > 0
                    ? std::chrono::duration_cast<Clock::duration>(
                          std::chrono::duration<double>(60.0 / requests_per_minute))
                    : Clock::duration::zero()) {}

Pacer::Clock::time_point Pacer::take(Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  const Clock::time_point at = std::max(now, next_);
  next_ = at + interval_;
  return at;
}

void Pacer::hold(Clock::time_point until) {
  const std::lock_guard lock(mutex_);
  next_ = std::max(next_, until);
}

}  // namespace stratagram::judge
