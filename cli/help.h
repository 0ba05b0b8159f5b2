// cli/help.h -- how `--help` looks: name and purpose, usage, every argument with its default, then
// files, exit codes and an example.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

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

}  // namespace stratagram::cli
