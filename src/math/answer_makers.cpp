#include "math/answer_makers.h"

#include <utility>

namespace stratagram::math {

Answer interval(Answer low, Answer high, bool left_closed, bool right_closed) {
  Answer result;
  result.kind = AnswerKind::kInterval;
  result.left_closed = left_closed;
  result.right_closed = right_closed;
  result.parts.push_back(std::move(low));
  result.parts.push_back(std::move(high));
  return result;
}

Answer value_of(Expression expression) {
  Answer result;
  result.kind = AnswerKind::kValue;
  result.expression = std::move(expression);
  return result;
}

Answer infinity(bool negative) {
  Expression value = constant(Op::kInfinity);
  return value_of(negative ? make(Op::kNegate, {value}) : value);
}

Answer collection(AnswerKind kind, std::vector<Answer> parts) {
  Answer result;
  result.kind = kind;
  result.parts = std::move(parts);
  return result;
}

bool is_region(const Answer& answer) {
  return answer.kind == AnswerKind::kInterval || answer.kind == AnswerKind::kUnion ||
         answer.kind == AnswerKind::kInequality;
}

}  // namespace stratagram::math
