// judge/jobs.h -- many slow jobs at once, in threads that mostly wait for a server.
#pragma once

#include <cstdint>
#include <functional>

namespace stratagram::judge {

/// Runs job(0) to job(count - 1) in up to `num_threads` threads, started in this order. The first
/// exception lets jobs under way end, starts no more, and is thrown again; an exception of the
/// kind "interrupted" gives way to one of another kind, which is the cause. `watch`, if any, is
/// called in this thread ten times a second and at the end.
void run_jobs(int64_t count,
              int64_t num_threads,
              const std::function<void(int64_t)>& job,
              const std::function<void()>& watch = {});

}  // namespace stratagram::judge
