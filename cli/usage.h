// cli/usage.h -- command lines that cannot be understood: what is wrong and what was meant.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace stratagram::cli {

/// The command that a command line got to, e.g. that of "grams tag", or `app` itself.
[[nodiscard]] const CLI::App& chosen_command(const CLI::App& app);

/// "stratagram grams tag".
[[nodiscard]] std::string command_name(const CLI::App& app);

/// One sentence: a word that no command knows, with the nearest one that is known, before anything
/// else that is wrong; and where the help is.
[[nodiscard]] std::string usage_message(const CLI::App& app, const CLI::ParseError& error);

}  // namespace stratagram::cli
