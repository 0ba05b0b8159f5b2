// judge/error_survey.h -- why a response failed: one multiple-choice question (definitions,
// section 7).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "judge/failures.h"
#include "judge/survey.h"

namespace stratagram::judge {

/// Numbers of the options of error_survey().
enum class ErrorClass : uint8_t {
  kMisunderstood,  ///< (A) misunderstands or does not address the task
  kSlip,           ///< (B) a slip in a concrete step
  kStrategy,       ///< (C) wrong concept, plan, strategy or self-check
  kAcceptable,     ///< (D) the answer is in truth acceptable
};
inline constexpr size_t kNumErrorClasses = 4;

/// "misunderstood", "slip", "strategy", "acceptable".
[[nodiscard]] const char* error_class_name(ErrorClass error_class);

/// The paper's "Planning & Strategy".
[[nodiscard]] bool is_planning(ErrorClass error_class);

struct ErrorSurvey {
  Survey survey;
  int64_t num_shortened = 0;  ///< responses whose middle was left out
};

/// An item a failure. Of a response the first and last bytes are shown, `max_response_bytes` in
/// all.
[[nodiscard]] ErrorSurvey error_survey(std::span<const Failure* const> failures,
                                       size_t max_response_bytes);

}  // namespace stratagram::judge
