// cli/bench_table.h -- how `stratagram bench` prints: a row as soon as its figure is known, for
// people or as JSON Lines.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace stratagram::cli {

struct BenchRow {
  std::string line;    ///< what was timed, as it is named on the command line
  std::string figure;  ///< what of it, e.g. "prompts"
  double value = 0;
  std::string unit;
  nlohmann::ordered_json settings = nlohmann::ordered_json::object();  ///< sizes and dtype
};

/// Prints to stdout.
class BenchTable {
 public:
  explicit BenchTable(bool json) : json_(json) {}

  /// Facts that stand above the figures, each with its value as text or number; `line` names them.
  void print_facts(const std::string& line, const nlohmann::ordered_json& facts);
  void print(const BenchRow& row);

 private:
  bool json_;
  bool has_header_ = false;
};

/// Four significant digits, and all digits before the point.
[[nodiscard]] std::string figure_text(double value);

}  // namespace stratagram::cli
