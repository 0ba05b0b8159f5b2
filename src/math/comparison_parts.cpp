// math/comparison_parts.cpp -- tuples, sets, matrices and ratios.
#include <algorithm>
#include <array>
#include <unordered_set>

#include "math/comparison.h"

namespace stratagram::math {
namespace {

/// Whether a value is nothing but that, so that being the same node decides.
bool is_plain(const Answer& answer) {
  return answer.kind == AnswerKind::kValue && answer.expression != nullptr && answer.unit.empty() &&
         answer.label.empty();
}

/// x = 1, y = 1 are two; x_1 = 1, x_2 = 1 may be one root that counts twice.
bool has_several_names(const Answer& set) {
  const auto name_of = [](const Answer& part) {
    return part.label.substr(0, part.label.find('_'));
  };
  return std::any_of(set.parts.begin(), set.parts.end(), [&](const Answer& part) {
    return !part.label.empty() && !set.parts.front().label.empty() &&
           name_of(part) != name_of(set.parts.front());
  });
}

}  // namespace

/// [1, 2] and (1, 2): a closed interval and an open one, unless the ends are in no such order.
bool Comparison::are_other_brackets(const Answer& gold, const Answer& predicted) {
  if (gold.kind != AnswerKind::kTuple || predicted.kind != AnswerKind::kTuple ||
      gold.left_closed == predicted.left_closed || gold.parts.size() != 2) {
    return false;
  }
  const auto low = value_of(gold.parts[0]);
  const auto high = value_of(gold.parts[1]);
  const auto order = low && high ? order_of(graph_, low->node, high->node) : std::nullopt;
  return !order || *order < 0;
}

Verdict Comparison::in_order(const Answer& gold, const Answer& predicted, int depth) {
  if (gold.parts.size() != predicted.parts.size()) return different("different_length");
  if (are_other_brackets(gold, predicted)) return different("different_ends");
  Verdict result = same("equal_parts");
  for (size_t i = 0; i < gold.parts.size(); ++i) {
    const Verdict verdict = compare(gold.parts[i], predicted.parts[i], depth + 1);
    // One part that differs decides, whatever is not known of others.
    if (verdict.is_different()) return verdict;
    if (!verdict.is_same()) result = verdict;
  }
  return result;
}

/// Whether a part is in a set.
Verdict Comparison::member(const Answer& part, const Answer& of, size_t likely, int depth) {
  Verdict result = different("missing_part");
  const auto look_at = [&](size_t i) {
    const Answer& candidate = of.parts[i];
    if (!part.label.empty() && !candidate.label.empty() && part.label != candidate.label) {
      return false;
    }
    const Verdict verdict = compare(part, candidate, depth + 1);
    if (verdict.sameness == Sameness::kUnknown) result = verdict;
    if (verdict.is_same()) result = verdict;
    return verdict.is_same();
  };
  if (likely < of.parts.size() && look_at(likely)) return result;
  for (size_t i = 0; i < of.parts.size(); ++i) {
    if (budget_.spent()) return unknown("budget_spent");
    if (i != likely && look_at(i)) return result;
  }
  return result;
}

Verdict Comparison::in_any_order(const Answer& gold, const Answer& predicted, int depth) {
  if (gold.parts.empty() != predicted.parts.empty()) {
    return different(predicted.parts.empty() ? "missing_part" : "extra_part");
  }
  Verdict result = same("equal_set");
  const auto all_in = [&](const Answer& these, const Answer& those, const char* otherwise) {
    // Numbers that are the same node need no search.
    std::unordered_set<NodeId> plain;
    for (const Answer& part : those.parts) {
      const auto value = is_plain(part) ? value_of(part) : std::nullopt;
      if (value && !graph_.is_undefined(value->node)) plain.insert(value->node);
    }
    for (size_t i = 0; i < these.parts.size(); ++i) {
      const Answer& part = these.parts[i];
      const auto value = is_plain(part) ? value_of(part) : std::nullopt;
      if (value && plain.contains(value->node)) continue;
      // The gold answer stays first, whichever way the search goes.
      const Verdict verdict = member(part, those, i, depth);
      if (verdict.is_different()) {
        result = different(otherwise);
        return false;
      }
      if (!verdict.is_same()) result = verdict;
    }
    return true;
  };
  if (all_in(gold, predicted, "missing_part")) (void)all_in(predicted, gold, "extra_part");
  return result;
}

/// A set against something else: all its members must be that.
Verdict Comparison::set_of_one(const Answer& gold, const Answer& predicted, int depth) {
  const bool gold_is_set = gold.kind == AnswerKind::kSet;
  const Answer& set = gold_is_set ? gold : predicted;
  const char* otherwise = gold_is_set ? "missing_part" : "extra_part";
  if (set.parts.empty() || has_several_names(set)) return different(otherwise);
  Verdict result = same("equal_set");
  for (const Answer& part : set.parts) {
    const Verdict verdict =
        gold_is_set ? compare(part, predicted, depth + 1) : compare(gold, part, depth + 1);
    if (verdict.is_different()) return different(otherwise);
    if (!verdict.is_same()) result = verdict;
  }
  return result;
}

Verdict Comparison::matrices(const Answer& gold, const Answer& predicted, int depth) {
  if (gold.columns != predicted.columns || gold.parts.size() != predicted.parts.size()) {
    return different("different_shape");
  }
  return in_order(gold, predicted, depth);
}

/// Of ratios, or of a ratio of two and its quotient.
Verdict Comparison::ratios(const Answer& gold, const Answer& predicted) {
  const auto nodes_of = [&](const Answer& answer) -> std::optional<std::vector<NodeId>> {
    std::vector<NodeId> nodes;
    if (answer.kind == AnswerKind::kValue) {
      const auto value = value_of(answer);
      if (!value) return std::nullopt;
      return std::vector<NodeId>{value->node, graph_.number({1, 0})};
    }
    for (const Answer& part : answer.parts) {
      const auto value = value_of(part);
      if (!value) return std::nullopt;
      nodes.push_back(value->node);
    }
    return nodes;
  };
  const auto wanted = nodes_of(gold);
  const auto got = nodes_of(predicted);
  if (!wanted || !got) return unknown(budget_.spent() ? "budget_spent" : "undecided");
  if (wanted->size() != got->size() || wanted->empty()) return different("different_length");
  const NodeId zero = graph_.number({});
  Verdict result = same("equal_ratio");
  for (size_t i = 0; i < wanted->size(); ++i) {
    // 0:0 is a ratio of nothing, and would agree with all.
    const bool is_zero = (*wanted)[i] == zero;
    if (is_zero != ((*got)[i] == zero)) return different("different_value");
    const size_t next = (i + 1) % wanted->size();
    const NodeId left = graph_.product(std::array<NodeId, 2>{(*wanted)[i], (*got)[next]});
    const NodeId right = graph_.product(std::array<NodeId, 2>{(*wanted)[next], (*got)[i]});
    const Verdict verdict = compare_nodes(graph_, left, right);
    if (verdict.is_different()) return verdict;
    if (!verdict.is_same()) result = verdict;
  }
  return result;
}

/// (1, 2) against "x = 1, y = 2": the labels in alphabetical order give the places.
Verdict Comparison::by_labels(const Answer& tuple, const Answer& labelled, int depth) {
  if (tuple.parts.size() != labelled.parts.size()) return different("different_kind");
  const bool none_labelled =
      std::all_of(labelled.parts.begin(), labelled.parts.end(), [](const Answer& part) {
        return part.kind == AnswerKind::kValue && part.label.empty();
      });
  if (tuple.label.starts_with('(') && none_labelled) {
    // (x, y) = (1, 2) says in which order "1, 2" is meant.
    Verdict result = same("equal_parts");
    for (size_t i = 0; i < tuple.parts.size(); ++i) {
      const Verdict verdict = compare(labelled.parts[i], tuple.parts[i], depth + 1);
      if (verdict.is_different()) return verdict;
      if (!verdict.is_same()) result = verdict;
    }
    return result;
  }
  std::vector<const Answer*> sorted;
  for (const Answer& part : labelled.parts) {
    if (part.label.empty()) return different("different_kind");
    sorted.push_back(&part);
  }
  std::sort(sorted.begin(), sorted.end(), [](const Answer* a, const Answer* b) {
    return a->label < b->label;
  });
  Verdict result = same("equal_parts");
  for (size_t i = 0; i < sorted.size(); ++i) {
    if (i > 0 && sorted[i]->label == sorted[i - 1]->label) return different("different_kind");
    const Verdict verdict = compare(tuple.parts[i], *sorted[i], depth + 1);
    if (verdict.is_different()) return verdict;
    if (!verdict.is_same()) result = verdict;
  }
  return result;
}

}  // namespace stratagram::math
