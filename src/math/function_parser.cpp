// Functions of ExpressionParser: \sin^2 x, \log_2 8, max(1, 2), arctan(x).
#include <string>
#include <utility>

#include "math/expression_parser.h"

namespace stratagram::math {
namespace {

/// \sin^{-1} is the arc function. kOther for a function that has none here.
Function inverse_of(Function function) {
  switch (function) {
    case Function::kSin:
      return Function::kArcsin;
    case Function::kCos:
      return Function::kArccos;
    case Function::kTan:
      return Function::kArctan;
    case Function::kCot:
      return Function::kArccot;
    case Function::kSec:
      return Function::kArcsec;
    case Function::kCsc:
      return Function::kArccsc;
    case Function::kSinh:
      return Function::kArcsinh;
    case Function::kCosh:
      return Function::kArccosh;
    case Function::kTanh:
      return Function::kArctanh;
    default:
      return Function::kOther;
  }
}

bool is_minus_one(const Expression& value) {
  return value->op == Op::kNumber && value->value == Rational(-1);
}

bool has_pi(const Expression& value) {
  if (value->op == Op::kPi) return true;
  if (value->op != Op::kMultiply) return false;
  for (const Expression& factor : value->arguments) {
    if (factor->op == Op::kPi) return true;
  }
  return false;
}

}  // namespace

Expression ExpressionParser::function() {
  const NestingLevel level(budget_);
  if (level.is_too_deep()) return nullptr;
  auto function = static_cast<Function>(peek().detail);
  advance();
  Expression above;
  if (at(TokenKind::kPower)) {
    advance();
    above = exponent();
    if (above == nullptr) return nullptr;
    const Function inverse = inverse_of(function);
    if (is_minus_one(above) && inverse != Function::kOther) {
      function = inverse;
      above = nullptr;
    }
  }
  Expression value = fixed_call(function);
  if (value == nullptr || above == nullptr) return value;
  return make(Op::kPower, {std::move(value), std::move(above)});
}

Expression ExpressionParser::fixed_call(Function function) {
  const int arity = arity_of(function);
  if (arity == 1) {
    Expression value = call_argument();
    return value == nullptr ? nullptr : call(function, {std::move(value)});
  }
  std::vector<Expression> arguments = call_arguments();
  if (arguments.empty()) return nullptr;
  if (arity >= 0 && arity != static_cast<int>(arguments.size())) return nullptr;
  return call(function, std::move(arguments));
}

/// Of a function of one: a bracket, a group, or the product that follows.
Expression ExpressionParser::call_argument() {
  const Counted inside(num_arguments_);
  if (at(TokenKind::kOpen) && peek().text != "|_" && peek().text != "|^") {
    return bracket();
  }
  return implicit_argument();
}

/// \sin 2\pi t: up to the next function, sign or division; but \sin \pi/6 takes the 6.
Expression ExpressionParser::implicit_argument() {
  const NestingLevel level(budget_);
  if (level.is_too_deep()) return nullptr;
  std::vector<Expression> factors;
  do {
    factors.push_back(factors.empty() ? signed_power() : power());
    if (factors.back() == nullptr) return nullptr;
  } while (starts_factor() && !at(TokenKind::kFunction) && !at(TokenKind::kLogarithm));
  Expression value =
      factors.size() == 1 ? std::move(factors.front()) : make(Op::kMultiply, std::move(factors));
  if (at(TokenKind::kDivide) && peek(1).kind == TokenKind::kNumber && has_pi(value)) {
    advance();
    Expression below = power();
    if (below == nullptr) return nullptr;
    value = quotient(std::move(value), std::move(below));
  }
  return value;
}

/// Between brackets, parted by commas; empty where there is a fault.
std::vector<Expression> ExpressionParser::call_arguments() {
  const NestingLevel level(budget_);
  if (level.is_too_deep() || !at(TokenKind::kOpen)) return {};
  const Counted inside(num_arguments_);
  const size_t close = lexed_.partner[at_];
  if (close <= at_ || close >= end_) return {};
  advance();
  std::vector<Expression> arguments;
  while (true) {
    size_t next = at_;
    while (next < close && lexed_.tokens[next].kind != TokenKind::kComma) {
      next = lexed_.partner[next] > next ? lexed_.partner[next] + 1 : next + 1;
    }
    const size_t end = std::exchange(end_, next);
    Expression value = sum();
    const bool complete = at_ == next;
    end_ = end;
    if (value == nullptr || !complete) return {};
    arguments.push_back(std::move(value));
    advance();
    if (next == close) return arguments;
  }
}

Expression ExpressionParser::logarithm() {
  const NestingLevel level(budget_);
  if (level.is_too_deep()) return nullptr;
  const int32_t kind = peek().detail;
  advance();
  Expression base = kind == 10 ? number(10) : nullptr;
  const bool is_called = peek(1).kind == TokenKind::kOpen;
  if (at(TokenKind::kSubscript)) {
    advance();
    base = logarithm_base();
    if (base == nullptr) return nullptr;
  } else if (kind == 0 && at(TokenKind::kNumber) && !peek().spaced && is_called) {
    // log10(x), log2(x)
    base = written_number();
    if (base == nullptr) return nullptr;
  }
  Expression above;
  if (at(TokenKind::kPower)) {
    advance();
    above = exponent();
    if (above == nullptr) return nullptr;
  }
  Expression value;
  if (at_open("(") && base == nullptr) {
    std::vector<Expression> arguments = call_arguments();
    if (arguments.empty() || arguments.size() > 2) return nullptr;
    value = arguments[0];
    if (arguments.size() == 2) base = arguments[1];
  } else {
    value = call_argument();
  }
  if (value == nullptr) return nullptr;
  value = call(Function::kLog, {std::move(value)});
  if (base != nullptr) {
    value = make(Op::kDivide, {std::move(value), call(Function::kLog, {std::move(base)})});
  }
  if (above == nullptr) return value;
  return make(Op::kPower, {std::move(value), std::move(above)});
}

/// In \log_28 the 2, as nothing else is left for the argument.
Expression ExpressionParser::logarithm_base() {
  if (!is_integer_token(at_)) return argument(false);
  const size_t before = at_;
  Expression whole = written_number();
  if (whole == nullptr || starts_factor() || lexed_.tokens[at_].kind == TokenKind::kNumber ||
      at(TokenKind::kPower)) {
    return whole;
  }
  at_ = before;
  return argument(true);
}

}  // namespace stratagram::math
