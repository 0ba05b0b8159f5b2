// tests/support/process_memory.h -- what the process holds, by the system's account.
#pragma once

#include <cstdint>
#include <fstream>
#include <string>

namespace stratagram {

/// "VmHWM", "VmRSS", "RssFile" ... of this process, bytes.
[[nodiscard]] inline int64_t memory_of_process(const std::string& key) {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    if (word != key + ":") continue;
    int64_t kilobytes = 0;
    status >> kilobytes;
    return kilobytes * 1024;
  }
  return 0;
}

/// What is resident of mapped files, on a disk or in memory.
[[nodiscard]] inline int64_t mapped_file_memory() {
  return memory_of_process("RssFile") + memory_of_process("RssShmem");
}

}  // namespace stratagram
