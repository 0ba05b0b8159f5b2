#include "fuzz/input_file.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/error.h"

namespace stratagram::fuzz {

InputFile::InputFile() : descriptor_(memfd_create("fuzz-input", MFD_CLOEXEC)) {
  STRATAGRAM_CHECK(descriptor_ >= 0, "no file in memory");
}

InputFile::~InputFile() {
  close(descriptor_);
}

std::filesystem::path InputFile::write(std::string_view bytes) const {
  const bool emptied = ftruncate(descriptor_, 0) == 0;
  const ssize_t written = emptied ? pwrite(descriptor_, bytes.data(), bytes.size(), 0) : -1;
  STRATAGRAM_CHECK(written == static_cast<ssize_t>(bytes.size()),
                   "the input of {} bytes does not fit in memory",
                   bytes.size());
  return fmt::format("/proc/self/fd/{}", descriptor_);
}

}  // namespace stratagram::fuzz
