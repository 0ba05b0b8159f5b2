// cli/help.h -- how `--help` looks: name and purpose, usage, every argument with its default, then
// files, exit codes and an example.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace stratagram::cli {

/// Lines of at most 100 columns. A command's arguments come under its option groups, the program's
/// commands under theirs.
class HelpFormatter : public CLI::FormatterBase {
 public:
  /// `name` is the whole of the command, as "stratagram grams tag".
  [[nodiscard]] std::string make_help(const CLI::App* app,
                                      std::string name,
                                      CLI::AppFormatMode mode) const override;
};

/// Command lines that show a command, as they are typed in a fresh clone; each is given a line.
struct Examples {
  std::vector<std::string> examples;
  std::vector<std::string> first{};  ///< what makes the files that they name
};

/// What stands below the arguments of a command that trains nothing: lines on its files (may be
/// empty), its exit codes, then the examples.
[[nodiscard]] std::string footer_of(const std::string& files, const Examples& examples);

/// The same for a command that trains: its runs resume, and may end with 5, `why_5`.
[[nodiscard]] std::string footer_of_run(const std::string& files,
                                        const std::string& why_5,
                                        const Examples& examples);

}  // namespace stratagram::cli
