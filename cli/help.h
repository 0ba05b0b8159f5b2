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

/// What stands below the arguments of a command that trains nothing: lines on its files (may be
/// empty), its exit codes, then the examples, one a line and without their label.
[[nodiscard]] std::string footer_of(const std::string& files,
                                    const std::vector<std::string>& examples);

}  // namespace stratagram::cli
