// tests/support/tensor_memory.h -- bytes of the CPU tensors that live at once: exact, and the same
// whatever the process did before. Resident memory is neither: the C library keeps freed pages, and
// adds a header to each tensor.
#pragma once

#include <c10/core/CPUAllocator.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <unordered_map>

namespace stratagram {

/// Counts what is allocated while it lives. One at a time.
class TensorMemory : public c10::Allocator {
 public:
  TensorMemory() : inner_(c10::GetCPUAllocator()) {
    const std::lock_guard<std::mutex> lock(state().mutex);
    state().free = inner_->raw_deleter();
    state().sizes.clear();
    state().live = state().peak = 0;
    c10::SetCPUAllocator(this, kPriority);
  }
  ~TensorMemory() override { c10::SetCPUAllocator(inner_, kPriority); }
  TensorMemory(const TensorMemory&) = delete;
  TensorMemory& operator=(const TensorMemory&) = delete;

  /// Largest number of bytes that lived at once; what lived before does not count.
  [[nodiscard]] int64_t peak() const {
    const std::lock_guard<std::mutex> lock(state().mutex);
    return state().peak;
  }

  c10::DataPtr allocate(size_t size) override {
    void* const data = inner_->raw_allocate(size);
    if (data != nullptr) {
      const std::lock_guard<std::mutex> lock(state().mutex);
      state().sizes[data] = static_cast<int64_t>(size);
      state().live += static_cast<int64_t>(size);
      state().peak = std::max(state().peak, state().live);
    }
    return {data, data, &release, c10::Device(c10::DeviceType::CPU)};
  }
  c10::DeleterFnPtr raw_deleter() const override { return &release; }
  void copy_data(void* to, const void* from, size_t size) const override {
    std::memcpy(to, from, size);
  }

 private:
  static constexpr uint8_t kPriority = 100;
  // Static, as a tensor may outlive the counting.
  struct State {
    std::mutex mutex;
    c10::DeleterFnPtr free = nullptr;
    std::unordered_map<void*, int64_t> sizes;
    int64_t live = 0;
    int64_t peak = 0;
  };
  static State& state() {
    static State* const state = new State;  // NOLINT: never destroyed, as tensors are freed at exit
    return *state;
  }
  static void release(void* data) {
    if (data == nullptr) return;
    {
      const std::lock_guard<std::mutex> lock(state().mutex);
      const auto found = state().sizes.find(data);
      if (found != state().sizes.end()) {
        state().live -= found->second;
        state().sizes.erase(found);
      }
    }
    state().free(data);
  }

  c10::Allocator* inner_;
};

}  // namespace stratagram
