// tests/cli/workspace.h -- a folder with a tiny model, problems and configurations, in which the
// program is run as a user runs it.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "tests/support/program.h"
#include "tests/support/temp_folder.h"

namespace stratagram {

/// Names and bytes of the files below a folder; absent folders have none.
using Files = std::map<std::string, std::string>;

/// Holds model/, problems.jsonl (p0 to p3 with answer and solution), run.toml and sft.toml.
class Workspace {
 public:
  Workspace();

  [[nodiscard]] std::filesystem::path path(const std::string& name = "") const {
    return name.empty() ? folder_.path() : folder_.path() / name;
  }
  std::filesystem::path write(const std::string& name, std::string_view bytes) const {
    return folder_.write(name, bytes);
  }

  /// Runs the program inside the folder.
  [[nodiscard]] ProgramResult run(const std::vector<std::string>& arguments) const;
  [[nodiscard]] ProgramResult run(ProgramCall call) const;

  [[nodiscard]] std::string read(const std::string& name) const;
  [[nodiscard]] Files files(const std::string& name = "") const;
  [[nodiscard]] bool exists(const std::string& name) const;

 private:
  TempFolder folder_;
};

/// A benchmark "tiny" with one sample a problem, as `eval --out FOLDER` leaves it: problems p0, p1,
/// ... are correct where `correct` holds a 1, and were asked with the prompt.
void write_result(const Workspace& work,
                  const std::string& folder,
                  const std::string& correct,
                  const std::string& prompt = "{problem}");

/// Fails the test unless the program ended with this code, printed no result, and its last line on
/// stderr starts with "stratagram" and holds each of `parts`.
void expect_failure(const ProgramResult& result, int code, const std::vector<std::string>& parts);

/// Fails the test, with what was printed, unless the program ended with code 0.
void expect_success(const ProgramResult& result);

/// Lines without their ends.
[[nodiscard]] std::vector<std::string> lines_of(const std::string& text);

}  // namespace stratagram
