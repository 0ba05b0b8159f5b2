#include "math/rational_forms.h"

#include <flint/fmpq_mpoly.h>

#include <algorithm>
#include <unordered_map>
#include <utility>
#include <vector>

namespace stratagram::math {
namespace {

constexpr size_t kMaxVariables = 24;
constexpr int64_t kMaxTerms = 400;
constexpr int64_t kMaxTermProducts = 8000;
constexpr int64_t kMaxCoefficientBits = 4096;
/// A power of a sum beyond that stays a variable of its own.
constexpr int64_t kMaxExpandedExponent = 64;
constexpr int64_t kMaxExponent = int64_t{1} << 40;
constexpr size_t kMaxTextBytes = 160;

struct Context {
  fmpq_mpoly_ctx_t raw;
  explicit Context(size_t variables) {
    fmpq_mpoly_ctx_init(raw, static_cast<slong>(variables), ORD_DEGLEX);
  }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context() { fmpq_mpoly_ctx_clear(raw); }
};

class Polynomial {
 public:
  explicit Polynomial(const Context& context) : context_(&context) {
    fmpq_mpoly_init(value_, context.raw);
  }
  Polynomial(const Polynomial& other) : Polynomial(*other.context_) {
    fmpq_mpoly_set(value_, other.value_, context_->raw);
  }
  Polynomial(Polynomial&& other) noexcept : Polynomial(*other.context_) {
    fmpq_mpoly_swap(value_, other.value_, context_->raw);
  }
  Polynomial& operator=(Polynomial other) noexcept {
    fmpq_mpoly_swap(value_, other.value_, context_->raw);
    return *this;
  }
  ~Polynomial() { fmpq_mpoly_clear(value_, context_->raw); }

  [[nodiscard]] const fmpq_mpoly_struct* raw() const { return value_; }
  [[nodiscard]] fmpq_mpoly_struct* raw() { return value_; }
  [[nodiscard]] const fmpq_mpoly_ctx_struct* context() const { return context_->raw; }
  [[nodiscard]] int64_t terms() const { return fmpq_mpoly_length(value_, context_->raw); }
  [[nodiscard]] bool is_zero() const { return fmpq_mpoly_is_zero(value_, context_->raw) != 0; }
  [[nodiscard]] bool is_one() const { return fmpq_mpoly_is_one(value_, context_->raw) != 0; }
  [[nodiscard]] bool is_constant() const { return fmpq_mpoly_is_fmpq(value_, context_->raw) != 0; }
  [[nodiscard]] int64_t bits() const {
    const auto inner = static_cast<int64_t>(std::abs(fmpz_mpoly_max_bits(value_->zpoly)));
    return inner + static_cast<int64_t>(fmpq_height_bits(value_->content));
  }

