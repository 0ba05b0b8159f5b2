// math/comparison_relations.cpp -- equations, inequalities, intervals and their unions.
#include <algorithm>
#include <array>

#include "math/characters.h"
#include "math/comparison.h"

namespace stratagram::math {
namespace {

/// Names of the symbols, each once, of a value or of both sides of an equation.
std::vector<std::string> symbols_in(const Answer& answer) {
  std::vector<std::string> names;
  const auto add = [&](const Answer& part) {
    if (part.expression == nullptr) return;
    for (const std::string& name : symbols_of(part.expression)) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  };
  add(answer);
  for (const Answer& part : answer.parts) add(part);
  return names;
}

bool is_ascending(Relation relation) {
  return relation == Relation::kLess || relation == Relation::kLessEqual;
}

bool is_identifier(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return is_letter(c) || is_digit(c) || c == '_' || c == '\'';
  });
}

/// left < right, left <= right or left != right, as difference = right - left.
struct Bound {
  NodeId difference = 0;
  NodeId left = 0;
  NodeId right = 0;
  bool strict = true;
  bool unequal = false;
};

Bound bound_of(Graph& graph, NodeId left, NodeId right, Relation relation) {
  if (relation == Relation::kGreater || relation == Relation::kGreaterEqual) std::swap(left, right);
  return {
      .difference = graph.difference(right, left),
      .left = left,
      .right = right,
      .strict = relation == Relation::kLess || relation == Relation::kGreater,
      .unequal = relation == Relation::kNotEqual,
  };
}

/// As read from the other side.
Relation turned(Relation relation) {
  switch (relation) {
    case Relation::kLess:
      return Relation::kGreater;
    case Relation::kLessEqual:
      return Relation::kGreaterEqual;
    case Relation::kGreater:
      return Relation::kLess;
    case Relation::kGreaterEqual:
      return Relation::kLessEqual;
    case Relation::kNotEqual:
      return Relation::kNotEqual;
  }
  return relation;
}

}  // namespace

/// Both sides, or all of a chain; a value with a label is the equation label = value.
std::optional<std::vector<NodeId>> Comparison::sides(const Answer& equation) {
  std::vector<NodeId> nodes;
  if (equation.kind == AnswerKind::kValue) {
    if (!is_identifier(equation.label)) return std::nullopt;
    nodes.push_back(graph_.symbol(equation.label));
    const auto value = value_of(equation);
    if (!value) return std::nullopt;
    nodes.push_back(value->node);
    return nodes;
  }
  for (const Answer& part : equation.parts) {
    const auto value = value_of(part);
    if (!value) return std::nullopt;
    nodes.push_back(value->node);
  }
  return nodes;
}

Verdict Comparison::equations(const Answer& gold, const Answer& predicted) {
  const auto wanted = sides(gold);
  const auto got = sides(predicted);
  if (!wanted || !got)
    return budget_.spent() ? unknown("budget_spent") : different("different_kind");
  if (wanted->size() != got->size() || wanted->size() < 2) return different("different_equation");
  // a = b = c as the differences of neighbours; the same chain may be written from its end.
  const auto matches = [&](bool reversed) {
    Verdict result = same("equal_equation");
    const size_t last = wanted->size() - 1;
    for (size_t i = 0; i < last; ++i) {
      const NodeId a = graph_.difference((*wanted)[i], (*wanted)[i + 1]);
      const size_t j = reversed ? last - i : i;
      const size_t k = reversed ? j - 1 : j + 1;
      const NodeId b = graph_.difference((*got)[j], (*got)[k]);
      const bool closed = !graph_.node(a).has_symbols && !graph_.node(b).has_symbols;
      // 1 + 1 = 2 says nothing that 2 + 2 = 4 does not: such must agree side by side.
      Verdict verdict = closed ? compare_nodes(graph_, (*wanted)[i], (*got)[j])
                               : compare_proportion(graph_, a, b).verdict;
      if (closed && verdict.is_same()) {
        verdict = compare_nodes(graph_, (*wanted)[i + 1], (*got)[k]);
      }
      if (verdict.is_different()) return different("different_equation");
      if (!verdict.is_same()) result = verdict;
    }
    return result;
  };
  const Verdict forward = matches(false);
  if (wanted->size() == 2 || forward.is_same()) return forward;
  const Verdict backward = matches(true);
  return backward.is_different() ? forward : backward;
}

