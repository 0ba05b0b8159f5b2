#include "core/part_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "core/error.h"
#include "core/file.h"

namespace stratagram {
namespace {

namespace fs = std::filesystem;

std::string reason() {
  return std::system_category().message(errno);
}

}  // namespace

PartFile::PartFile(fs::path path) : path_(std::move(path)) {
  for (;;) {
    fd_ = open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (fd_ < 0) {
      fail(ErrorKind::kDevice, "{}: cannot be created: {}", path_.string(), reason());
    }
    struct stat opened{};
    struct stat named{};
    if (flock(fd_, LOCK_EX | LOCK_NB) != 0) {
      close(fd_);
      fail(ErrorKind::kData,
           "{}: another process is writing it; wait for that one to end, then try again",
           path_.string());
    }
    // Between open and flock the former owner may have renamed the file to its final name.
    if (fstat(fd_, &opened) == 0 && stat(path_.c_str(), &named) == 0 &&
        opened.st_ino == named.st_ino && opened.st_dev == named.st_dev) {
      size_ = static_cast<uint64_t>(opened.st_size);
      return;
    }
    close(fd_);
  }
}

PartFile::~PartFile() {
  // Nothing to go on from, as after a refusal. Still locked, so no other process owns the name.
  if (named_ && size_ == 0) remove();
  close(fd_);
}

void PartFile::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      fail(ErrorKind::kDevice,
           "{}: writing {} bytes after the first {} failed: {}; make room, then run the same "
           "command again: it goes on from there",
           path_.string(),
           bytes.size(),
           size_,
           reason());
    }
    size_ += static_cast<uint64_t>(written);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
}

void PartFile::cut(uint64_t size) {
  STRATAGRAM_CHECK(size <= size_, "{}: {} of {} bytes", path_.string(), size, size_);
  if (size < size_ && ftruncate(fd_, static_cast<off_t>(size)) != 0) {
    fail(ErrorKind::kDevice, "{}: cannot be cut to {} bytes: {}", path_.string(), size, reason());
  }
  size_ = size;
}

void PartFile::want_space(uint64_t more_bytes) const {
  std::error_code code;
  const fs::space_info space = fs::space(path_, code);
  if (!code && space.available < more_bytes) {
    fail(ErrorKind::kDevice,
         "{}: {} more bytes are wanted, {} are free; make room or choose another folder",
         path_.string(),
         more_bytes,
         space.available);
  }
}

void PartFile::sync() const {
  if (fsync(fd_) != 0) {
    fail(ErrorKind::kDevice, "{}: sync failed: {}", path_.string(), reason());
  }
}

void PartFile::finish(const fs::path& final_path) {
  sync();
  std::error_code code;
  fs::rename(path_, final_path, code);
  if (code) {
    fail(ErrorKind::kDevice,
         "{}: cannot be renamed to {}: {}",
         path_.string(),
         final_path.string(),
         code.message());
  }
  named_ = false;
  sync_folder(final_path.has_parent_path() ? final_path.parent_path() : fs::path("."));
}

void PartFile::remove() {
  std::error_code ignored;
  fs::remove(path_, ignored);
  named_ = false;
}

}  // namespace stratagram
