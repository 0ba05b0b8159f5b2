// math/answer_makers.h -- answers of a kind from their parts, for the parser.
#pragma once

#include <vector>

#include "math/answer.h"

namespace stratagram::math {

[[nodiscard]] Answer interval(Answer low, Answer high, bool left_closed, bool right_closed);

/// kValue.
[[nodiscard]] Answer value_of(Expression expression);

[[nodiscard]] Answer infinity(bool negative);

/// Of any kind that has only parts.
[[nodiscard]] Answer collection(AnswerKind kind, std::vector<Answer> parts);

/// Intervals, their unions and inequalities: parts of the real line.
[[nodiscard]] bool is_region(const Answer& answer);

}  // namespace stratagram::math
