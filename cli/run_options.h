// cli/run_options.h -- the command line of every command that writes a run folder.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "core/config.h"

namespace stratagram::cli {

struct RunOptions {
  std::string config;
  std::string out;
  bool resume = false;
  bool check = false;
  std::vector<std::string> set{};
  std::string device{};  ///< empty: the configuration's, else the default

  /// Declares them; `keys` is the command that lists the keys, `example` a KEY=VALUE.
  void add_to(CLI::App& command, const std::string& keys, const std::string& example);

  /// The device that this run uses. `configured` is model.device.
  [[nodiscard]] std::string device_or(const std::string& configured) const;

  /// Asked before the model is loaded. Throws Error(kConfig) when there is no --out, when it holds
  /// a run and --resume is not given, and when another process writes it; Error(kData) when there
  /// is no run to resume. Does nothing under --check.
  void check_out() const;
};

}  // namespace stratagram::cli
