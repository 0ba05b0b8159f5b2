#include "core/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>

#include "core/error.h"

namespace stratagram {
namespace {

namespace fs = std::filesystem;

std::string reason() {
  return std::system_category().message(errno);
}

fs::path temporary_name(const fs::path& path) {
  fs::path name = path;
  name += fmt::format(".tmp-{}", getpid());
  return name;
}

void sync_path(const fs::path& path, int flags) {
  const int fd = open(path.c_str(), flags | O_CLOEXEC);
  if (fd < 0) fail(ErrorKind::kDevice, "{}: cannot be opened to sync: {}", path.string(), reason());
  const int result = fsync(fd);
  const std::string why = reason();
  close(fd);
  if (result != 0) fail(ErrorKind::kDevice, "{}: sync failed: {}", path.string(), why);
}

fs::path parent_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

}  // namespace

std::string read_file(const fs::path& path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) {
    fail(ErrorKind::kData, "{}: wanted a file, got a folder", path.string());
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) fail(ErrorKind::kData, "{}: cannot be read: {}", path.string(), reason());
  std::ostringstream content;
  content << file.rdbuf();
  if (file.bad()) fail(ErrorKind::kData, "{}: reading failed: {}", path.string(), reason());
  return std::move(content).str();
}

void write_file_atomically(const fs::path& path, std::string_view bytes) {
  write_file_atomically(path, [bytes](std::ostream& out) {
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  });
}

void write_file_atomically(const fs::path& path, const std::function<void(std::ostream&)>& write) {
  const fs::path temporary = temporary_name(path);
  try {
    std::ofstream file(temporary, std::ios::binary | std::ios::trunc);
    if (!file) {
      fail(ErrorKind::kDevice,
           "{}: cannot be created: {}; give a folder that exists and can be written",
           path.string(),
           reason());
    }
    write(file);
    file.flush();
    file.close();
    if (file.fail()) {
      fail(ErrorKind::kDevice,
           "{}: writing failed: {}; free some space and try again",
           path.string(),
           reason());
    }
    sync_path(temporary, O_RDONLY);
    fs::rename(temporary, path);
  } catch (const fs::filesystem_error& error) {
    std::error_code ignored;
    fs::remove(temporary, ignored);
    fail(ErrorKind::kDevice, "{}: rename failed: {}", path.string(), error.code().message());
  } catch (const std::exception&) {
    std::error_code ignored;
    fs::remove(temporary, ignored);
    throw;
  }
  sync_folder(parent_of(path));
}

void check_can_create(const fs::path& path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) {
    fail(ErrorKind::kDevice, "{}: wanted a file to write, it is a folder", path.string());
  }
  if (fs::exists(path, ignored)) {
    fail(ErrorKind::kConfig,
         "{}: is there already; remove it or choose another --out",
         path.string());
  }
  if (fs::is_directory(parent_of(path), ignored) &&
      access(parent_of(path).c_str(), W_OK | X_OK) == 0) {
    return;
  }
  fail(ErrorKind::kDevice,
       "{}: cannot be created: {} is no folder that can be written; make it first",
       path.string(),
       parent_of(path).string());
}

void sync_folder(const fs::path& folder) {
  sync_path(folder, O_RDONLY | O_DIRECTORY);
}

void write_folder_atomically(const fs::path& folder,
                             const std::function<void(const fs::path&)>& fill) {
  if (fs::exists(folder)) {
    fail(ErrorKind::kConfig, "{}: exists already; give another folder", folder.string());
  }
  const fs::path temporary = temporary_name(folder);
  std::error_code code;
  fs::remove_all(temporary, code);
  if (!fs::create_directories(temporary, code)) {
    fail(ErrorKind::kDevice, "{}: cannot be created: {}", temporary.string(), code.message());
  }
  try {
    fill(temporary);
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(temporary)) {
      if (entry.is_regular_file()) sync_path(entry.path(), O_RDONLY);
    }
    sync_folder(temporary);
    fs::rename(temporary, folder);
  } catch (const fs::filesystem_error& error) {
    fs::remove_all(temporary, code);
    fail(ErrorKind::kDevice, "{}: {}", folder.string(), error.what());
  } catch (const std::exception&) {
    fs::remove_all(temporary, code);
    throw;
  }
  sync_folder(parent_of(folder));
}

MappedFile::MappedFile(const fs::path& path) : path_(path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) fail(ErrorKind::kData, "{}: cannot be opened: {}", path.string(), reason());
  struct stat status{};
  if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
    close(fd);
    fail(ErrorKind::kData, "{}: wanted a regular file", path.string());
  }
  size_ = static_cast<size_t>(status.st_size);
  if (size_ > 0) {
    data_ = mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, fd, 0);
    if (data_ == MAP_FAILED) {
      data_ = nullptr;
      const std::string why = reason();
      close(fd);
      fail(ErrorKind::kData, "{}: cannot be mapped: {}", path.string(), why);
    }
  }
  close(fd);
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) munmap(data_, size_);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : path_(std::move(other.path_)),
      data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

}  // namespace stratagram