/// x + y = 8 and 8 - x: the value, which says no name, is that of the one unknown that it lacks.
Verdict Comparison::solved_equation(const Answer& gold, const Answer& predicted) {
  const bool gold_is_value = gold.kind == AnswerKind::kValue;
  const Answer& equation = gold_is_value ? predicted : gold;
  const Answer& value = gold_is_value ? gold : predicted;
  const std::vector<std::string> all = symbols_in(equation);
  const std::vector<std::string> some = symbols_in(value);
  std::optional<std::string> lacking;
  for (const std::string& name : all) {
    if (std::find(some.begin(), some.end(), name) != some.end()) continue;
    if (lacking) return different("different_kind");
    lacking = name;
  }
  if (!lacking || some.empty() || some.size() + 1 != all.size() || !value.unit.empty()) {
    return different("different_kind");
  }
  const auto wanted = sides(equation);
  const auto solved_for = value_of(value);
  if (!wanted || !solved_for || wanted->size() != 2) {
    return budget_.spent() ? unknown("budget_spent") : different("different_kind");
  }
  const NodeId a = graph_.difference((*wanted)[0], (*wanted)[1]);
  const NodeId b = graph_.difference(graph_.symbol(*lacking), solved_for->node);
  const Verdict verdict = compare_proportion(graph_, a, b).verdict;
  return verdict.is_different() ? different("different_equation") : verdict;
}

Verdict Comparison::inequalities(const Answer& gold, const Answer& predicted) {
  const auto count = static_cast<int64_t>(gold.parts.size() + predicted.parts.size());
  if (!budget_.pay(32 * count)) return unknown("budget_spent");
  const auto bounds_of = [&](const Answer& answer) -> std::optional<std::vector<Bound>> {
    const auto nodes = sides(answer);
    if (!nodes || nodes->size() < 2 || answer.relations.size() + 1 != nodes->size()) {
      return std::nullopt;
    }
    std::vector<Bound> bounds;
    bounds.reserve(answer.relations.size());
    for (size_t i = 0; i < answer.relations.size(); ++i) {
      bounds.push_back(bound_of(graph_, (*nodes)[i], (*nodes)[i + 1], answer.relations[i]));
    }
    return bounds;
  };
  const auto wanted = bounds_of(gold);
  const auto got = bounds_of(predicted);
  if (!wanted || !got) return unknown(budget_.spent() ? "budget_spent" : "undecided");
  Verdict open = different("different_inequality");
  const auto implied = [&](const std::vector<Bound>& these, const std::vector<Bound>& those) {
    return std::all_of(these.begin(), these.end(), [&](const Bound& a) {
      return std::any_of(those.begin(), those.end(), [&](const Bound& b) {
        if (a.strict != b.strict || a.unequal != b.unequal) return false;
        const Proportion found = compare_proportion(graph_, a.difference, b.difference);
        if (found.verdict.sameness == Sameness::kUnknown) open = found.verdict;
        return found.verdict.is_same() && (a.unequal || found.sign > 0);
      });
    });
  };
  if (implied(*wanted, *got) && implied(*got, *wanted)) return same("equal_inequality");
  // Solved for the same unknown, they may be written in ways that are not proportional: 0 < x < 1.
  const auto unknowns_of = [&](const std::vector<Bound>& bounds) {
    std::vector<NodeId> roots;
    std::vector<NodeId> symbols;
    roots.reserve(bounds.size());
    for (const Bound& bound : bounds) roots.push_back(bound.difference);
    for (const NodeId id : graph_.below(roots)) {
      if (graph_.node(id).term == Term::kSymbol || is_unknown_function(id)) symbols.push_back(id);
    }
    return symbols;
  };
  if (unknowns_of(*wanted) != unknowns_of(*got)) return open;
  const Verdict found = as_pieces(gold, predicted);
  return found.is_same() ? found : open;
}

