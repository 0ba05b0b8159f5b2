#include "math/graph.h"

#include <flint/fmpz.h>

#include <algorithm>
#include <utility>

#include "core/stream.h"

namespace stratagram::math {
namespace {

/// A sum or product of more is left nested, or long chains would be copied over and over.
constexpr size_t kMaxFlat = 64;

uint64_t hash_of(const fmpz_t value) {
  if (fmpz_fits_si(value) != 0) return mix_bits(static_cast<uint64_t>(fmpz_get_si(value)));
  return mix_bits(fmpz_fdiv_ui(value, 0xffffffffffffffc5U) ^ fmpz_bits(value));
}

uint64_t hash_of(const Rational& value) {
  return mix_bits(hash_of(fmpq_numref(value.raw())) + 3 * hash_of(fmpq_denref(value.raw())));
}

uint64_t joined(uint64_t hash, uint64_t next) {
  return mix_bits(hash * 0x9e3779b97f4a7c15U + next);
}

}  // namespace

NodeId Graph::intern(GraphNode node) {
  uint64_t hash = joined(static_cast<uint64_t>(node.term), static_cast<uint64_t>(node.function));
  if (node.term == Term::kNumber) {
    const Exact& value = numbers_[static_cast<size_t>(node.detail)];
    hash = joined(joined(hash, hash_of(value.re)), hash_of(value.im));
  } else if (node.detail >= 0) {
    hash = joined(hash, hash_name(names_[static_cast<size_t>(node.detail)]));
  }
  node.has_symbols = node.term == Term::kSymbol ||
                     (node.term == Term::kFunction && node.function == Function::kOther);
  for (const NodeId id : node.arguments) {
    const GraphNode& argument = this->node(id);
    hash = joined(hash, argument.hash);
    node.has_symbols = node.has_symbols || argument.has_symbols;
  }
  node.hash = hash;
  const auto [first, last] = places_.equal_range(hash);
  for (auto place = first; place != last; ++place) {
    const GraphNode& known = this->node(place->second);
    if (known.term != node.term || known.function != node.function ||
        known.arguments != node.arguments) {
      continue;
    }
    const auto mine = static_cast<size_t>(node.detail);
    const auto its = static_cast<size_t>(known.detail);
    if (node.term == Term::kNumber ? numbers_[mine] == numbers_[its]
                                   : node.detail < 0 || names_[mine] == names_[its]) {
      return place->second;
    }
  }
  const NodeId id = size();
  nodes_.push_back(std::move(node));
  places_.emplace(hash, id);
  return id;
}

NodeId Graph::leaf(Term term) {
  return intern({.term = term, .detail = -1});
}

NodeId Graph::number(Exact value) {
  numbers_.push_back(std::move(value));
  const NodeId before = size();
  const NodeId id =
      intern({.term = Term::kNumber, .detail = static_cast<int32_t>(numbers_.size()) - 1});
  if (id < before) numbers_.pop_back();
  return id;
}

NodeId Graph::symbol(const std::string& name) {
  names_.push_back(name);
  const NodeId before = size();
  const NodeId id =
      intern({.term = Term::kSymbol, .detail = static_cast<int32_t>(names_.size()) - 1});
  if (id < before) names_.pop_back();
  return id;
}

int Graph::infinity_sign(NodeId id) const {
  const GraphNode& it = node(id);
  if (it.term == Term::kInfinity) return 1;
  const bool is_negative = it.term == Term::kProduct && it.arguments.size() == 2 &&
                           is_number(it.arguments[0]) &&
                           node(it.arguments[1]).term == Term::kInfinity;
  return is_negative ? value(it.arguments[0]).re.sign() : 0;
}

std::optional<NodeId> Graph::with_infinity(Term term, std::span<const NodeId> arguments) {
  int sign = 0;
  int infinities = 0;
  int product_sign = 1;
  for (const NodeId id : arguments) {
    const int its = infinity_sign(id);
    if (its != 0) {
      if (sign != 0 && sign != its && term == Term::kSum) return undefined();
      sign = its;
      product_sign *= its;
      ++infinities;
    } else if (is_number(id) && value(id).is_real()) {
      product_sign *= value(id).re.sign();
    } else if (infinities > 0 || node(id).has_symbols) {
      product_sign = 0;
    }
  }
  if (infinities == 0) return std::nullopt;
  if (term == Term::kProduct) sign = product_sign;
  if (sign == 0) return undefined();
  const NodeId infinity = leaf(Term::kInfinity);
  if (sign > 0) return infinity;
  return intern({.term = Term::kProduct, .detail = -1, .arguments = {number({-1, 0}), infinity}});
}

void Graph::sort_by_content(std::vector<NodeId>& arguments) const {
  std::sort(arguments.begin(), arguments.end(), [this](NodeId a, NodeId b) {
    const bool a_number = is_number(a);
    const bool b_number = is_number(b);
    if (a_number != b_number) return a_number;
    return node(a).hash < node(b).hash;
  });
}

NodeId Graph::sum(std::span<const NodeId> terms) {
  std::vector<NodeId> rest;
  std::vector<NodeId> numbers;
  Exact total;
  const auto take = [&](NodeId id) {
    if (!is_number(id)) {
      rest.push_back(id);
      return;
    }
    Exactly next = exact_sum(total, value(id), *budget_);
    if (next.finding == Finding::kValue) {
      total = std::move(next.value);
    } else {
      numbers.push_back(id);
    }
  };
  if (auto infinite = with_infinity(Term::kSum, terms)) return *infinite;
  for (const NodeId id : terms) {
    if (is_undefined(id)) return undefined();
    const GraphNode& it = node(id);
    if (it.term == Term::kSum && rest.size() + it.arguments.size() <= kMaxFlat) {
      for (const NodeId inner : std::vector<NodeId>(it.arguments)) take(inner);
    } else {
      take(id);
    }
  }
  if (!total.is_zero() || rest.size() + numbers.size() == 0) numbers.push_back(number(total));
  rest.insert(rest.end(), numbers.begin(), numbers.end());
  if (rest.size() == 1) return rest[0];
  sort_by_content(rest);
  return intern({.term = Term::kSum, .detail = -1, .arguments = std::move(rest)});
}

NodeId Graph::product(std::span<const NodeId> factors) {
  std::vector<NodeId> rest;
  std::vector<NodeId> numbers;
  Exact total{1, 0};
  const auto take = [&](NodeId id) {
    if (!is_number(id)) {
      rest.push_back(id);
      return;
    }
    Exactly next = exact_product(total, value(id), *budget_);
    if (next.finding == Finding::kValue) {
      total = std::move(next.value);
    } else {
      numbers.push_back(id);
    }
  };
  if (auto infinite = with_infinity(Term::kProduct, factors)) return *infinite;
  for (const NodeId id : factors) {
    if (is_undefined(id)) return undefined();
    const GraphNode& it = node(id);
    if (it.term == Term::kProduct && rest.size() + it.arguments.size() <= kMaxFlat) {
      for (const NodeId inner : std::vector<NodeId>(it.arguments)) take(inner);
    } else {
      take(id);
    }
  }
  if (total.is_zero()) return number({});
  if (!total.is_one() || rest.size() + numbers.size() == 0) numbers.push_back(number(total));
  rest.insert(rest.end(), numbers.begin(), numbers.end());
  if (rest.size() == 1) return rest[0];
  sort_by_content(rest);
  return intern({.term = Term::kProduct, .detail = -1, .arguments = std::move(rest)});
}

NodeId Graph::difference(NodeId a, NodeId b) {
  if (a == b && infinity_sign(a) == 0 && !is_undefined(a)) return number({});
  const NodeId minus_one = number({-1, 0});
  return sum(std::vector<NodeId>{a, product(std::vector<NodeId>{minus_one, b})});
}

NodeId Graph::power(NodeId base, NodeId exponent) {
  if (is_undefined(base) || is_undefined(exponent)) return undefined();
  if (infinity_sign(base) != 0 || infinity_sign(exponent) != 0) return undefined();
  if (node(base).term == Term::kE) return function(Function::kExp, "", {exponent});
  if (is_number(exponent) && value(exponent).is_real()) {
    const Rational power_of = value(exponent).re;
    if (power_of == Rational(1)) return base;
    if (is_number(base) && power_of.is_integer()) {
      Exactly found = exact_power(value(base), power_of, *budget_);
      if (found.finding == Finding::kUndefined) return undefined();
      if (found.finding == Finding::kValue) return number(std::move(found.value));
    }
    if (power_of.is_zero()) return number({1, 0});
    if (!power_of.is_integer()) {
      // x^(p/q) is the p-th power of the q-th root, so that (-8)^(2/3) is 4, as in school.
      Rational over;
      Rational under;
      fmpz_set(fmpq_numref(over.raw()), fmpq_numref(power_of.raw()));
      fmpz_set(fmpq_numref(under.raw()), fmpq_denref(power_of.raw()));
      return power(root(base, number({under, 0})), number({over, 0}));
    }
    const GraphNode& inner = node(base);
    if (inner.term == Term::kPower && is_number(inner.arguments[1]) &&
        value(inner.arguments[1]).is_integer()) {
      const NodeId inner_base = inner.arguments[0];
      const Exactly both = exact_product(value(inner.arguments[1]), {power_of, 0}, *budget_);
      if (both.finding == Finding::kValue) return power(inner_base, number(both.value));
    }
  }
  if (is_number(base) && value(base).is_one()) return base;
  return intern({.term = Term::kPower, .detail = -1, .arguments = {base, exponent}});
}

NodeId Graph::root(NodeId radicand, NodeId index) {
  const auto none = [&] {
    const std::vector<NodeId> one_over = {radicand, power(index, number({-1, 0}))};
    if (is_undefined(one_over[1])) return undefined();
    return intern({.term = Term::kPower, .detail = -1, .arguments = one_over});
  };
  if (!is_number(index) || !value(index).is_integer()) return none();
  if (value(index).re.sign() < 0) {
    const NodeId positive = number({-value(index).re, 0});
    return power(root(radicand, positive), number({-1, 0}));
  }
  const auto small = value(index).re.as_int64();
  if (!small) return none();
  if (*small == 0) return undefined();
  if (*small == 1) return radicand;
  if (is_number(radicand) && value(radicand).is_real()) {
    const Rational from = value(radicand).re;
    Exactly found = exact_root(from, *small, *budget_);
    if (found.finding == Finding::kValue) return number(std::move(found.value));
    if (from.sign() < 0 && (*small == 2 || *small % 2 == 1)) {
      const Exact unit = *small == 2 ? Exact{0, 1} : Exact{-1, 0};
      const NodeId positive = root(number({-from, 0}), index);
      return product(std::vector<NodeId>{number(unit), positive});
    }
  }
  return intern({.term = Term::kFunction,
                 .function = Function::kRoot,
                 .detail = -1,
                 .arguments = {radicand, index}});
}

/// Of a rational multiple of pi, where the value is 0, 1, -1 or none.
NodeId Graph::trigonometric(Function function, NodeId argument) {
  const auto kept = [&] {
    return intern(
        {.term = Term::kFunction, .function = function, .detail = -1, .arguments = {argument}});
  };
  const GraphNode& it = node(argument);
  Rational turns(1);
  if (it.term == Term::kProduct && it.arguments.size() == 2 && is_number(it.arguments[0]) &&
      value(it.arguments[0]).is_real() && node(it.arguments[1]).term == Term::kPi) {
    turns = value(it.arguments[0]).re;
  } else if (it.term != Term::kPi) {
    return kept();
  }
  if (turns.bits() > 1000 || !budget_->pay(10)) return kept();
  const Rational halves = turns * Rational(2);
  if (!halves.is_integer()) return kept();
  const auto quarter = static_cast<int>(fmpz_fdiv_ui(fmpq_numref(halves.raw()), 4));
  constexpr int kSines[] = {0, 1, 0, -1};
  const int sine = kSines[quarter];
  const int cosine = kSines[(quarter + 1) % 4];
  const auto ratio = [&](int over, int under) {
    return under == 0 ? undefined() : number({Rational(over, under), 0});
  };
  switch (function) {
    case Function::kSin:
      return ratio(sine, 1);
    case Function::kCos:
      return ratio(cosine, 1);
    case Function::kTan:
      return ratio(sine, cosine);
    case Function::kCot:
      return ratio(cosine, sine);
    case Function::kSec:
      return ratio(1, cosine);
    case Function::kCsc:
      return ratio(1, sine);
    default:
      return kept();
  }
}

NodeId Graph::function(Function function, const std::string& name, std::vector<NodeId> arguments) {
  bool closed = function != Function::kOther && function != Function::kRoot;
  std::vector<Exact> values;
  for (const NodeId id : arguments) {
    if (is_undefined(id) || infinity_sign(id) != 0) return undefined();
    closed = closed && is_number(id);
  }
  if (closed) {
    for (const NodeId id : arguments) values.push_back(value(id));
    Exactly found = exact_function(function, values, *budget_);
    if (found.finding == Finding::kUndefined) return undefined();
    if (found.finding == Finding::kValue) return number(std::move(found.value));
  }
  if (function == Function::kRoot && arguments.size() == 2) return root(arguments[0], arguments[1]);
  if (arguments.size() == 1) {
    if (function >= Function::kSin && function <= Function::kCsc) {
      return trigonometric(function, arguments[0]);
    }
    if (function == Function::kLog && node(arguments[0]).term == Term::kE) return number({1, 0});
  }
  if (function == Function::kGcd || function == Function::kLcm || function == Function::kMax ||
      function == Function::kMin) {
    sort_by_content(arguments);
  }
  GraphNode made{.term = Term::kFunction, .function = function, .detail = -1};
  made.arguments = std::move(arguments);
  if (function != Function::kOther) return intern(std::move(made));
  names_.push_back(name);
  made.detail = static_cast<int32_t>(names_.size()) - 1;
  return intern(std::move(made));
}

NodeId Graph::made_of(const Node& tree, std::span<const NodeId> arguments) {
  const size_t count = arguments.size();
  switch (tree.op) {
    case Op::kNumber:
      return number({tree.value, 0});
    case Op::kSymbol:
      return symbol(tree.name);
    case Op::kPi:
      return leaf(Term::kPi);
    case Op::kE:
      return leaf(Term::kE);
    case Op::kI:
      return number({0, 1});
    case Op::kInfinity:
      return leaf(Term::kInfinity);
    case Op::kAdd:
      return sum(arguments);
    case Op::kMultiply:
      return product(arguments);
    case Op::kNegate:
      if (count != 1) return undefined();
      return product(std::vector<NodeId>{number({-1, 0}), arguments[0]});
    case Op::kDivide:
      if (count != 2) return undefined();
      return product(std::vector<NodeId>{arguments[0], power(arguments[1], number({-1, 0}))});
    case Op::kPower:
      return count == 2 ? power(arguments[0], arguments[1]) : undefined();
    case Op::kFunction:
      return function(tree.function, tree.name, {arguments.begin(), arguments.end()});
  }
  return undefined();
}

std::optional<NodeId> Graph::add(const Expression& expression) {
  struct Visit {
    const Node* tree;
    size_t next;
  };
  std::unordered_map<const Node*, NodeId> made;
  std::vector<Visit> path = {{expression.get(), 0}};
  std::vector<NodeId> arguments;
  while (!path.empty()) {
    Visit& last = path.back();
    const Node& tree = *last.tree;
    while (last.next < tree.arguments.size() && made.contains(tree.arguments[last.next].get())) {
      ++last.next;
    }
    if (last.next < tree.arguments.size()) {
      path.push_back({tree.arguments[last.next].get(), 0});
      continue;
    }
    if (!budget_->pay(35 + 4 * static_cast<int64_t>(tree.arguments.size()))) return std::nullopt;
    arguments.clear();
    for (const Expression& argument : tree.arguments) arguments.push_back(made.at(argument.get()));
    made.emplace(&tree, made_of(tree, arguments));
    path.pop_back();
    if (budget_->spent()) return std::nullopt;
  }
  return made.at(expression.get());
}

std::optional<NodeId> Graph::renamed(NodeId root, NodeId from, NodeId to) {
  std::unordered_map<NodeId, NodeId> made;
  for (const NodeId id : below(std::span(&root, 1))) {
    const GraphNode old = node(id);
    if (!budget_->pay(35 + 4 * static_cast<int64_t>(old.arguments.size()))) return std::nullopt;
    std::vector<NodeId> arguments;
    for (const NodeId argument : old.arguments) arguments.push_back(made.at(argument));
    NodeId remade = id == from ? to : id;
    if (arguments != old.arguments) {
      if (old.term == Term::kSum) remade = sum(arguments);
      if (old.term == Term::kProduct) remade = product(arguments);
      if (old.term == Term::kPower) remade = power(arguments[0], arguments[1]);
      if (old.term == Term::kFunction) {
        const std::string name = old.function == Function::kOther ? this->name(id) : std::string();
        remade = function(old.function, name, std::move(arguments));
      }
    }
    made.emplace(id, remade);
  }
  const auto found = made.find(root);
  return found == made.end() || budget_->spent() ? std::nullopt : std::optional(found->second);
}

std::vector<NodeId> Graph::below(std::span<const NodeId> roots) const {
  std::vector<NodeId> pending(roots.begin(), roots.end());
  std::vector<bool> seen(nodes_.size(), false);
  std::vector<NodeId> found;
  if (!budget_->pay(static_cast<int64_t>(nodes_.size()) / 16)) return {};
  while (!pending.empty()) {
    const NodeId id = pending.back();
    pending.pop_back();
    if (seen[static_cast<size_t>(id)]) continue;
    seen[static_cast<size_t>(id)] = true;
    found.push_back(id);
    const auto& arguments = node(id).arguments;
    if (!budget_->pay(2 + static_cast<int64_t>(arguments.size()) / 2)) return {};
    pending.insert(pending.end(), arguments.begin(), arguments.end());
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace stratagram::math
