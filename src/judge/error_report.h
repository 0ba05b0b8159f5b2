// judge/error_report.h -- what a judge's answers on failures add up to: shares by step with
// intervals, agreement, and the cases in which the verifier may be wrong.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "judge/error_survey.h"
#include "judge/failures.h"
#include "judge/survey.h"

namespace stratagram::judge {

/// A share among the failures of a group that have an answer of each asking. Each failure counts
/// one; its two askings half each.
struct ErrorShare {
  double share = 0;
  metrics::Interval interval{};  ///< 95 %
};

struct GroupErrors {
  const FailureGroup* group = nullptr;
  int64_t num_judged = 0;                               ///< failures with an answer of each asking
  std::array<int64_t, kNumErrorClasses> num_answers{};  ///< of both askings, by class
  std::array<std::optional<ErrorShare>, kNumErrorClasses> shares{};
  /// "Planning & Strategy": A + C among A + B + C, over failures with an answer of these.
  std::optional<ErrorShare> planning{};
};

/// Groups are those of `failures`, which must outlive the result; answers are parallel to the
/// samples of the groups, one after another.
[[nodiscard]] std::vector<GroupErrors> group_errors(const Failures& failures,
                                                    const SurveyResult& answers);

/// Everything: groups, agreement, cases and suspected errors of the verifier.
///   settings  what decided the result
[[nodiscard]] nlohmann::ordered_json error_report(const Failures& failures,
                                                  const SurveyResult& answers,
                                                  const nlohmann::json& settings);

/// The same for a reader: a line a group, then agreement and what needs a look.
[[nodiscard]] std::string error_table(const Failures& failures, const SurveyResult& answers);

/// The sampled failures of all groups, in the order of the answers.
[[nodiscard]] std::vector<const Failure*> sampled(const Failures& failures);

}  // namespace stratagram::judge
