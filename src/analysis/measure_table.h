// analysis/measure_table.h -- every measure: its name, and how it is computed from sums. A new one
// is one entry of the table.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "analysis/aggregate.h"
#include "analysis/config.h"
#include "analysis/measures.h"
#include "grams/catalogue.h"
#include "metrics/statistics.h"

namespace stratagram::analysis {

/// Sums, and what several measures want of them.
struct Context {
  const Aggregate& a;
  const grams::Catalogue& catalogue;
  const AnalysisConfig& config;
  const Baseline& baseline;
  std::vector<int64_t> clusters{};  ///< counted occurrences
  std::vector<int64_t> roles{};
  int64_t occurrences = 0;
  int64_t followed = 0;  ///< occurrences that something followed
  metrics::ForkShares forks{};
};

struct Measure {
  MeasureDoc doc;
  Items items;
  std::function<Value(const Context&, size_t item)> value;
  bool is_count = false;
  bool recentred = false;
  bool of_grams = true;
};

/// The table, in the order of results.
[[nodiscard]] const std::vector<Measure>& measures();

}  // namespace stratagram::analysis
