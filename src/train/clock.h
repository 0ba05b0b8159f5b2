// train/clock.h -- seconds and memory of this process, for a step's record.
#pragma once

#include <sys/resource.h>

#include <chrono>
#include <cstdint>

namespace stratagram::train {

/// Runs from its construction.
class Clock {
 public:
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// Largest resident memory so far.
[[nodiscard]] inline int64_t peak_memory_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<int64_t>(usage.ru_maxrss) * 1024;
}

}  // namespace stratagram::train
