// core/scratch_file.h -- a file for what does not fit into memory: it has no name, so nothing of it
// stays when the program ends, however it ends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

namespace stratagram {

/// Opens a file without a name in `folder`, for reading and writing; the caller closes it. Throws
/// Error(kDevice) with the folder and the system's reason.
[[nodiscard]] int open_scratch_file(const std::filesystem::path& folder);

/// Written from its beginning, then read from its beginning, as often as wanted. Not thread-safe.
class ScratchFile {
 public:
  /// In `folder`, which must exist. Throws Error(kDevice) with the folder and the system's reason.
  explicit ScratchFile(const std::filesystem::path& folder);

  /// Throws Error(kDevice) with the folder, the bytes that lie there and the system's reason.
  void write(std::span<const std::byte> bytes);

  /// Whatever is read or written next begins at the first byte. Throws like write().
  void rewind();

  /// Fills `bytes` and returns true; false at the end. Throws Error(kDevice) with the system's
  /// reason, also for an end in the midst of them.
  [[nodiscard]] bool read(std::span<std::byte> bytes);

  [[nodiscard]] uint64_t num_bytes() const { return num_bytes_; }

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  [[noreturn]] void fail_write(int error) const;

  std::filesystem::path folder_;
  std::vector<char> buffer_;  ///< the stream's, so it must outlive it
  std::unique_ptr<std::FILE, Close> file_;
  uint64_t num_bytes_ = 0;
};

/// The bytes of numbers, for write() and read().
template <typename T>
[[nodiscard]] std::span<const std::byte> bytes_of(const std::vector<T>& values) {
  return std::as_bytes(std::span(values));
}

}  // namespace stratagram
