// tests/math/random_expression.h -- random trees of the shapes that the parser makes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/stream.h"
#include "math/expression.h"
#include "math/expression_parser.h"

namespace stratagram::math {

class RandomExpression {
 public:
  RandomExpression(uint64_t seed, std::string_view purpose)
      : stream_({.seed = seed, .purpose = purpose}) {}

  uint64_t below(uint64_t bound) { return stream_.below(bound, position_++); }

  /// Never a quotient of two integers or a negated number, which the parser folds.
  Expression draw(int depth) {
    if (depth == 0) return leaf();
    switch (below(8)) {
      case 0:
        return leaf();
      case 1:
        return make(Op::kAdd, several(depth));
      case 2:
        return make(Op::kMultiply, several(depth));
      case 3:
        return quotient(draw(depth - 1), draw(depth - 1));
      case 4:
        return make(Op::kPower, {draw(depth - 1), draw(depth - 1)});
      case 5:
        return negated(draw(depth - 1));
      case 6:
        return one_argument(depth);
      default:
        return more_arguments(depth);
    }
  }

 private:
  std::vector<Expression> several(int depth) {
    std::vector<Expression> parts;
    for (uint64_t i = 0, count = 2 + below(3); i < count; ++i) parts.push_back(draw(depth - 1));
    return parts;
  }

  Expression leaf() {
    static const std::vector<std::string> kNames = {
        "x", "y", "z", "n", "a_1", "theta", "x'", "v_0", "alpha", "A"};
    switch (below(6)) {
      case 0:
        return constant(Op::kPi);
      case 1:
        return constant(Op::kE);
      case 2:
        return constant(Op::kI);
      case 3:
        return symbol(kNames[below(kNames.size())]);
      case 4:
        return number(Rational(static_cast<int64_t>(below(2000)) - 1000,
                               static_cast<int64_t>(1 + below(30))));
      default:
        return number(static_cast<int64_t>(below(100)));
    }
  }

  Expression one_argument(int depth) {
    while (true) {
      const auto function = static_cast<Function>(below(static_cast<uint64_t>(Function::kOther)));
      if (arity_of(function) == 1) return call(function, {draw(depth - 1)});
    }
  }

  Expression more_arguments(int depth) {
    switch (below(4)) {
      case 0:
        return call(Function::kRoot, {draw(depth - 1), draw(depth - 1)});
      case 1:
        return call(Function::kBinomial, {draw(depth - 1), draw(depth - 1)});
      case 2:
        return call(Function::kMax, several(depth));
      default:
        return call_other("f", several(depth));
    }
  }

  Stream stream_;
  uint64_t position_ = 0;
};

}  // namespace stratagram::math
