#include "math/comparison.h"

#include <algorithm>
#include <array>

namespace stratagram::math {
namespace {

constexpr int kMaxDepth = 40;

std::string without_article(const std::string& text) {
  for (const char* article : {"the ", "a ", "an "}) {
    if (text.starts_with(article)) return text.substr(std::string_view(article).size());
  }
  return text;
}

/// "a circle, a line" and "a circle and a line"; commas are gone already.
std::string without_and(std::string text) {
  for (size_t at = text.find(" and "); at != std::string::npos; at = text.find(" and ", at)) {
    text.erase(at, 4);
  }
  return text;
}

Verdict texts(const std::string& gold, const std::string& predicted) {
  const bool equal = without_and(without_article(gold)) == without_and(without_article(predicted));
  return equal ? same("equal_text") : different("different_text");
}

/// What the gold date leaves open may be anything; what it says must be said.
Verdict dates(const std::string& gold, const std::string& predicted) {
  const auto parts_of = [](const std::string& date) {
    std::vector<std::string> parts(1);
    for (const char c : date) {
      if (c == '-') {
        parts.emplace_back();
      } else {
        parts.back() += c;
      }
    }
    return parts;
  };
  const auto wanted = parts_of(gold);
  const auto got = parts_of(predicted);
  if (wanted.size() != got.size()) return different("different_value");
  bool missing = false;
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i] == "?" || wanted[i] == got[i]) continue;
    if (got[i] != "?") return different("different_value");
    missing = true;
  }
  return missing ? different("missing_part") : same("equal_date");
}

bool is_wrapper(AnswerKind kind) {
  return kind == AnswerKind::kSet || kind == AnswerKind::kUnion;
}

/// A set or union of one is that one.
const Answer& unwrapped(const Answer& answer) {
  const Answer* inner = &answer;
  for (int i = 0; i < kMaxDepth && is_wrapper(inner->kind) && inner->parts.size() == 1; ++i) {
    inner = &inner->parts[0];
  }
  return *inner;
}

bool is_vector(const Answer& matrix) {
  const auto count = static_cast<int64_t>(matrix.parts.size());
  return matrix.columns == 1 || matrix.columns == count;
}

/// Equal as trees, which needs no mathematics and holds for undefined expressions too.
bool same_tree(const Expression& a, const Expression& b, Budget& budget) {
  std::vector<std::pair<const Node*, const Node*>> pending = {{a.get(), b.get()}};
  while (!pending.empty()) {
    const auto [x, y] = pending.back();
    pending.pop_back();
    if (x == y) continue;
    if (x == nullptr || y == nullptr || !budget.pay(1)) return false;
    if (x->op != y->op || x->function != y->function || x->name != y->name ||
        !(x->value == y->value) || x->arguments.size() != y->arguments.size()) {
      return false;
    }
    for (size_t i = 0; i < x->arguments.size(); ++i) {
      pending.emplace_back(x->arguments[i].get(), y->arguments[i].get());
    }
  }
  return true;
}

/// Equal in everything that was read.
bool is_identical(const Answer& a, const Answer& b, Budget& budget, int depth) {
  if (&a == &b) return true;
  if (depth > kMaxDepth || !budget.pay(1)) return false;
  if (a.kind != b.kind || a.text != b.text || a.label != b.label || a.unit != b.unit ||
      a.relations != b.relations || a.columns != b.columns || a.left_closed != b.left_closed ||
      a.right_closed != b.right_closed || a.parts.size() != b.parts.size() ||
      !same_tree(a.expression, b.expression, budget)) {
    return false;
  }
  for (size_t i = 0; i < a.parts.size(); ++i) {
    if (!is_identical(a.parts[i], b.parts[i], budget, depth + 1)) return false;
  }
  return true;
}

}  // namespace

std::optional<Value> Comparison::value_of(const Answer& answer) {
  if (answer.expression == nullptr) return std::nullopt;
  const auto known = nodes_.find(&answer);
  if (known != nodes_.end()) {
    if (!budget_.pay(1)) return std::nullopt;
    return Value{known->second, answer.precision};
  }
  const auto node = graph_.add(answer.expression);
  if (!node) return std::nullopt;
  nodes_.emplace(&answer, *node);
  return Value{*node, answer.precision};
}

