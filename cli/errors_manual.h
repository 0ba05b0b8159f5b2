// cli/errors_manual.h -- a person instead of a judge: the same question on the same failures.
#pragma once

#include <optional>
#include <string>

#include "judge/error_survey.h"
#include "judge/failures.h"
#include "review/page_server.h"

namespace stratagram::cli {

struct ManualOptions {
  std::string log;       ///< of the answers; empty: a judge is asked
  std::string reviewer;  ///< who answers
  review::PageAddress address;
};

/// Opens the page and returns at Ctrl-C; every answer is in the log at once. Throws Error: kConfig
/// without a reviewer; what review::CaseDesk and review::PageServer throw.
void answer_by_hand(const judge::Failures& failures, const ManualOptions& options);

/// What the first two reviewers in the log answered, as first and second asking; of one reviewer,
/// one asking. Throws Error(kData) when nobody answered, and what review::CaseDesk throws.
[[nodiscard]] judge::SurveyResult answers_by_hand(const judge::Failures& failures,
                                                  const ManualOptions& options);

}  // namespace stratagram::cli
