// analysis/first_use.h -- when a gram comes into use during training ("aha"), and when it takes
// hold.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "analysis/analyse.h"
#include "analysis/config.h"
#include "analysis/groups.h"
#include "analysis/tally.h"
#include "core/stream.h"
#include "metrics/statistics.h"

namespace stratagram::analysis {

/// The responses of one step by problem.
struct StepTallies {
  int64_t step = 0;
  std::span<const ProblemTally> problems;
};

struct FirstUse {
  std::optional<int64_t> first{};               ///< first step with a response that uses it
  std::optional<int64_t> takes_hold{};          ///< see first_uses()
  std::optional<metrics::Interval> interval{};  ///< 95 %, of takes_hold
  int64_t responses = 0;                        ///< that use it, over all steps
};

/// For each use (numbered as in tally.h). It takes hold at the first step of the data from which on
/// it is in `hold_share` of the responses or more, `hold_steps` steps in a row. None where it never
/// is, be it because the data end too early. Steps ascend.
///   interval  percentiles of draws of problems, in each step for itself; none where under 95 % of
///             the draws take hold, and without draws
[[nodiscard]] std::vector<FirstUse> first_uses(std::span<const StepTallies> steps,
                                               size_t num_uses,
                                               const AnalysisConfig& config,
                                               const Stream& stream);

/// Adds `aha/first_use` and `aha/takes_hold` of each source whose groups are steps.
void add_first_uses(const Groups& groups, Analysis& analysis);

}  // namespace stratagram::analysis
