// cli/data_make.h -- the subcommand `data make`.
#pragma once

#include <CLI/CLI.hpp>

namespace stratagram::cli {

/// Declares it below `data`.
void add_data_make(CLI::App& data);

}  // namespace stratagram::cli