Verdict Comparison::intervals(const Answer& gold, const Answer& predicted, int depth) {
  const Verdict ends = in_order(gold, predicted, depth);
  if (!ends.is_same() || gold.parts.size() != 2) return ends;
  const auto agree = [&](bool gold_closed, bool predicted_closed, const Answer& end) {
    const auto value = value_of(end);
    return gold_closed == predicted_closed || (value && graph_.infinity_sign(value->node) != 0);
  };
  const bool equal = agree(gold.left_closed, predicted.left_closed, gold.parts[0]) &&
                     agree(gold.right_closed, predicted.right_closed, gold.parts[1]);
  return equal ? same("equal_interval") : different("different_ends");
}

/// |x - 1| < 2 as -2 < x - 1 < 2, and |x - 1| >= 2 as x - 1 <= -2 or x - 1 >= 2.
std::optional<std::vector<Piece>> Comparison::solved_absolute(std::span<const NodeId> nodes,
                                                              Relation relation) {
  const auto is_absolute = [&](NodeId id) {
    return graph_.node(id).term == Term::kFunction && graph_.node(id).function == Function::kAbs;
  };
  NodeId left = nodes[0];
  NodeId right = nodes[1];
  if (is_absolute(right)) {
    std::swap(left, right);
    relation = turned(relation);
  }
  if (!is_absolute(left) || graph_.node(right).has_symbols) return std::nullopt;
  const NodeId inside = graph_.node(left).arguments[0];
  // Each level would be solved twice.
  if (is_absolute(inside)) return std::nullopt;
  const NodeId bound = right;
  const NodeId opposite = graph_.product(std::array<NodeId, 2>{graph_.number({-1, 0}), bound});
  const std::array<NodeId, 2> above = {inside, bound};
  const std::array<NodeId, 2> below = {inside, opposite};
  if (relation == Relation::kLess || relation == Relation::kLessEqual) {
    return solved(std::array<NodeId, 3>{opposite, inside, bound}, {relation, relation});
  }
  if (relation == Relation::kNotEqual) return std::nullopt;
  auto pieces = solved(above, {relation});
  const auto others = solved(below, {turned(relation)});
  if (!pieces || !others) return std::nullopt;
  pieces->insert(pieces->end(), others->begin(), others->end());
  return pieces;
}

/// 1 < |x| <= 2 as 1 < x <= 2 or -2 <= x < -1.
std::optional<std::vector<Piece>> Comparison::solved_absolute_between(
    std::span<const NodeId> nodes, const std::vector<Relation>& relations) {
  const NodeId middle = nodes[1];
  if (graph_.node(middle).term != Term::kFunction ||
      graph_.node(middle).function != Function::kAbs || !is_ascending(relations[0]) ||
      !is_ascending(relations[1])) {
    return std::nullopt;
  }
  const auto low = order_of(graph_, nodes[0], graph_.number({}));
  if (!low || *low <= 0) return std::nullopt;
  const NodeId inside = graph_.node(middle).arguments[0];
  const auto opposite = [&](NodeId id) {
    return graph_.product(std::array<NodeId, 2>{graph_.number({-1, 0}), id});
  };
  auto pieces = solved(std::array<NodeId, 3>{nodes[0], inside, nodes[2]}, relations);
  const auto others = solved(std::array<NodeId, 3>{opposite(nodes[2]), inside, opposite(nodes[0])},
                             {relations[1], relations[0]});
  if (!pieces || !others) return std::nullopt;
  pieces->insert(pieces->end(), others->begin(), others->end());
  return pieces;
}

