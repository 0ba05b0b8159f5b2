#include "math/expression.h"

#include <array>
#include <set>
#include <unordered_set>
#include <utility>

#include "core/error.h"

namespace stratagram::math {
namespace {

struct FunctionEntry {
  const char* name;
  int arity;
};

constexpr int kAnyArity = -1;

/// In the order of `Function`. Every name is one that the parser reads back.
constexpr std::array<FunctionEntry, 41> kFunctions = {{
    {"root", 2},        {"exp", 1},          {"log", 1},
    {"sin", 1},         {"cos", 1},          {"tan", 1},
    {"cot", 1},         {"sec", 1},          {"csc", 1},
    {"arcsin", 1},      {"arccos", 1},       {"arctan", 1},
    {"arccot", 1},      {"arcsec", 1},       {"arccsc", 1},
    {"sinh", 1},        {"cosh", 1},         {"tanh", 1},
    {"coth", 1},        {"sech", 1},         {"csch", 1},
    {"arcsinh", 1},     {"arccosh", 1},      {"arctanh", 1},
    {"abs", 1},         {"floor", 1},        {"ceil", 1},
    {"sign", 1},        {"factorial", 1},    {"doublefactorial", 1},
    {"binomial", 2},    {"permutations", 2}, {"gcd", kAnyArity},
    {"lcm", kAnyArity}, {"max", kAnyArity},  {"min", kAnyArity},
    {"mod", 2},         {"re", 1},           {"im", 1},
    {"conjugate", 1},   {"", kAnyArity},
}};
static_assert(kFunctions.size() == static_cast<size_t>(Function::kOther) + 1);

std::shared_ptr<Node> node(Op op) {
  auto result = std::make_shared<Node>();
  result->op = op;
  return result;
}

}  // namespace

const char* function_name(Function function) {
  return kFunctions.at(static_cast<size_t>(function)).name;
}

int arity_of(Function function) {
  return kFunctions.at(static_cast<size_t>(function)).arity;
}

Node::~Node() {
  if (arguments.empty()) return;
  std::vector<Expression> pending = std::move(arguments);
  while (!pending.empty()) {
    const Expression last = std::move(pending.back());
    pending.pop_back();
    if (last == nullptr || last.use_count() > 1) continue;
    // Nobody else holds it, and every node was made as a mutable one.
    auto& orphans = const_cast<Node&>(*last).arguments;
    for (Expression& orphan : orphans) pending.push_back(std::move(orphan));
    orphans.clear();
  }
}

Expression number(Rational value) {
  auto result = node(Op::kNumber);
  result->value = std::move(value);
  return result;
}

Expression symbol(std::string name) {
  auto result = node(Op::kSymbol);
  result->name = std::move(name);
  return result;
}

Expression constant(Op op) {
  return node(op);
}

Expression make(Op op, std::vector<Expression> arguments) {
  auto result = node(op);
  result->arguments = std::move(arguments);
  return result;
}

Expression call(Function function, std::vector<Expression> arguments) {
  const int arity = arity_of(function);
  STRATAGRAM_CHECK(arity == kAnyArity || arity == static_cast<int>(arguments.size()),
                   "call: {} takes {} arguments, got {}",
                   function_name(function),
                   arity,
                   arguments.size());
  auto result = node(Op::kFunction);
  result->function = function;
  result->arguments = std::move(arguments);
  return result;
}

Expression call_other(std::string name, std::vector<Expression> arguments) {
  auto result = node(Op::kFunction);
  result->name = std::move(name);
  result->arguments = std::move(arguments);
  return result;
}

std::vector<std::string> symbols_of(const Expression& expression) {
  std::set<std::string> names;
  // Trees may share parts, and a part shared at every level would be visited exponentially often.
  std::unordered_set<const Node*> seen;
  std::vector<const Node*> pending = {expression.get()};
  while (!pending.empty()) {
    const Node* current = pending.back();
    pending.pop_back();
    if (!seen.insert(current).second) continue;
    if (current->op == Op::kSymbol) names.insert(current->name);
    for (const Expression& argument : current->arguments) pending.push_back(argument.get());
  }
  return {names.begin(), names.end()};
}

}  // namespace stratagram::math
