// model/aligned.h -- memory of CPU kernels that begins where a cache line does: a tile of the
// matrix unit that lies across lines takes six times as long to load.
#pragma once

#include <cstddef>
#include <new>
#include <vector>

namespace stratagram::model {

constexpr size_t kCacheLine = 64;

template <typename T>
struct AlignedAllocator {
  using value_type = T;

  AlignedAllocator() = default;
  template <typename Other>
  // NOLINTNEXTLINE(google-explicit-constructor): containers convert allocators.
  AlignedAllocator(const AlignedAllocator<Other>& /*other*/) {}

  [[nodiscard]] T* allocate(size_t count) {
    return static_cast<T*>(::operator new(count * sizeof(T), std::align_val_t{kCacheLine}));
  }
  void deallocate(T* memory, size_t /*count*/) {
    ::operator delete(memory, std::align_val_t{kCacheLine});
  }
  bool operator==(const AlignedAllocator& /*other*/) const { return true; }
};

template <typename T>
using AlignedVector = std::vector<T, AlignedAllocator<T>>;

}  // namespace stratagram::model
