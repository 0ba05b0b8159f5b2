// analysis/config.h -- what an analysis is told, with its defaults (all ours).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "metrics/config.h"

namespace stratagram::analysis {

/// What responses are put together by.
enum class GroupBy { kStep, kSource, kFile, kNone };

struct AnalysisConfig {
  GroupBy by = GroupBy::kSource;
  int64_t nulls = 20;        ///< catalogues of random grams; 0: no null model
  int64_t bootstrap = 1000;  ///< draws of each interval and permutations of each p; 0: neither
  uint64_t seed = 0;
  int64_t rarefied_draws = metrics::kRarefiedDraws;
  int64_t follower_words = metrics::kFollowerWords;
  double fork_share = metrics::kForkShare;
  double hold_share = 0.05;  ///< of a step's responses, from which on a gram holds
  int64_t hold_steps = 3;    ///< steps in a row that it must hold
  std::optional<std::pair<std::string, std::string>> compare{};  ///< two sources
};

}  // namespace stratagram::analysis
