// analysis/output.h -- an analysis as JSON, as tidy CSV and as tables for a terminal.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "analysis/analyse.h"

namespace stratagram::analysis {

[[nodiscard]] nlohmann::ordered_json to_json(const Analysis& analysis,
                                             const grams::Catalogue& catalogue,
                                             const AnalysisConfig& config);

/// measure,item,group,value,low,high,n,null_mean,null_low,null_high,p; a line a figure, then a line
/// a first use and a difference. What is undefined is an empty cell.
[[nodiscard]] std::string to_csv(const Analysis& analysis);

/// A block a group, with the `max_grams` grams that most responses use; of groups by step one table
/// a source instead, with a line a step, and the grams that take hold. Then the differences.
[[nodiscard]] std::string to_text(const Analysis& analysis, size_t max_grams = 15);

}  // namespace stratagram::analysis
