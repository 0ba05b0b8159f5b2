// core/part_file.h -- the unfinished file of long work, locked against a second writer.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

namespace stratagram {

/// Opens or creates the file; closing releases the lock and leaves the bytes, if there are any.
/// Not thread-safe.
class PartFile {
 public:
  /// Throws Error: kDevice when it cannot be created, kData when another process holds it.
  explicit PartFile(std::filesystem::path path);
  ~PartFile();
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;

  [[nodiscard]] uint64_t size() const { return size_; }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  /// Throws Error(kDevice) with the system's reason; what was written before stays.
  void append(std::string_view bytes);

  /// Makes what was appended outlast a power cut. Throws Error(kDevice).
  void sync() const;

  /// Keeps the first `size` bytes; at most as many as there are.
  void cut(uint64_t size);

  /// Empties the file.
  void clear() { cut(0); }

  /// Throws Error(kDevice) when fewer than `more_bytes` are free where the file lies.
  void want_space(uint64_t more_bytes) const;

  /// Syncs and renames over `final_path`.
  void finish(const std::filesystem::path& final_path);

  /// Removes the file from its folder.
  void remove();

 private:
  std::filesystem::path path_;
  int fd_ = -1;
  uint64_t size_ = 0;
  bool named_ = true;  ///< the file is still at path_
};

}  // namespace stratagram
