// math/comparison_form.cpp -- answers in normal form, for people.
#include <array>

#include "math/comparison.h"

namespace stratagram::math {
namespace {

constexpr size_t kMaxFormBytes = 400;

const char* text_of(Relation relation) {
  switch (relation) {
    case Relation::kLess:
      return " < ";
    case Relation::kLessEqual:
      return " <= ";
    case Relation::kGreater:
      return " > ";
    case Relation::kGreaterEqual:
      return " >= ";
    case Relation::kNotEqual:
      return " != ";
  }
  return "";
}

struct Brackets {
  const char* open = "";
  const char* separator = ", ";
  const char* close = "";
};

Brackets brackets_of(const Answer& answer) {
  switch (answer.kind) {
    case AnswerKind::kEquation:
      return {"", " = ", ""};
    case AnswerKind::kInterval:
      return {answer.left_closed ? "[" : "(", ", ", answer.right_closed ? "]" : ")"};
    case AnswerKind::kUnion:
      return {"", " U ", ""};
    case AnswerKind::kTuple:
      return {"(", ", ", ")"};
    case AnswerKind::kSet:
      return {"{", ", ", "}"};
    case AnswerKind::kMatrix:
      return {"[[", ", ", "]]"};
    case AnswerKind::kRatio:
      return {"", ":", ""};
    default:
      return {};
  }
}

}  // namespace

std::string Comparison::form(const Answer& answer) {
  if (answer.expression != nullptr) {
    const auto value = value_of(answer);
    if (!value) return "...";
    const std::array<NodeId, 1> roots = {value->node};
    const bool simple = graph_.node(value->node).arguments.empty();
    std::string text =
        simple ? graph_.text(value->node) : RationalForms(graph_, roots).text(value->node);
    if (!answer.unit.empty()) text += " " + answer.unit;
    return text;
  }
  if (answer.parts.empty() && !answer.text.empty()) return answer.text.substr(0, kMaxFormBytes);
  const Brackets brackets = brackets_of(answer);
  std::string out = brackets.open;
  for (size_t i = 0; i < answer.parts.size(); ++i) {
    const bool starts_row = answer.kind == AnswerKind::kMatrix && answer.columns > 0 &&
                            i % static_cast<size_t>(answer.columns) == 0;
    if (i > 0) {
      if (answer.kind == AnswerKind::kInequality && i <= answer.relations.size()) {
        out += text_of(answer.relations[i - 1]);
      } else {
        out += starts_row ? "], [" : brackets.separator;
      }
    }
    if (out.size() > kMaxFormBytes) return out + "...";
    out += form(answer.parts[i]);
  }
  return out + brackets.close;
}

}  // namespace stratagram::math
