#include "train/disk_tensors.h"

#include <ATen/ops/from_blob.h>
#include <c10/core/ScalarType.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "core/error.h"
#include "core/scratch_file.h"

namespace stratagram::train {
namespace {

int64_t page_bytes() {
  static const int64_t bytes = sysconf(_SC_PAGESIZE);
  return bytes;
}

int64_t whole_pages(int64_t bytes) {
  return (bytes + page_bytes() - 1) / page_bytes() * page_bytes();
}

void advise(const at::Tensor& tensor, int advice) {
  // Tensors begin at a page. Advice only: where the system does not take it, all still works.
  (void)madvise(const_cast<void*>(tensor.const_data_ptr()),
                static_cast<size_t>(whole_pages(static_cast<int64_t>(tensor.nbytes()))),
                advice);
}

}  // namespace

struct DiskTensors::File {
  int descriptor = -1;
  char* bytes = nullptr;
  int64_t size = 0;
  File() = default;
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (bytes != nullptr) munmap(bytes, static_cast<size_t>(size));
    if (descriptor >= 0) close(descriptor);
  }
};

DiskTensors::DiskTensors(const std::filesystem::path& folder, int64_t bytes)
    : file_(std::make_shared<File>()) {
  file_->descriptor = open_scratch_file(folder);
  const auto refuse = [&](int error) {
    fail(ErrorKind::kDevice,
         "{}: wanted room for {} MB of the optimizer's state, got: {}; make room there, or set "
         "optimizer.state_on_disk = false",
         folder.string(),
         bytes / 1'000'000,
         std::strerror(error));
  };
  // All of it now: a page that the disk has no room for later would end the program by a signal.
  const int error = posix_fallocate(file_->descriptor, 0, bytes);
  if (error != 0) refuse(error);
  void* place = mmap(nullptr,
                     static_cast<size_t>(bytes),
                     PROT_READ | PROT_WRITE,
                     MAP_SHARED,
                     file_->descriptor,
                     0);
  if (place == MAP_FAILED) refuse(errno);
  file_->bytes = static_cast<char*>(place);
  file_->size = bytes;
}

int64_t DiskTensors::bytes_of(at::IntArrayRef sizes, at::ScalarType dtype) {
  return whole_pages(c10::multiply_integers(sizes) * static_cast<int64_t>(c10::elementSize(dtype)));
}

at::Tensor DiskTensors::zeros(at::IntArrayRef sizes, at::ScalarType dtype) {
  const int64_t bytes = bytes_of(sizes, dtype);
  STRATAGRAM_CHECK(used_ + bytes <= file_->size,
                   "DiskTensors: wanted {} bytes more, got a file with {} of {} used",
                   bytes,
                   used_,
                   file_->size);
  char* place = file_->bytes + used_;
  used_ += bytes;
  return at::from_blob(place, sizes, [file = file_](void*) {}, at::TensorOptions().dtype(dtype));
}

void DiskTensors::fetch(const at::Tensor& tensor) {
#ifdef MADV_POPULATE_WRITE
  advise(tensor, MADV_POPULATE_WRITE);
#endif
}

void DiskTensors::release(const at::Tensor& tensor) {
  advise(tensor, MADV_DONTNEED);
}

}  // namespace stratagram::train
