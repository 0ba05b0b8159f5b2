// math/expression.h -- a mathematical expression as a tree: what the parser makes of a text and
// what evaluation and comparison read. Knows nothing of texts or of how it is compared.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "math/rational.h"

namespace stratagram::math {

enum class Op {
  kNumber,  ///< `value`, exact, whatever it was written as
  kSymbol,  ///< `name`: a variable, "x", "theta", "x_1", "f"
  kPi,
  kE,         ///< Euler's number
  kI,         ///< the imaginary unit
  kInfinity,  ///< positive; negative infinity is its kNegate
  kAdd,       ///< two or more arguments
  kMultiply,  ///< two or more
  kDivide,    ///< two
  kPower,     ///< base, exponent
  kNegate,    ///< one
  kFunction,  ///< `function` of its arguments
};

/// Real or complex functions of their arguments, in radians; degrees are multiplied out by the
/// parser. The number of arguments is fixed for each (arity_of()).
enum class Function {
  kRoot,  ///< radicand, index: the principal root; the real one for a real radicand < 0 and odd
          ///< index
  kExp,
  kLog,  ///< natural; a logarithm of another base is a quotient of two
  kSin,
  kCos,
  kTan,
  kCot,
  kSec,
  kCsc,
  kArcsin,
  kArccos,
  kArctan,
  kArccot,
  kArcsec,
  kArccsc,
  kSinh,
  kCosh,
  kTanh,
  kCoth,
  kSech,
  kCsch,
  kArcsinh,
  kArccosh,
  kArctanh,
  kAbs,
  kFloor,
  kCeiling,
  kSign,
  kFactorial,
  kDoubleFactorial,
  kBinomial,
  kPermutations,
  kGcd,
  kLcm,
  kMax,
  kMin,
  kModulo,
  kRe,
  kIm,
  kConjugate,
  kOther,  ///< `name` of the arguments: f(x), Gamma(x): comparable only with itself, any arity
};

[[nodiscard]] const char* function_name(Function function);

/// -1 for those with any number: kGcd, kLcm, kMax, kMin, kOther.
[[nodiscard]] int arity_of(Function function);

struct Node;
/// Immutable, so it may be shared between trees and threads. Never null.
using Expression = std::shared_ptr<const Node>;

struct Node {
  Op op = Op::kNumber;
  Function function = Function::kOther;
  Rational value{};
  std::string name{};
  std::vector<Expression> arguments{};

  Node() = default;
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;
  /// Takes deep trees apart without recursion.
  ~Node();
};

[[nodiscard]] Expression number(Rational value);
[[nodiscard]] Expression symbol(std::string name);
[[nodiscard]] Expression constant(Op op);
[[nodiscard]] Expression make(Op op, std::vector<Expression> arguments);
/// Any function but kOther, with arity_of() arguments.
[[nodiscard]] Expression call(Function function, std::vector<Expression> arguments);
/// kOther: f(x).
[[nodiscard]] Expression call_other(std::string name, std::vector<Expression> arguments);

/// In one fixed spelling, fully parenthesised where needed: "x^2 + 3*x - 1/2". Equal trees have
/// equal texts. Cut off with "..." beyond `max_bytes`.
[[nodiscard]] std::string to_text(const Expression& expression, size_t max_bytes = 4096);

/// Names of the symbols, sorted, each once.
[[nodiscard]] std::vector<std::string> symbols_of(const Expression& expression);

}  // namespace stratagram::math
