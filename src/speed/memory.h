// speed/memory.h -- resident memory of this process, with a peak that can be made to start anew.
// For measuring; the limits of a run are rollout/memory_plan.h's.
#pragma once

#include <cstdint>

namespace stratagram::speed {

/// Gives freed memory back to the system where the allocator can, then forgets the peak so far.
/// False where the system does not allow it: peaks are then those of the process's whole life.
bool reset_peak_memory();

/// Largest resident memory since the last reset_peak_memory() that returned true, else since the
/// start; bytes. Throws Error(kDevice) where the system does not say.
[[nodiscard]] int64_t peak_memory();

/// Bytes resident now. Throws like peak_memory().
[[nodiscard]] int64_t resident_memory();

}  // namespace stratagram::speed