 private:
  const Context* context_;
  fmpq_mpoly_t value_;
};

/// over / under.
struct Form {
  Polynomial over;
  Polynomial under;
};

using MaybePolynomial = std::optional<Polynomial>;
using MaybeForm = std::optional<Form>;

MaybePolynomial product(const Polynomial& a, const Polynomial& b, Budget& budget) {
  if (a.is_one()) return b;
  if (b.is_one()) return a;
  const int64_t terms = a.terms() * b.terms();
  const int64_t bits = a.bits() + b.bits() + 16;
  if (terms > kMaxTermProducts || bits > kMaxCoefficientBits) return std::nullopt;
  if (!budget.pay(20 + terms * steps_of_product(bits))) return std::nullopt;
  Polynomial result = a;
  fmpq_mpoly_mul(result.raw(), a.raw(), b.raw(), a.context());
  if (result.terms() > kMaxTerms) return std::nullopt;
  return result;
}

MaybePolynomial sum(const Polynomial& a, const Polynomial& b, Budget& budget) {
  const int64_t terms = a.terms() + b.terms();
  const int64_t bits = a.bits() + b.bits() + 1;
  if (terms > kMaxTerms || bits > kMaxCoefficientBits) return std::nullopt;
  if (!budget.pay(15 + terms * steps_of_product(bits))) return std::nullopt;
  Polynomial result = a;
  fmpq_mpoly_add(result.raw(), a.raw(), b.raw(), a.context());
  return result;
}

MaybePolynomial power(const Polynomial& base, int64_t exponent, Budget& budget) {
  const int64_t terms = base.terms();
  // The number of monomials of that degree in that many terms, from above.
  double estimate = 1;
  for (int64_t i = 1; i < terms; ++i) {
    estimate *= static_cast<double>(exponent + i) / static_cast<double>(i);
    if (estimate > static_cast<double>(kMaxTerms)) return std::nullopt;
  }
  const bool unit = terms <= 1 && base.bits() <= 2;
  const double bits =
      unit ? 2 : static_cast<double>(base.bits() + terms) * static_cast<double>(exponent);
  if (bits > static_cast<double>(kMaxCoefficientBits)) return std::nullopt;
  const auto cost = static_cast<int64_t>(estimate * 10) *
                    steps_of_product(static_cast<int64_t>(bits)) * (terms + 1);
  if (!budget.pay(20 + cost)) return std::nullopt;
  Polynomial result = base;
  if (fmpq_mpoly_pow_ui(result.raw(), base.raw(), static_cast<ulong>(exponent), base.context()) ==
      0) {
    return std::nullopt;
  }
  return result;
}

MaybeForm sum(const Form& a, const Form& b, Budget& budget) {
  if (fmpq_mpoly_equal(a.under.raw(), b.under.raw(), a.under.context()) != 0) {
    auto over = sum(a.over, b.over, budget);
    if (!over) return std::nullopt;
    return Form{std::move(*over), a.under};
  }
  const auto left = product(a.over, b.under, budget);
  const auto right = product(b.over, a.under, budget);
  auto under = product(a.under, b.under, budget);
  if (!left || !right || !under) return std::nullopt;
  auto over = sum(*left, *right, budget);
  if (!over) return std::nullopt;
  return Form{std::move(*over), std::move(*under)};
}

MaybeForm product(const Form& a, const Form& b, Budget& budget) {
  auto over = product(a.over, b.over, budget);
  auto under = product(a.under, b.under, budget);
  if (!over || !under) return std::nullopt;
  return Form{std::move(*over), std::move(*under)};
}

MaybeForm power(const Form& base, int64_t exponent, Budget& budget) {
  const bool inverse = exponent < 0;
  if (inverse && base.over.is_zero()) return std::nullopt;
  const int64_t count = inverse ? -exponent : exponent;
  auto over = power(base.over, count, budget);
  auto under = power(base.under, count, budget);
  if (!over || !under) return std::nullopt;
  if (inverse) std::swap(*over, *under);
  return Form{std::move(*over), std::move(*under)};
}

}  // namespace

struct RationalForms::State {
  const Graph* graph = nullptr;
  bool given_up = false;
  bool independent = true;  ///< no two values of the variables are bound to each other
  std::vector<NodeId> variables;
  std::unique_ptr<Context> context;
  std::unordered_map<NodeId, Form> forms;

