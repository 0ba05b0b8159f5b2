// math/comparison.h -- one comparison of answers while it runs: its budget, its graph, the rules of
// each kind. Used through equal.h.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "math/answer.h"
#include "math/budget.h"
#include "math/equal.h"
#include "math/graph.h"
#include "math/values.h"

namespace stratagram::math {

/// Part of the real line. A point has equal ends, both closed.
struct Piece {
  NodeId low = 0;
  NodeId high = 0;
  bool low_closed = false;
  bool high_closed = false;
};

/// From the predicted unit to that of the gold answer: factor * pi^pi_power * value + offset.
struct Conversion {
  Rational factor{1};
  int pi_power = 0;
  Rational offset{0};
};

/// Not thread-safe; the answers outlive it.
class Comparison {
 public:
  explicit Comparison(const EqualityOptions& options)
      : options_(&options), budget_(options.max_steps), graph_(budget_) {}

  [[nodiscard]] Verdict compare(const Answer& gold, const Answer& predicted, int depth = 0);
  [[nodiscard]] std::string form(const Answer& answer);
  [[nodiscard]] const Budget& budget() const { return budget_; }

 private:
  // comparison.cpp
  [[nodiscard]] std::optional<Value> value_of(const Answer& answer);
  [[nodiscard]] Verdict same_kind(const Answer& gold, const Answer& predicted, int depth);
  [[nodiscard]] Verdict times(const Answer& gold, const Answer& predicted);
  [[nodiscard]] Verdict across_kinds(const Answer& gold, const Answer& predicted, int depth);

  // comparison_units.cpp
  [[nodiscard]] Verdict values(const Answer& gold, const Answer& predicted);
  [[nodiscard]] std::optional<Value> in_the_variable_of(const Answer& gold,
                                                        const Answer& predicted);
  [[nodiscard]] Verdict percents(const Answer& gold, const Answer& predicted);
  [[nodiscard]] Verdict in_units(const Answer& gold, const Answer& predicted);
  [[nodiscard]] Verdict bare(const Answer& gold, const Answer& predicted) {
    return converted(gold, predicted, {});
  }
  [[nodiscard]] Verdict converted(const Answer& gold,
                                  const Answer& predicted,
                                  const Conversion& conversion);

  // comparison_parts.cpp
  [[nodiscard]] bool are_other_brackets(const Answer& gold, const Answer& predicted);
  [[nodiscard]] Verdict in_order(const Answer& gold, const Answer& predicted, int depth);
  [[nodiscard]] Verdict in_any_order(const Answer& gold, const Answer& predicted, int depth);
  [[nodiscard]] Verdict set_of_one(const Answer& gold, const Answer& predicted, int depth);
  [[nodiscard]] Verdict member(const Answer& part, const Answer& of, size_t likely, int depth);
  [[nodiscard]] Verdict matrices(const Answer& gold, const Answer& predicted, int depth);
  [[nodiscard]] Verdict ratios(const Answer& gold, const Answer& predicted);
  [[nodiscard]] Verdict by_labels(const Answer& tuple, const Answer& labelled, int depth);

  // comparison_relations.cpp
  [[nodiscard]] Verdict equations(const Answer& gold, const Answer& predicted);
  [[nodiscard]] Verdict solved_equation(const Answer& gold, const Answer& predicted);
  [[nodiscard]] Verdict inequalities(const Answer& gold, const Answer& predicted);
  [[nodiscard]] Verdict intervals(const Answer& gold, const Answer& predicted, int depth);
  [[nodiscard]] Verdict as_pieces(const Answer& gold, const Answer& predicted);
  [[nodiscard]] std::optional<std::vector<NodeId>> sides(const Answer& equation);
  [[nodiscard]] std::optional<std::vector<Piece>> pieces_of(const Answer& answer, int depth = 0);
  [[nodiscard]] std::optional<std::vector<Piece>> solved(std::span<const NodeId> nodes,
                                                         const std::vector<Relation>& relations);
  [[nodiscard]] bool is_unknown_function(NodeId id) const;
  [[nodiscard]] std::optional<std::vector<Piece>> range_of_function(
      std::span<const NodeId> nodes, const std::vector<Relation>& relations);
  [[nodiscard]] std::optional<std::vector<Piece>> solved_absolute_between(
      std::span<const NodeId> nodes, const std::vector<Relation>& relations);
  [[nodiscard]] std::optional<std::vector<Piece>> solved_absolute(std::span<const NodeId> nodes,
                                                                  Relation relation);
  [[nodiscard]] bool join(std::vector<Piece>& pieces);

  const EqualityOptions* options_;
  Budget budget_;
  Graph graph_;
  std::unordered_map<const Answer*, NodeId> nodes_;
};

}  // namespace stratagram::math
