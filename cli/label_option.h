// cli/label_option.h -- the options of every command that reads labelled grams.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "grams/labels.h"

namespace stratagram::cli {

struct LabelOption {
  std::string file{};
  std::vector<std::string> halves{};

  /// Declares --labels and --half.
  void add_to(CLI::App& command);

  /// Throws like grams::load_labels().
  [[nodiscard]] std::vector<grams::Label> load() const { return grams::load_labels(file, halves); }
};

}  // namespace stratagram::cli
