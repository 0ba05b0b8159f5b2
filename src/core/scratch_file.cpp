#include "core/scratch_file.h"

#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "core/error.h"

namespace stratagram {
namespace {

constexpr size_t kBufferBytes = 256 << 10;

}  // namespace

int open_scratch_file(const std::filesystem::path& folder) {
  std::string name = (folder / "stratagram-XXXXXX").string();
  const int descriptor = mkstemp(name.data());
  if (descriptor < 0) {
    fail(ErrorKind::kDevice,
         "{}: no scratch file can be made there: {}; name another folder",
         folder.string(),
         std::strerror(errno));
  }
  unlink(name.c_str());
  return descriptor;
}

ScratchFile::ScratchFile(const std::filesystem::path& folder)
    : folder_(folder), buffer_(kBufferBytes) {
  const int descriptor = open_scratch_file(folder);
  file_.reset(fdopen(descriptor, "w+b"));
  if (!file_) {
    const int error = errno;
    close(descriptor);
    fail_write(error);
  }
  std::setvbuf(file_.get(), buffer_.data(), _IOFBF, buffer_.size());
}

void ScratchFile::fail_write(int error) const {
  fail(ErrorKind::kDevice,
       "{}: the scratch file cannot be written after {} bytes: {}; make room, or name another "
       "folder",
       folder_.string(),
       num_bytes_,
       std::strerror(error));
}

void ScratchFile::write(std::span<const std::byte> bytes) {
  if (std::fwrite(bytes.data(), 1, bytes.size(), file_.get()) != bytes.size()) fail_write(errno);
  num_bytes_ += bytes.size();
}

void ScratchFile::rewind() {
  if (std::fflush(file_.get()) != 0) fail_write(errno);
  if (std::fseek(file_.get(), 0, SEEK_SET) != 0) fail_write(errno);
}

bool ScratchFile::read(std::span<std::byte> bytes) {
  const size_t got = std::fread(bytes.data(), 1, bytes.size(), file_.get());
  if (got == bytes.size()) return true;
  if (got == 0 && std::feof(file_.get()) != 0) return false;
  fail(ErrorKind::kDevice,
       "{}: the scratch file cannot be read: {}",
       folder_.string(),
       std::feof(file_.get()) != 0 ? "it ends too early" : std::strerror(errno));
}

}  // namespace stratagram
