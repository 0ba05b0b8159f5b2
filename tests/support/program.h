// tests/support/program.h -- the program as a user runs it: a process with arguments, input, limits
// and signals, and what it printed.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace stratagram {

/// A signal that is sent when stderr has held `after` and `file` is large enough, and `delay`
/// later.
struct PlannedSignal {
  int number = 0;
  std::string after{};  ///< empty: from the start
  std::chrono::microseconds delay{0};
  std::filesystem::path file{};  ///< in the working directory of the program; empty: none
  uint64_t file_bytes = 0;
};

struct ProgramCall {
  std::vector<std::string> arguments{};
  std::string shell_line{};  ///< run by sh instead, with the program on its PATH
  std::string input{};
  std::filesystem::path folder{};  ///< working directory; empty: that of the test
  std::map<std::string, std::string> environment{};
  std::vector<PlannedSignal> signals{};        ///< in this order
  std::optional<uint64_t> max_file_bytes{};    ///< RLIMIT_FSIZE
  std::filesystem::path stdout_to{};           ///< a file or device instead of a pipe
  std::optional<size_t> close_stdout_after{};  ///< bytes read before the reader goes away
};

struct ProgramResult {
  std::optional<int> exit_code;  ///< none when a signal ended it
  std::optional<int> signal;
  std::string out;
  std::string err;
};

/// Runs the stratagram that was built beside this test, with one thread and this checkout's data
/// folder, and waits for it. After a minute it is killed, which the test sees as SIGKILL.
[[nodiscard]] ProgramResult run_program(const ProgramCall& call);

}  // namespace stratagram
