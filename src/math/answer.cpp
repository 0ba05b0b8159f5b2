#include "math/answer.h"

#include <fmt/format.h>

#include <array>

namespace stratagram::math {
namespace {

const char* relation_text(Relation relation) {
  constexpr std::array<const char*, 5> kTexts = {"<", "<=", ">", ">=", "!="};
  return kTexts.at(static_cast<size_t>(relation));
}

std::string joined(const std::vector<Answer>& parts, const std::string& separator) {
  std::string text;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) text += separator;
    text += to_text(parts[i]);
  }
  return text;
}

std::string matrix_text(const Answer& answer) {
  std::string text = "[";
  for (size_t i = 0; i < answer.parts.size(); ++i) {
    const bool starts_row = static_cast<int64_t>(i) % answer.columns == 0;
    if (i > 0) text += starts_row ? "; " : ", ";
    text += to_text(answer.parts[i]);
  }
  return text + "]";
}

std::string bare_text(const Answer& answer) {
  switch (answer.kind) {
    case AnswerKind::kValue:
      return fmt::format(
          "{}{}{}", to_text(answer.expression), answer.unit.empty() ? "" : " ", answer.unit);
    case AnswerKind::kEquation:
      return joined(answer.parts, " = ");
    case AnswerKind::kInequality: {
      std::string text = to_text(answer.parts.front());
      for (size_t i = 0; i < answer.relations.size(); ++i) {
        text += std::string(" ") + relation_text(answer.relations[i]) + " " +
                to_text(answer.parts[i + 1]);
      }
      return text;
    }
    case AnswerKind::kInterval:
      return fmt::format("{}{}{}",
                         answer.left_closed ? '[' : '(',
                         joined(answer.parts, ", "),
                         answer.right_closed ? ']' : ')');
    case AnswerKind::kUnion:
      return joined(answer.parts, " U ");
    case AnswerKind::kTuple:
      return fmt::format("({})", joined(answer.parts, ", "));
    case AnswerKind::kSet:
      return fmt::format("{{{}}}", joined(answer.parts, ", "));
    case AnswerKind::kMatrix:
      return matrix_text(answer);
    case AnswerKind::kRatio:
      return joined(answer.parts, " : ");
    case AnswerKind::kTime:
      return to_text(answer.expression) + " s after midnight";
    case AnswerKind::kChoice:
      return answer.choice_text.empty() ? answer.text
                                        : fmt::format("{} ({})", answer.text, answer.choice_text);
    case AnswerKind::kTruth:
    case AnswerKind::kDate:
    case AnswerKind::kText:
      return answer.text;
  }
  return {};
}

}  // namespace

std::string to_text(const Answer& answer) {
  return answer.label.empty() ? bare_text(answer)
                              : fmt::format("{} = {}", answer.label, bare_text(answer));
}

}  // namespace stratagram::math
