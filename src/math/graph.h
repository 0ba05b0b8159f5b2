// math/graph.h -- expressions as one graph in which what is written alike is one node. Closed parts
// that are rational are computed while it is built, so equal numbers are the same node, however
// they were written; sums and products are flat and sorted.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "math/budget.h"
#include "math/exact.h"
#include "math/expression.h"

namespace stratagram::math {

/// Arguments have smaller numbers than what is made of them.
using NodeId = int32_t;

enum class Term : uint8_t {
  kNumber,
  kSymbol,
  kPi,
  kE,
  kInfinity,   ///< positive; the negative one is its product with -1
  kSum,        ///< a number at most, and that first
  kProduct,    ///< a number at most, and that first
  kPower,      ///< base, exponent
  kFunction,   ///< `function`; never kExp of a number times a logarithm or such: no rewriting
  kUndefined,  ///< 1/0 and all that is made of it
};

struct GraphNode {
  Term term = Term::kUndefined;
  Function function = Function::kOther;
  int32_t detail = 0;  ///< number or name, by its place in the graph's lists
  uint64_t hash = 0;   ///< of the content, the same in every graph
  bool has_symbols = false;
  std::vector<NodeId> arguments{};
};

/// Grows only. Not thread-safe.
class Graph {
 public:
  explicit Graph(Budget& budget) : budget_(&budget) {}

  /// Empty when the budget is spent. No recursion, so no tree is too deep.
  [[nodiscard]] std::optional<NodeId> add(const Expression& expression);

  [[nodiscard]] NodeId number(Exact value);
  [[nodiscard]] NodeId symbol(const std::string& name);
  [[nodiscard]] NodeId sum(std::span<const NodeId> terms);
  [[nodiscard]] NodeId product(std::span<const NodeId> factors);
  [[nodiscard]] NodeId power(NodeId base, NodeId exponent);
  [[nodiscard]] NodeId difference(NodeId a, NodeId b);
  /// With one symbol in place of another; empty when the budget is spent.
  [[nodiscard]] std::optional<NodeId> renamed(NodeId root, NodeId from, NodeId to);

  [[nodiscard]] const GraphNode& node(NodeId id) const { return nodes_[static_cast<size_t>(id)]; }
  [[nodiscard]] NodeId size() const { return static_cast<NodeId>(nodes_.size()); }
  /// Of a kNumber.
  [[nodiscard]] const Exact& value(NodeId id) const {
    return numbers_[static_cast<size_t>(node(id).detail)];
  }
  /// Of a kSymbol or a kOther function.
  [[nodiscard]] const std::string& name(NodeId id) const {
    return names_[static_cast<size_t>(node(id).detail)];
  }
  [[nodiscard]] bool is_number(NodeId id) const { return node(id).term == Term::kNumber; }
  [[nodiscard]] bool is_undefined(NodeId id) const { return node(id).term == Term::kUndefined; }
  /// 1 or -1 for an infinity, else 0.
  [[nodiscard]] int infinity_sign(NodeId id) const;

  /// All that the roots are made of and they themselves, arguments first, each once; empty when the
  /// budget is spent.
  [[nodiscard]] std::vector<NodeId> below(std::span<const NodeId> roots) const;

  /// In one spelling, cut off with "..." beyond about `max_bytes`.
  [[nodiscard]] std::string text(NodeId id, size_t max_bytes = 160) const;

  [[nodiscard]] Budget& budget() const { return *budget_; }

 private:
  [[nodiscard]] NodeId made_of(const Node& tree, std::span<const NodeId> arguments);
  [[nodiscard]] NodeId function(Function function,
                                const std::string& name,
                                std::vector<NodeId> arguments);
  [[nodiscard]] NodeId root(NodeId radicand, NodeId index);
  [[nodiscard]] NodeId trigonometric(Function function, NodeId argument);
  [[nodiscard]] NodeId intern(GraphNode node);
  [[nodiscard]] NodeId leaf(Term term);
  [[nodiscard]] NodeId undefined() { return leaf(Term::kUndefined); }
  [[nodiscard]] std::optional<NodeId> with_infinity(Term term, std::span<const NodeId> arguments);
  void sort_by_content(std::vector<NodeId>& arguments) const;
  void write(NodeId id, int context, size_t max_bytes, std::string& out) const;

  Budget* budget_;
  std::vector<GraphNode> nodes_;
  std::vector<Exact> numbers_;
  std::vector<std::string> names_;
  std::unordered_multimap<uint64_t, NodeId> places_;
};

}  // namespace stratagram::math
