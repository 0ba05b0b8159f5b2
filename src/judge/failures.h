// judge/failures.h -- which failed responses are looked at: of each step up to so many problems
// with a failure, drawn at random, and one failure of each.
//
// One a problem, as failures of one problem resemble each other: what is drawn is independent, and
// intervals may say so. The draw is keyed by seed, source, step and the texts themselves, so the
// order of the rows changes nothing, and a larger sample holds the smaller one.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "text/solutions.h"

namespace stratagram::judge {

struct Failure {
  text::Solution solution;
  std::string where;  ///< "FILE:LINE"
};

/// The responses of one source at one step, or of steps taken together.
struct FailureGroup {
  std::string source;
  std::optional<int64_t> step{};  ///< the first one of those taken together; none: rows without
  int64_t num_responses = 0;      ///< that are known to be correct or not
  int64_t num_failures = 0;
  int64_t num_failed_problems = 0;  ///< with a failure
  std::vector<Failure> sample{};    ///< in the order drawn
};

struct FailureOptions {
  int64_t per_step = 50;       ///< failures to draw a group, at least 1
  int64_t steps_together = 1;  ///< at least 1: steps [0, n), [n, 2n), ... are one group each
  uint64_t seed = 0;
};

struct Failures {
  std::vector<FailureGroup> groups;  ///< by source, then by step; also those without a failure
  int64_t num_unknown = 0;           ///< responses that no row says to be correct or not
};

/// Reads everything once; memory holds the sample and a number a failed problem. Throws like
/// SolutionReader::next(), Error(kData) when of no response it is known whether it is correct, and
/// Error(kInterrupted).
[[nodiscard]] Failures sample_failures(text::SolutionReader& reader, const FailureOptions& options);

}  // namespace stratagram::judge
