// math/rational_forms.h -- nodes of a graph as quotients of polynomials over the rationals. Symbols
// are variables, and so is whatever is no polynomial: pi, sqrt(2), sin(x), 10^(10^10).
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "math/graph.h"

namespace stratagram::math {

enum class Proof {
  kHolds,
  kFails,  ///< proven to be false
  kOpen,   ///< not decided: variables depend on each other, or too many terms, or budget spent
};

/// Not thread-safe. Outlived by the graph.
class RationalForms {
 public:
  /// Of the nodes in `roots` and what they need. Gives up on all, cheaply, when it would become too
  /// big: then every answer is open and every text that of the graph.
  RationalForms(const Graph& graph, std::span<const NodeId> roots);
  RationalForms(const RationalForms&) = delete;
  RationalForms& operator=(const RationalForms&) = delete;
  ~RationalForms();

  /// Whether two of the roots are equal wherever both are defined.
  [[nodiscard]] Proof equal(NodeId a, NodeId b);

  /// Whether a = c b for a rational c other than 0, which is stored in `factor`.
  [[nodiscard]] Proof proportional(NodeId a, NodeId b, Rational& factor);

  /// slope * variable + constant, where the root is that with slope other than 0 and rational
  /// numbers.
  struct Line {
    Rational slope{};
    Rational constant{};
  };
  [[nodiscard]] std::optional<Line> line_in(NodeId root, NodeId variable);

  /// "x^2+2*x*y-1/2", "(x+1)/(y)"; the text of the graph where there is no form or a long one.
  [[nodiscard]] std::string text(NodeId root);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace stratagram::math