bool Comparison::is_unknown_function(NodeId id) const {
  return graph_.node(id).term == Term::kFunction && graph_.node(id).function == Function::kOther;
}

/// 0 < f(x) <= 1, between numbers: what is asked for is where the values lie.
std::optional<std::vector<Piece>> Comparison::range_of_function(
    std::span<const NodeId> nodes, const std::vector<Relation>& relations) {
  if (nodes.size() != 3 || !is_unknown_function(nodes[1]) || graph_.node(nodes[0]).has_symbols ||
      graph_.node(nodes[2]).has_symbols) {
    return std::nullopt;
  }
  if (!is_ascending(relations[0]) || !is_ascending(relations[1])) return std::nullopt;
  return std::vector<Piece>{{nodes[0],
                             nodes[2],
                             relations[0] == Relation::kLessEqual,
                             relations[1] == Relation::kLessEqual}};
}

/// Where one unknown stands alone or appears linearly: x > 2, -3 < 2x + 1 <= 5, x != 1.
std::optional<std::vector<Piece>> Comparison::solved(std::span<const NodeId> nodes,
                                                     const std::vector<Relation>& relations) {
  if (nodes.size() < 2 || relations.size() + 1 != nodes.size()) return std::nullopt;
  if (relations.size() == 2) {
    if (auto pieces = solved_absolute_between(nodes, relations)) return pieces;
  }
  if (relations.size() == 1) {
    if (auto pieces = solved_absolute(nodes, relations[0])) return pieces;
  }
  if (auto pieces = range_of_function(nodes, relations)) return pieces;
  std::optional<NodeId> unknown_symbol;
  for (const NodeId id : graph_.below(nodes)) {
    if (is_unknown_function(id)) return std::nullopt;
    if (graph_.node(id).term != Term::kSymbol) continue;
    if (unknown_symbol) return std::nullopt;
    unknown_symbol = id;
  }
  if (!unknown_symbol) return std::nullopt;
  const NodeId plus = graph_.add(constant(Op::kInfinity)).value_or(0);
  const NodeId minus = graph_.product(std::array<NodeId, 2>{graph_.number({-1, 0}), plus});
  Piece piece{minus, plus, false, false};
  int lows = 0;
  int highs = 0;
  for (size_t i = 0; i < relations.size(); ++i) {
    const Bound bound = bound_of(graph_, nodes[i], nodes[i + 1], relations[i]);
    bool is_low = bound.right == *unknown_symbol;
    NodeId end = is_low ? bound.left : bound.right;
    if ((!is_low && bound.left != *unknown_symbol) || graph_.node(end).has_symbols) {
      const std::array<NodeId, 1> roots = {bound.difference};
      const auto line = RationalForms(graph_, roots).line_in(bound.difference, *unknown_symbol);
      if (!line) return std::nullopt;
      is_low = line->slope.sign() > 0;
      const Exactly found = exact_quotient({-line->constant, 0}, {line->slope, 0}, budget_);
      if (found.finding != Finding::kValue) return std::nullopt;
      end = graph_.number(found.value);
    }
    if (bound.unequal) {
      if (relations.size() != 1) return std::nullopt;
      return std::vector<Piece>{{minus, end, false, false}, {end, plus, false, false}};
    }
    (is_low ? piece.low : piece.high) = end;
    (is_low ? piece.low_closed : piece.high_closed) = !bound.strict;
    ++(is_low ? lows : highs);
  }
  if (lows > 1 || highs > 1) return std::nullopt;
  return std::vector<Piece>{piece};
}

