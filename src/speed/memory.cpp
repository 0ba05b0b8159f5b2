#include "speed/memory.h"

#include <malloc.h>

#include <fstream>
#include <string>

#include "core/error.h"
#include "model/tensor_pages.h"

namespace stratagram::speed {
namespace {

// A line "VmHWM:     1764 kB" of /proc/self/status, in bytes. Not getrusage(): its peak cannot be
// reset, and holds that of the process that started this one.
int64_t status_bytes(const std::string& name) {
  constexpr const char* kStatus = "/proc/self/status";
  std::ifstream status(kStatus);
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(name + ":")) return std::stoll(line.substr(name.size() + 1)) * 1024;
  }
  fail(ErrorKind::kDevice, "{}: wanted a line '{}', found none", kStatus, name);
}

}  // namespace

bool reset_peak_memory() {
  model::tensor_pages().release_kept_();
#ifdef __GLIBC__
  malloc_trim(0);
#endif
  std::ofstream refs("/proc/self/clear_refs");
  refs << "5" << std::flush;
  return static_cast<bool>(refs);
}

int64_t peak_memory() {
  return status_bytes("VmHWM");
}

int64_t resident_memory() {
  return status_bytes("VmRSS");
}

}  // namespace stratagram::speed
