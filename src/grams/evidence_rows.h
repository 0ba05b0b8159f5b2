// grams/evidence_rows.h -- the features of grams as rows of numbers, in an order that is asked for.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "grams/gram_features.h"
#include "grams/logistic.h"
#include "grams/neighbours.h"
#include "grams/selector.h"

namespace stratagram::grams {

/// Features beside count_features(): nearness to seeds and to counter-examples (neighbours.h), and
/// a judge's answer: 1 strategic, -1 not, 0 for a gram that it was not asked about.
inline constexpr const char* kSeedsFeature = "seeds";
inline constexpr const char* kCounterFeature = "counter_examples";
inline constexpr const char* kJudgeFeature = "judge";

/// All names, those of count_features() first.
[[nodiscard]] std::vector<std::string> feature_names();

struct RowSetting {
  FeatureSetting counts{};
  const Neighbours* seeds = nullptr;             ///< for kSeedsFeature
  const Neighbours* counter_examples = nullptr;  ///< for kCounterFeature
  const Selection* judge = nullptr;              ///< for kJudgeFeature
};

/// One row a candidate. `vectors` has a row for each candidate, or none when no feature of nearness
/// is asked for.
[[nodiscard]] FeatureRows feature_rows(std::span<const std::string> names,
                                       std::span<const Candidate* const> candidates,
                                       const Embeddings& vectors,
                                       const RowSetting& setting);

}  // namespace stratagram::grams