std::optional<std::vector<Piece>> Comparison::pieces_of(const Answer& answer, int depth) {
  if (depth > 8) return std::nullopt;
  std::vector<Piece> pieces;
  if (answer.kind == AnswerKind::kInequality) {
    const auto nodes = sides(answer);
    return nodes ? solved(*nodes, answer.relations) : std::nullopt;
  }
  if (answer.kind == AnswerKind::kValue) {
    const auto value = value_of(answer);
    if (!value) return std::nullopt;
    return std::vector<Piece>{{value->node, value->node, true, true}};
  }
  if (answer.kind == AnswerKind::kInterval) {
    if (answer.parts.size() != 2) return std::nullopt;
    const auto low = value_of(answer.parts[0]);
    const auto high = value_of(answer.parts[1]);
    if (!low || !high) return std::nullopt;
    return std::vector<Piece>{{low->node, high->node, answer.left_closed, answer.right_closed}};
  }
  if (answer.kind != AnswerKind::kUnion && answer.kind != AnswerKind::kSet) return std::nullopt;
  for (const Answer& part : answer.parts) {
    auto inner = pieces_of(part, depth + 1);
    if (!inner) return std::nullopt;
    pieces.insert(pieces.end(), inner->begin(), inner->end());
  }
  return pieces;
}

/// Sorts the pieces, drops empty ones and joins those that touch or overlap. False where an order
/// of ends is not known.
bool Comparison::join(std::vector<Piece>& pieces) {
  bool known = true;
  const auto order = [&](NodeId a, NodeId b) {
    const auto found = order_of(graph_, a, b);
    known = known && found.has_value();
    return found.value_or(0);
  };
  // An insertion sort: std::sort must not be given an order that may turn out unknown.
  std::vector<Piece> sorted;
  for (Piece piece : pieces) {
    if (graph_.infinity_sign(piece.low) != 0) piece.low_closed = false;
    if (graph_.infinity_sign(piece.high) != 0) piece.high_closed = false;
    const int length = order(piece.low, piece.high);
    const bool is_point = length == 0 && piece.low_closed && piece.high_closed;
    if (length > 0 || (length == 0 && !is_point)) continue;
    size_t place = sorted.size();
    while (place > 0 && known) {
      const Piece& before = sorted[place - 1];
      const int ends = order(before.low, piece.low);
      if (ends < 0 || (ends == 0 && (before.low_closed || !piece.low_closed))) break;
      --place;
    }
    if (!known || budget_.spent()) return false;
    sorted.insert(sorted.begin() + static_cast<int64_t>(place), piece);
  }
  pieces.clear();
  for (const Piece& piece : sorted) {
    if (pieces.empty()) {
      pieces.push_back(piece);
      continue;
    }
    Piece& last = pieces.back();
    const int gap = order(last.high, piece.low);
    if (gap < 0 || (gap == 0 && !last.high_closed && !piece.low_closed)) {
      pieces.push_back(piece);
      continue;
    }
    const int ends = order(last.high, piece.high);
    if (ends < 0) {
      last.high = piece.high;
      last.high_closed = piece.high_closed;
    } else if (ends == 0) {
      last.high_closed = last.high_closed || piece.high_closed;
    }
  }
  return known;
}

/// As parts of the real line, whatever they were written as.
Verdict Comparison::as_pieces(const Answer& gold, const Answer& predicted) {
  auto wanted = pieces_of(gold);
  auto got = pieces_of(predicted);
  if (!wanted || !got)
    return budget_.spent() ? unknown("budget_spent") : different("different_kind");
  if (!join(*wanted) || !join(*got)) return unknown(budget_.spent() ? "budget_spent" : "undecided");
  if (wanted->size() != got->size()) {
    return different(wanted->size() > got->size() ? "missing_part" : "extra_part");
  }
  Verdict result = same("equal_interval");
  for (size_t i = 0; i < wanted->size(); ++i) {
    const Piece& a = (*wanted)[i];
    const Piece& b = (*got)[i];
    for (const Verdict& ends :
         {compare_nodes(graph_, a.low, b.low), compare_nodes(graph_, a.high, b.high)}) {
      if (ends.is_different()) return ends;
      if (!ends.is_same()) result = ends;
    }
    if (a.low_closed != b.low_closed || a.high_closed != b.high_closed) {
      return different("different_ends");
    }
  }
  return result;
}

}  // namespace stratagram::math
