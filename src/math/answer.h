// math/answer.h -- what an answer is, mathematically: a value, a set, an interval, a matrix, a
// letter of a multiple choice, a word. What the parser makes of a text, and what two answers are
// compared by.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "math/expression.h"

namespace stratagram::math {

enum class AnswerKind {
  kValue,       ///< `expression`, with or without symbols, perhaps with a unit
  kEquation,    ///< two `parts`, both kValue (or longer chains a = b = c: two or more)
  kInequality,  ///< `parts` kValue with `relations` between them: 0 < x \le 5
  kInterval,    ///< two `parts`, open or closed ends
  kUnion,       ///< `parts`: intervals and finite sets
  kTuple,       ///< `parts` in order: points, ordered pairs, vectors in ( ) or < >
  kSet,         ///< `parts` in any order: { }, "1, 2 and 3", \pm, roots of an equation
  kMatrix,      ///< `parts` row by row, `columns` in each
  kRatio,       ///< `parts` : 3:2:1
  kChoice,      ///< `text`: one upper-case letter A to J (or several, sorted, each once)
  kTruth,       ///< `text`: "true" or "false" (yes, no, correct, ...)
  kDate,        ///< `text`: ISO, parts that were not given as '?': "2024-06-20", "?-06-20"
  kTime,        ///< `expression`: seconds after midnight; "2:30 p.m."
  kText,        ///< `text`: case-folded words joined by one space
};

enum class Relation { kLess, kLessEqual, kGreater, kGreaterEqual, kNotEqual };

/// How a number was written, which decides whether it may have been rounded.
struct Precision {
  bool is_decimal = false;  ///< with a point or an exponent; 2.50 has one
  int32_t decimals = 0;     ///< digits after the point as written, less the exponent
  int32_t significant_digits = 0;
};

struct Answer {
  AnswerKind kind = AnswerKind::kText;
  Expression expression{};  ///< null but for kValue, kTime
  std::vector<Answer> parts{};
  std::vector<Relation> relations{};
  std::string text{};        ///< of kTime: "half" with a.m. or p.m., "open" where both may be meant
  bool left_closed = false;  ///< of kInterval; both of kTuple: a list of two in [ ]
  bool right_closed = false;
  int64_t columns = 0;                   ///< of kMatrix
  std::string label{};                   ///< what the value was said to be: "x" of "x = 5", "f(x)"
  std::string unit{};                    ///< canonical, by units.h: "cm^2", "USD", "%"; empty: none
  std::optional<Precision> precision{};  ///< of kValue that is one written number
  std::string choice_text{};             ///< of kChoice: what stood beside the letter, maybe
};

/// In one fixed spelling, for people and for `verify`: "{-1, 2}", "[0, oo)", "5 cm^2".
[[nodiscard]] std::string to_text(const Answer& answer);

}  // namespace stratagram::math
