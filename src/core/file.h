// core/file.h -- whole files in and out. Writing is atomic: a reader sees the old file or the new
// one, never a part, and a full disk leaves the old one untouched.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <ostream>
#include <string>
#include <string_view>

namespace stratagram {

/// Throws Error(kData) with the path and the system's reason.
[[nodiscard]] std::string read_file(const std::filesystem::path& path);

/// Writes to a temporary name in the same folder, syncs, renames. Throws Error(kDevice) with the
/// path, the bytes wanted and the system's reason; the temporary file is removed then.
void write_file_atomically(const std::filesystem::path& path, std::string_view bytes);

/// The same for content that is too large for one string: `write` fills the stream.
void write_file_atomically(const std::filesystem::path& path,
                           const std::function<void(std::ostream&)>& write);

/// Asked before long work whose result goes there. Throws Error: kConfig when a file of that name
/// is there, as results are never written over; kDevice when none can be written, because the name
/// is that of a folder, or its own folder is absent or closed.
void check_can_create(const std::filesystem::path& path);

/// Syncs a folder's entries to the disk. Throws Error(kDevice).
void sync_folder(const std::filesystem::path& folder);

/// Fills a folder under a temporary name, syncs it and renames it to `folder`, which must not
/// exist (Error(kConfig) otherwise). `fill` gets the temporary folder; if it throws, nothing stays.
void write_folder_atomically(const std::filesystem::path& folder,
                             const std::function<void(const std::filesystem::path&)>& fill);

/// A file mapped read-only. Movable; the view lives as long as the object.
class MappedFile {
 public:
  /// Throws Error(kData) with the path and the system's reason.
  explicit MappedFile(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;

  [[nodiscard]] std::string_view bytes() const { return {static_cast<const char*>(data_), size_}; }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  void* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace stratagram
