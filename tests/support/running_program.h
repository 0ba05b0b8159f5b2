// tests/support/running_program.h -- the program while it runs: for those that serve until they are
// stopped.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "tests/support/temp_folder.h"

namespace stratagram {

/// Runs the stratagram that was built beside this test. Killed when the object goes.
class RunningProgram {
 public:
  explicit RunningProgram(const std::vector<std::string>& arguments);
  ~RunningProgram();
  RunningProgram(const RunningProgram&) = delete;
  RunningProgram& operator=(const RunningProgram&) = delete;

  /// What stands on stderr so far.
  [[nodiscard]] std::string err() const;

  /// The rest of the line behind `mark` on stderr, once that line is whole. Throws with all of
  /// stderr when the program ends or half a minute passes without it.
  std::string wait_for(const std::string& mark);

  /// Sends a signal and waits for the end. The exit code, or none when the signal ended it.
  std::optional<int> stop(int signal);

 private:
  bool has_ended();
  TempFolder folder_;
  pid_t pid_ = 0;
  std::optional<int> status_;
};

}  // namespace stratagram
