// train/disk_tensors.h -- tensors that live in a file instead of memory, for state that is needed
// once an update. The file has no name, so nothing of it is left behind whatever ends the
// program.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <memory>

namespace stratagram::train {

/// Not thread-safe. The tensors it makes keep the file.
class DiskTensors {
 public:
  /// Takes `bytes` of the disk at once. Throws Error(kDevice) naming the folder when no file can be
  /// made there or there is no room, then with how much was wanted.
  DiskTensors(const std::filesystem::path& folder, int64_t bytes);

  /// What a tensor takes of the file: whole pages.
  [[nodiscard]] static int64_t bytes_of(at::IntArrayRef sizes, at::ScalarType dtype = at::kFloat);

  /// The next tensor of the file, zeros, contiguous. Throws Error(kInternal) beyond its end.
  [[nodiscard]] at::Tensor zeros(at::IntArrayRef sizes, at::ScalarType dtype = at::kFloat);

  /// Brings a tensor of this file into memory in one call, where the system can. Reading and
  /// writing do so too, page by page.
  static void fetch(const at::Tensor& tensor);
  /// Gives its memory back; the numbers stay. The system writes them to the disk when it needs to.
  static void release(const at::Tensor& tensor);

 private:
  struct File;
  std::shared_ptr<File> file_;
  int64_t used_ = 0;
};

}  // namespace stratagram::train