Verdict Comparison::same_kind(const Answer& gold, const Answer& predicted, int depth) {
  switch (gold.kind) {
    case AnswerKind::kValue:
      return values(gold, predicted);
    case AnswerKind::kTime:
      return times(gold, predicted);
    case AnswerKind::kEquation:
      return equations(gold, predicted);
    case AnswerKind::kInequality:
      return inequalities(gold, predicted);
    case AnswerKind::kInterval:
      return intervals(gold, predicted, depth);
    case AnswerKind::kUnion: {
      const Verdict verdict = in_any_order(gold, predicted, depth);
      return verdict.is_same() ? verdict : as_pieces(gold, predicted);
    }
    case AnswerKind::kSet:
      return in_any_order(gold, predicted, depth);
    case AnswerKind::kTuple:
      return in_order(gold, predicted, depth);
    case AnswerKind::kMatrix:
      return matrices(gold, predicted, depth);
    case AnswerKind::kRatio:
      return ratios(gold, predicted);
    case AnswerKind::kChoice:
      return gold.text == predicted.text ? same("equal_choice") : different("different_value");
    case AnswerKind::kTruth:
      return gold.text == predicted.text ? same("equal_text") : different("different_value");
    case AnswerKind::kDate:
      return dates(gold.text, predicted.text);
    case AnswerKind::kText:
      return texts(gold.text, predicted.text);
  }
  return different("different_kind");
}

/// A gold time that does not say which half of the day it is in may be in either.
Verdict Comparison::times(const Answer& gold, const Answer& predicted) {
  const Verdict verdict = values(gold, predicted);
  if (verdict.is_same() || gold.text != "open" || predicted.text != "half") return verdict;
  constexpr int64_t kHalfDay = 12 * 3600;
  const auto wanted = value_of(gold);
  const auto got = value_of(predicted);
  if (!wanted || !got) return verdict;
  for (const int64_t shift : {kHalfDay, -kHalfDay}) {
    const std::array<NodeId, 2> terms = {wanted->node, graph_.number({Rational(shift), 0})};
    const Verdict shifted = compare_nodes(graph_, graph_.sum(terms), got->node);
    if (shifted.is_same()) return shifted;
  }
  return verdict;
}

Verdict Comparison::across_kinds(const Answer& gold, const Answer& predicted, int depth) {
  const auto is = [&](AnswerKind one, AnswerKind other) {
    return (gold.kind == one && predicted.kind == other) ||
           (gold.kind == other && predicted.kind == one);
  };
  const auto of_kind = [&](AnswerKind kind) -> const Answer& {
    return gold.kind == kind ? gold : predicted;
  };
  if (is(AnswerKind::kEquation, AnswerKind::kValue)) {
    return of_kind(AnswerKind::kValue).label.empty() ? solved_equation(gold, predicted)
                                                     : equations(gold, predicted);
  }
  if (is(AnswerKind::kMatrix, AnswerKind::kTuple)) {
    return is_vector(of_kind(AnswerKind::kMatrix)) ? in_order(gold, predicted, depth)
                                                   : different("different_shape");
  }
  if (is(AnswerKind::kTuple, AnswerKind::kSet)) {
    return by_labels(of_kind(AnswerKind::kTuple), of_kind(AnswerKind::kSet), depth);
  }
  if (is(AnswerKind::kRatio, AnswerKind::kValue)) return ratios(gold, predicted);
  if (is(AnswerKind::kChoice, AnswerKind::kText)) {
    const std::string& beside = of_kind(AnswerKind::kChoice).choice_text;
    return beside.empty() ? different("different_kind")
                          : texts(beside, of_kind(AnswerKind::kText).text);
  }
  const auto on_the_line = [](AnswerKind kind) {
    return kind == AnswerKind::kInequality || kind == AnswerKind::kInterval ||
           kind == AnswerKind::kUnion || kind == AnswerKind::kSet;
  };
  if (on_the_line(gold.kind) && on_the_line(predicted.kind)) return as_pieces(gold, predicted);
  if (gold.kind == AnswerKind::kSet || predicted.kind == AnswerKind::kSet) {
    return set_of_one(gold, predicted, depth);
  }
  return different("different_kind");
}

Verdict Comparison::compare(const Answer& gold, const Answer& predicted, int depth) {
  if (depth > kMaxDepth) return unknown("too_deep");
  // What two short values take until their nodes are compared.
  if (!budget_.pay(8)) return unknown("budget_spent");
  const bool alike = gold.kind == predicted.kind;
  const Answer& a = alike ? gold : unwrapped(gold);
  const Answer& b = alike ? predicted : unwrapped(predicted);
  // At the top for all, below for values alone: or deep answers would be walked once a level.
  if ((depth == 0 || a.expression != nullptr) && is_identical(a, b, budget_, depth)) {
    return same(a.text.empty() ? "equal_form" : "equal_text");
  }
  return a.kind == b.kind ? same_kind(a, b, depth) : across_kinds(a, b, depth);
}

}  // namespace stratagram::math