  [[nodiscard]] bool is_variable(NodeId id) const;
  void choose_variables(std::span<const NodeId> roots, std::vector<NodeId>& needed);
  [[nodiscard]] MaybeForm made(NodeId id);
  [[nodiscard]] Polynomial constant(const Rational& value) const;
  [[nodiscard]] Polynomial variable(NodeId id) const;
  [[nodiscard]] MaybePolynomial reduced(Polynomial value) const;
  [[nodiscard]] const Form* form(NodeId id) const;
  [[nodiscard]] std::string pretty(const Polynomial& value) const;
};

bool RationalForms::State::is_variable(NodeId id) const {
  const GraphNode& node = graph->node(id);
  if (node.term == Term::kNumber || node.term == Term::kSum || node.term == Term::kProduct) {
    return false;
  }
  if (node.term != Term::kPower) return true;
  const NodeId exponent = node.arguments[1];
  if (!graph->is_number(exponent) || !graph->value(exponent).is_integer()) return true;
  const auto count = graph->value(exponent).re.as_int64();
  const int64_t limit = is_variable(node.arguments[0]) ? kMaxExponent : kMaxExpandedExponent;
  // A power of a number that was not computed is too big for polynomials too.
  return !count || *count > limit || *count < -limit || graph->is_number(node.arguments[0]);
}

void RationalForms::State::choose_variables(std::span<const NodeId> roots,
                                            std::vector<NodeId>& needed) {
  std::vector<NodeId> pending(roots.begin(), roots.end());
  std::unordered_map<NodeId, bool> seen;
  while (!pending.empty()) {
    const NodeId id = pending.back();
    pending.pop_back();
    if (!seen.emplace(id, true).second) continue;
    const GraphNode& node = graph->node(id);
    const bool complex = graph->is_number(id) && !graph->value(id).is_real();
    const bool undefined = node.term == Term::kUndefined || node.term == Term::kInfinity;
    if (complex || undefined || !graph->budget().pay(10) || needed.size() > 2000) {
      given_up = true;
      return;
    }
    needed.push_back(id);
    if (is_variable(id)) {
      variables.push_back(id);
      continue;
    }
    if (node.term == Term::kPower) {
      pending.push_back(node.arguments[0]);
    } else {
      pending.insert(pending.end(), node.arguments.begin(), node.arguments.end());
    }
  }
  std::sort(needed.begin(), needed.end());
}

Polynomial RationalForms::State::constant(const Rational& value) const {
  Polynomial result(*context);
  fmpq_mpoly_set_fmpq(result.raw(), value.raw(), context->raw);
  return result;
}

Polynomial RationalForms::State::variable(NodeId id) const {
  Polynomial result(*context);
  const auto place = std::find(variables.begin(), variables.end(), id) - variables.begin();
  fmpq_mpoly_gen(result.raw(), static_cast<slong>(place), context->raw);
  return result;
}

MaybeForm RationalForms::State::made(NodeId id) {
  Budget& budget = graph->budget();
  const GraphNode& node = graph->node(id);
  if (!budget.pay(10 + 15 * static_cast<int64_t>(node.arguments.size()))) return std::nullopt;
  if (is_variable(id)) return Form{variable(id), constant(1)};
  if (node.term == Term::kNumber) {
    const Rational& value = graph->value(id).re;
    if (value.bits() > kMaxCoefficientBits) return std::nullopt;
    return Form{constant(value), constant(1)};
  }
  if (node.term == Term::kPower) {
    const int64_t exponent = *graph->value(node.arguments[1]).re.as_int64();
    return power(forms.at(node.arguments[0]), exponent, budget);
  }
  // Neighbours in pairs, then pairs of pairs: adding one after the other would copy the long sum
  // again and again.
  std::vector<Form> parts;
  for (const NodeId argument : node.arguments) parts.push_back(forms.at(argument));
  while (parts.size() > 1) {
    std::vector<Form> joined;
    for (size_t i = 0; i + 1 < parts.size(); i += 2) {
      MaybeForm both = node.term == Term::kSum ? sum(parts[i], parts[i + 1], budget)
                                               : product(parts[i], parts[i + 1], budget);
      if (!both) return std::nullopt;
      joined.push_back(std::move(*both));
    }
    if (parts.size() % 2 == 1) joined.push_back(std::move(parts.back()));
    parts = std::move(joined);
  }
  return std::move(parts[0]);
}

/// Powers of roots of numbers, sqrt(2)^2, replaced by numbers.
MaybePolynomial RationalForms::State::reduced(Polynomial value) const {
  // FLINT ends the process over exponents that do not fit a word.
  if (fmpq_mpoly_total_degree_fits_si(value.raw(), context->raw) == 0) return std::nullopt;
  std::vector<ulong> exponents(variables.size());
  for (size_t v = 0; v < variables.size(); ++v) {
    const GraphNode& node = graph->node(variables[v]);
    if (node.term != Term::kFunction || node.function != Function::kRoot) continue;
    if (!graph->is_number(node.arguments[0]) || !graph->value(node.arguments[0]).is_real()) {
      continue;
    }
    const Rational& radicand = graph->value(node.arguments[0]).re;
    const auto index = static_cast<ulong>(*graph->value(node.arguments[1]).re.as_int64());
    Polynomial result(*context);
    Rational coefficient;
    for (slong t = 0; t < value.terms(); ++t) {
      fmpq_mpoly_get_term_coeff_fmpq(coefficient.raw(), value.raw(), t, context->raw);
      fmpq_mpoly_get_term_exp_ui(exponents.data(), value.raw(), t, context->raw);
      const ulong times = exponents[v] / index;
      if (times > 64 || static_cast<int64_t>(times) * radicand.bits() > kMaxCoefficientBits ||
          !graph->budget().pay(10 + static_cast<int64_t>(times))) {
        return std::nullopt;
      }
      exponents[v] %= index;
      coefficient = coefficient * radicand.to_the(static_cast<int64_t>(times));
      fmpq_mpoly_push_term_fmpq_ui(result.raw(), coefficient.raw(), exponents.data(), context->raw);
    }
    fmpq_mpoly_sort_terms(result.raw(), context->raw);
    fmpq_mpoly_combine_like_terms(result.raw(), context->raw);
    value = std::move(result);
  }
  return value;
}

const Form* RationalForms::State::form(NodeId id) const {
  if (given_up) return nullptr;
  const auto place = forms.find(id);
  return place == forms.end() ? nullptr : &place->second;
}

RationalForms::RationalForms(const Graph& graph, std::span<const NodeId> roots)
    : state_(std::make_unique<State>()) {
  State& state = *state_;
  state.graph = &graph;
  std::vector<NodeId> needed;
  state.choose_variables(roots, needed);
  if (state.given_up || state.variables.size() > kMaxVariables) {
    state.given_up = true;
    return;
  }
  // Symbols by name come first, so that texts do not depend on the order of what was added.
  const auto rank = [&](NodeId id) {
    const Term term = graph.node(id).term;
    return std::pair(term == Term::kSymbol ? 0 : 1, graph.text(id, 60));
  };
  std::vector<std::pair<std::pair<int, std::string>, NodeId>> ranked;
  int transcendental = 0;
  for (const NodeId id : state.variables) {
    ranked.emplace_back(rank(id), id);
    const Term term = graph.node(id).term;
    if (term == Term::kPi || term == Term::kE) ++transcendental;
    const bool free = term == Term::kSymbol || term == Term::kPi || term == Term::kE;
    state.independent = state.independent && free;
  }
  // pi and e are each no root of a polynomial; of both together nobody knows.
  state.independent = state.independent && transcendental <= 1;
  std::sort(ranked.begin(), ranked.end());
  for (size_t i = 0; i < ranked.size(); ++i) state.variables[i] = ranked[i].second;
  state.context = std::make_unique<Context>(std::max<size_t>(1, state.variables.size()));
  for (const NodeId id : needed) {
    MaybeForm form = state.made(id);
    if (!form) {
      state.given_up = true;
      return;
    }
    state.forms.emplace(id, std::move(*form));
  }
}

RationalForms::~RationalForms() {
  // Polynomials need their context to be taken apart.
  state_->forms.clear();
}

Proof RationalForms::equal(NodeId a, NodeId b) {
  const Form* left = state_->form(a);
  const Form* right = state_->form(b);
  if (left == nullptr || right == nullptr) return Proof::kOpen;
  Budget& budget = state_->graph->budget();
  auto crossed = product(left->over, right->under, budget);
  auto other = product(right->over, left->under, budget);
  if (!crossed || !other) return Proof::kOpen;
  if (fmpq_mpoly_equal(crossed->raw(), other->raw(), state_->context->raw) != 0) {
    return Proof::kHolds;
  }
  if (state_->independent) return Proof::kFails;
  fmpq_mpoly_neg(other->raw(), other->raw(), state_->context->raw);
  auto difference = sum(*crossed, *other, budget);
  if (!difference) return Proof::kOpen;
  const auto rest = state_->reduced(std::move(*difference));
  const auto under = product(left->under, right->under, budget);
  const auto under_rest = under ? state_->reduced(*under) : std::nullopt;
  if (!rest || !under_rest || under_rest->is_zero()) return Proof::kOpen;
  if (rest->is_zero()) return Proof::kHolds;
  // A difference of 1 is none of 0, whatever the variables are.
  return rest->is_constant() && under_rest->is_constant() ? Proof::kFails : Proof::kOpen;
}

Proof RationalForms::proportional(NodeId a, NodeId b, Rational& factor) {
  const Form* left = state_->form(a);
  const Form* right = state_->form(b);
  if (left == nullptr || right == nullptr) return Proof::kOpen;
  Budget& budget = state_->graph->budget();
  auto crossed = product(left->over, right->under, budget);
  auto other = product(right->over, left->under, budget);
  if (!crossed || !other) return Proof::kOpen;
  if (crossed->is_zero() || other->is_zero()) {
    return state_->independent ? Proof::kFails : Proof::kOpen;
  }
  const fmpq_mpoly_struct* first = crossed->raw();
  const fmpq_mpoly_struct* second = other->raw();
  // A polynomial is kept as a rational content times one with coprime integer coefficients.
  if (fmpz_mpoly_equal(first->zpoly, second->zpoly, state_->context->raw->zctx) == 0) {
    return state_->independent ? Proof::kFails : Proof::kOpen;
  }
  fmpq_div(factor.raw(), first->content, second->content);
  return Proof::kHolds;
}

std::optional<RationalForms::Line> RationalForms::line_in(NodeId root, NodeId variable) {
  const Form* form = state_->form(root);
  if (form == nullptr || !form->under.is_one()) return std::nullopt;
  if (state_->variables.size() != 1 || state_->variables[0] != variable) return std::nullopt;
  const Polynomial& over = form->over;
  if (fmpq_mpoly_total_degree_fits_si(over.raw(), over.context()) == 0 ||
      fmpq_mpoly_total_degree_si(over.raw(), over.context()) != 1) {
    return std::nullopt;
  }
  Line line;
  const ulong one = 1;
  const ulong none = 0;
  fmpq_mpoly_get_coeff_fmpq_ui(line.slope.raw(), over.raw(), &one, over.context());
  fmpq_mpoly_get_coeff_fmpq_ui(line.constant.raw(), over.raw(), &none, over.context());
  return line;
}

std::string RationalForms::State::pretty(const Polynomial& value) const {
  std::vector<std::string> names;
  std::vector<const char*> pointers;
  for (const NodeId id : variables) names.push_back(graph->text(id, 40));
  for (const std::string& name : names) pointers.push_back(name.c_str());
  char* text = fmpq_mpoly_get_str_pretty(value.raw(), pointers.data(), context->raw);
  std::string result(text);
  flint_free(text);
  return result;
}

std::string RationalForms::text(NodeId root) {
  const Form* form = state_->form(root);
  constexpr int64_t kTooMany = 12;
  if (form == nullptr || form->over.terms() > kTooMany || form->under.terms() > kTooMany ||
      form->over.bits() + form->under.bits() > 400) {
    return state_->graph->text(root);
  }
  std::string over = state_->pretty(form->over);
  if (!form->under.is_one()) over = "(" + over + ")/(" + state_->pretty(form->under) + ")";
  if (over.size() > kMaxTextBytes) return state_->graph->text(root);
  return over;
}

}  // namespace stratagram::math
