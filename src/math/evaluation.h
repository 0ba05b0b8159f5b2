// math/evaluation.h -- values of a graph's nodes as complex balls: each encloses the true value, so
// a difference that excludes zero is proven, whatever cancels.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "math/balls.h"
#include "math/graph.h"

namespace stratagram::math {

class Ball {
 public:
  Ball() { acb_init(value_); }
  Ball(const Ball& other) : Ball() { acb_set(value_, other.value_); }
  Ball(Ball&& other) noexcept : Ball() { acb_swap(value_, other.value_); }
  Ball& operator=(Ball other) noexcept {
    acb_swap(value_, other.value_);
    return *this;
  }
  ~Ball() { acb_clear(value_); }

  [[nodiscard]] acb_srcptr raw() const { return value_; }
  [[nodiscard]] acb_ptr raw() { return value_; }
  [[nodiscard]] bool is_finite() const { return acb_is_finite(value_) != 0; }
  /// Known to be real, not merely close to it.
  [[nodiscard]] bool is_real() const { return arb_is_zero(acb_imagref(value_)) != 0; }

 private:
  acb_t value_;
};

enum class Domain { kPositive, kReal, kInteger, kComplex };

/// Where symbols are when a graph with symbols is evaluated. The value of a symbol depends on its
/// name and the point alone, and so does that of an unknown function on its content.
struct Point {
  Domain domain = Domain::kPositive;
  int64_t scale = 1;    ///< the largest magnitude
  uint64_t number = 0;  ///< points of other numbers are other draws
};

/// Not thread-safe.
class Evaluation {
 public:
  /// `order` is what Graph::below() gave and outlives this, as does the graph.
  Evaluation(const Graph& graph, std::span<const NodeId> order);

  /// Evaluates every node with that many bits. False when the budget is spent; then no value is to
  /// be read. Values that cannot be found (poles, branch points inside a ball, arguments too huge
  /// for the precision) are not finite.
  [[nodiscard]] bool run(int64_t precision, const Point& point);

  [[nodiscard]] const Ball& at(NodeId id) const { return values_[place(id)]; }
  /// True where some function below took real numbers to one that is not: a square root of -2.
  [[nodiscard]] bool left_the_reals(NodeId id) const { return left_[place(id)]; }

 private:
  [[nodiscard]] size_t place(NodeId id) const;
  [[nodiscard]] bool set_value(NodeId id,
                               std::span<const Ball* const> arguments,
                               int64_t precision,
                               const Point& point,
                               Ball& out) const;
  void set_symbol(NodeId id, const Point& point, Ball& out) const;

  const Graph* graph_;
  std::span<const NodeId> order_;
  std::vector<Ball> values_;
  std::vector<bool> left_;
};

}  // namespace stratagram::math
