#include "judge/jobs.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "core/error.h"

namespace stratagram::judge {
namespace {

bool is_interrupt(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const Error& error) {
    return error.kind() == ErrorKind::kInterrupted;
  } catch (const std::exception&) {
    return false;
  }
}

class Workers {
 public:
  Workers(int64_t count, const std::function<void(int64_t)>& job) : count_(count), job_(job) {}

  void work() {
    while (!failed_) {
      const int64_t index = next_++;
      if (index >= count_) break;
      try {
        job_(index);
      } catch (const std::exception&) {
        keep(std::current_exception());
      }
    }
    const std::lock_guard lock(mutex_);
    ++num_ended_;
    ended_.notify_all();
  }

  void watch(int64_t num_threads, const std::function<void()>& watch) {
    std::unique_lock lock(mutex_);
    while (num_ended_ < num_threads) {
      ended_.wait_for(lock, std::chrono::milliseconds(100));
      if (!watch) continue;
      lock.unlock();
      watch();
      lock.lock();
    }
  }

  void throw_again() const {
    if (thrown_) std::rethrow_exception(thrown_);
  }

 private:
  void keep(const std::exception_ptr& thrown) {
    const std::lock_guard lock(mutex_);
    failed_ = true;
    if (!thrown_ || is_interrupt(thrown_)) thrown_ = thrown;
  }

  int64_t count_;
  const std::function<void(int64_t)>& job_;
  std::atomic<int64_t> next_{0};
  std::atomic<bool> failed_{false};
  std::mutex mutex_;
  std::condition_variable ended_;
  int64_t num_ended_ = 0;
  std::exception_ptr thrown_;
};

}  // namespace

void run_jobs(int64_t count,
              int64_t num_threads,
              const std::function<void(int64_t)>& job,
              const std::function<void()>& watch) {
  const int64_t num_started = std::clamp<int64_t>(num_threads, 1, std::max<int64_t>(count, 1));
  Workers workers(count, job);
  std::vector<std::thread> threads;
  threads.reserve(num_started);
  for (int64_t i = 0; i < num_started; ++i) threads.emplace_back([&workers] { workers.work(); });
  workers.watch(num_started, watch);
  for (std::thread& thread : threads) thread.join();
  workers.throw_again();
}

}  // namespace stratagram::judge
