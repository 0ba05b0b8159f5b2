#include "model/tensor_pages.h"

#include <c10/core/CPUAllocator.h>
#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <iterator>
#include <memory>
#include <unordered_map>

namespace stratagram::model {
namespace {

constexpr size_t kPage = 4096;
constexpr size_t kHugePage = size_t{1} << 21;
constexpr uint8_t kAboveDefault = 1;

// Eight sizes from one power of two to the next, so that tensors of nearly one size share blocks.
// What is never touched takes address space alone.
size_t block_bytes(size_t bytes) {
  const size_t step = std::max<size_t>(1, std::bit_floor(bytes) / 8);
  return (bytes + step - 1) / step * step;
}

// Null when the system refuses.
void* map_pages(size_t bytes) {
  const bool is_huge = bytes >= kHugePage;
  const size_t mapped = bytes + (is_huge ? kHugePage : 0);
  void* const memory =
      mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return nullptr;
  if (!is_huge) return memory;
  // What lies before and after the aligned part goes back.
  auto* const first = static_cast<std::byte*>(memory);
  const size_t before = (kHugePage - reinterpret_cast<uintptr_t>(first) % kHugePage) % kHugePage;
  std::byte* const begin = first + before;
  if (before > 0) munmap(first, before);
  if (before < kHugePage) munmap(begin + bytes, kHugePage - before);
  madvise(begin, bytes, MADV_HUGEPAGE);  // a wish: without it the pages are small ones
  return begin;
}

struct LargeTensor {
  TensorPages* owner = nullptr;
  size_t bytes = 0;
};

// By where they begin.
struct LargeTensors {
  std::mutex mutex;
  std::unordered_map<void*, LargeTensor> all;
};

// Never destroyed: tensors with static lifetime may be given back after it would be.
LargeTensors& large_tensors() {
  static LargeTensors& tensors = *std::make_unique<LargeTensors>().release();
  return tensors;
}

}  // namespace

c10::DataPtr TensorPages::allocate(size_t bytes) {
  void* const memory = bytes < kFewestBytes ? nullptr : take_(block_bytes(bytes));
  // Of none left libtorch's allocator says what was wanted.
  void* const begin =
      memory != nullptr ? memory : c10::GetDefaultCPUAllocator()->raw_allocate(bytes);
  return {begin, begin, give_back, c10::Device(c10::DeviceType::CPU)};
}

void TensorPages::copy_data(void* to, const void* from, size_t bytes) const {
  default_copy_data(to, from, bytes);
}

void TensorPages::release_kept_() {
  const std::lock_guard lock(mutex_);
  while (!kept_blocks_.empty()) release_oldest_();
  most_in_use_ = in_use_;
}

size_t TensorPages::in_use() const {
  const std::lock_guard lock(mutex_);
  return in_use_;
}

size_t TensorPages::kept() const {
  const std::lock_guard lock(mutex_);
  return kept_;
}

void* TensorPages::take_(size_t bytes) {
  const std::lock_guard lock(mutex_);
  ++requests_;
  while (!kept_blocks_.empty() && kept_blocks_.front().since + kMostAge < requests_) {
    release_oldest_();
  }
  void* memory = take_kept_(bytes);
  if (memory == nullptr) memory = map_(bytes);
  if (memory == nullptr) return nullptr;
  in_use_ += bytes;
  most_in_use_ = std::max(most_in_use_, in_use_);
  LargeTensors& tensors = large_tensors();
  const std::lock_guard tensors_lock(tensors.mutex);
  tensors.all[memory] = {.owner = this, .bytes = bytes};
  return memory;
}

void* TensorPages::take_kept_(size_t bytes) {
  const auto found = std::find_if(kept_blocks_.rbegin(),
                                  kept_blocks_.rend(),
                                  [&](const KeptBlock& block) { return block.bytes == bytes; });
  if (found == kept_blocks_.rend()) return nullptr;
  void* const memory = found->begin;
  kept_blocks_.erase(std::next(found).base());
  kept_ -= bytes;
  return memory;
}

void* TensorPages::map_(size_t bytes) {
  const size_t most = std::max(most_in_use_, in_use_ + bytes);
  while (!kept_blocks_.empty() && in_use_ + kept_ + bytes > most) release_oldest_();
  void* memory = map_pages(bytes);
  while (memory == nullptr && !kept_blocks_.empty()) {
    release_oldest_();
    memory = map_pages(bytes);
  }
  return memory;
}

void TensorPages::release_oldest_() {
  const KeptBlock block = kept_blocks_.front();
  kept_blocks_.pop_front();
  kept_ -= block.bytes;
  munmap(block.begin, block.bytes);
}

void TensorPages::keep_(void* begin, size_t bytes) {
  const std::lock_guard lock(mutex_);
  kept_blocks_.push_back({.begin = begin, .bytes = bytes, .since = requests_});
  in_use_ -= bytes;
  kept_ += bytes;
}

void TensorPages::give_back(void* memory) {
  LargeTensors& tensors = large_tensors();
  LargeTensor tensor;
  // Large ones begin at a page.
  if (reinterpret_cast<uintptr_t>(memory) % kPage == 0) {
    const std::lock_guard lock(tensors.mutex);
    const auto found = tensors.all.find(memory);
    if (found != tensors.all.end()) {
      tensor = found->second;
      tensors.all.erase(found);
    }
  }
  if (tensor.owner != nullptr) return tensor.owner->keep_(memory, tensor.bytes);
  c10::GetDefaultCPUAllocator()->raw_deallocate(memory);
}

TensorPages& tensor_pages() {
  // Never destroyed, as what it allocates may live on.
  static TensorPages& pages = *std::make_unique<TensorPages>().release();
  return pages;
}

void use_tensor_pages() {
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  c10::SetCPUAllocator(&tensor_pages(), kAboveDefault);
#endif
}

}  // namespace stratagram::model
