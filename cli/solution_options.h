// cli/solution_options.h -- the arguments of a command that reads responses, whoever wrote them.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <vector>

#include "text/solutions.h"

namespace stratagram::cli {

struct SolutionArguments {
  std::vector<std::filesystem::path> paths;
  text::SolutionOptions options;
};

/// Declares ROLLOUTS..., --preset and --field. `target` must outlive the parse.
void add_solution_options(CLI::App& command, SolutionArguments& target);

}  // namespace stratagram::cli
