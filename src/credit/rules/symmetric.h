// credit/rules/symmetric.h -- control: A (1 + alpha) on planning tokens, so that failures count
// more there as well.
#pragma once

#include "credit/credit_rule.h"

namespace stratagram::credit {

class SymmetricRule : public TokenRule {
 public:
  using TokenRule::TokenRule;

  [[nodiscard]] bool needs_planning() const override { return true; }

  [[nodiscard]] double advantage_of(const TokenView& token, double advantage) const override {
    return token.planning() ? advantage * (1.0 + config().alpha) : advantage;
  }
};

}  // namespace stratagram::credit
