// model/tensor_pages.h -- memory of large tensors on the CPU: pages of the system for each alone,
// kept for the next one of its size.
//
// glibc gives what is larger than 32 MB back to the system each time, so that a pass faults its
// activations in anew, page by page, and keeps smaller ones in holes that the next do not quite
// fill. Huge pages, where the system grants them, spare products most of their address lookups.
#pragma once

#include <c10/core/Allocator.h>

#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>

namespace stratagram::model {

/// What is held never exceeds the most that was in use at once since release_kept_(): before a new
/// block is mapped, the blocks kept longest make room for it. A block that nothing took during
/// kMostAge requests is given back as well. Thread-safe. Must outlive what it allocated.
class TensorPages final : public c10::Allocator {
 public:
  /// Smaller ones are libtorch's own allocator's.
  static constexpr size_t kFewestBytes = size_t{1} << 18;
  /// More than a pass and the next of a model of eighty layers ask for.
  static constexpr int64_t kMostAge = 8192;

  TensorPages() = default;
  ~TensorPages() override { release_kept_(); }
  TensorPages(const TensorPages&) = delete;
  TensorPages& operator=(const TensorPages&) = delete;

  /// Begins at a page, from 2 MB on at a huge one. What a kept block holds is left in it. Throws as
  /// libtorch's allocator does where the system has no memory left.
  c10::DataPtr allocate(size_t bytes) override;
  [[nodiscard]] c10::DeleterFnPtr raw_deleter() const override { return give_back; }
  void copy_data(void* to, const void* from, size_t bytes) const override;

  /// Gives back to the system what no tensor holds.
  void release_kept_();

  /// Bytes of address space: of tensors, and of kept blocks.
  [[nodiscard]] size_t in_use() const;
  [[nodiscard]] size_t kept() const;

 private:
  struct KeptBlock {
    void* begin = nullptr;
    size_t bytes = 0;
    int64_t since = 0;  // by requests_
  };

  // Null where the system has none left, as map_() gives.
  void* take_(size_t bytes);
  // Null where there is none of that size; the one kept last, which may be in the cache still.
  void* take_kept_(size_t bytes);
  void* map_(size_t bytes);
  void release_oldest_();
  void keep_(void* begin, size_t bytes);
  // Of any memory that an object of this class allocated, as libtorch wants it: without the object.
  static void give_back(void* memory);

  mutable std::mutex mutex_;
  std::list<KeptBlock> kept_blocks_;  // oldest first
  size_t in_use_ = 0;
  size_t kept_ = 0;
  size_t most_in_use_ = 0;
  int64_t requests_ = 0;
};

/// From now on new tensors have their memory from the one TensorPages of the process. Nothing
/// changes under sanitizers, which watch the C library's allocator alone. Call it before other
/// threads run.
void use_tensor_pages();

/// The one of the process, whether it is in use or not.
[[nodiscard]] TensorPages& tensor_pages();

}  // namespace stratagram::model
