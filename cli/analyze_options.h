// cli/analyze_options.h -- the command line of `stratagram analyze`.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "analysis/config.h"
#include "cli/model_option.h"
#include "cli/solution_options.h"
#include "train/score.h"

namespace stratagram::cli {

struct AnalyzeOptions {
  SolutionArguments solutions{};
  std::string catalogue = "paper-v3";
  std::string by{};
  std::vector<std::string> compare{};
  std::string json{};
  std::string csv{};
  ModelOption model{};  ///< without a name: none
  train::ScoreOptions score{};
  analysis::AnalysisConfig config{};
};

/// Declares all of them. `target` must outlive the parse.
void add_analyze_options(CLI::App& command, AnalyzeOptions& target);

}  // namespace stratagram::cli
