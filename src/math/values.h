// math/values.h -- whether two values are the same: by exact numbers, then by polynomials, then by
// balls at growing precision, closed expressions as they are and others at keyed random points.
#pragma once

#include <optional>
#include <string>

#include "math/answer.h"
#include "math/equal.h"
#include "math/graph.h"
#include "math/rational_forms.h"

namespace stratagram::math {

/// What a comparison of two parts found.
struct Verdict {
  Sameness sameness = Sameness::kUnknown;
  const char* reason = "undecided";

  [[nodiscard]] bool is_same() const { return sameness == Sameness::kSame; }
  [[nodiscard]] bool is_different() const { return sameness == Sameness::kDifferent; }
};

[[nodiscard]] inline Verdict same(const char* reason) {
  return {Sameness::kSame, reason};
}
[[nodiscard]] inline Verdict different(const char* reason) {
  return {Sameness::kDifferent, reason};
}
[[nodiscard]] inline Verdict unknown(const char* reason) {
  return {Sameness::kUnknown, reason};
}

/// A number in the graph, and how it was written.
struct Value {
  NodeId node = 0;
  std::optional<Precision> precision{};
};

/// Equal as mathematical expressions; symbols are the same only under the same name.
[[nodiscard]] Verdict compare_nodes(Graph& graph, NodeId a, NodeId b);

/// The same under the rule of precision too.
[[nodiscard]] Verdict compare_values(Graph& graph,
                                     const Value& gold,
                                     const Value& predicted,
                                     const Tolerance& tolerance);

/// Whether a = c b for a constant c other than 0: then a = 0 and b = 0 are one equation.
struct Proportion {
  Verdict verdict{};
  int sign = 0;  ///< of c where it is real, else 0
};
[[nodiscard]] Proportion compare_proportion(Graph& graph, NodeId a, NodeId b);

/// -1, 0 or 1 as a < b, a = b, a > b; empty where that is not known of them, or they are not real.
[[nodiscard]] std::optional<int> order_of(Graph& graph, NodeId a, NodeId b);

}  // namespace stratagram::math
