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
/// a difference. What is undefined is an empty cell.
[[nodiscard]] std::string to_csv(const Analysis& analysis);

/// A block a group, then the differences. Of the grams the `max_grams` that most responses use.
[[nodiscard]] std::string to_text(const Analysis& analysis, size_t max_grams = 15);

}  // namespace stratagram::analysis
