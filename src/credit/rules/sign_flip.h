// credit/rules/sign_flip.h -- control: A - alpha |A| on planning tokens, the paper's rule turned
// round.
#pragma once

#include "credit/credit_rule.h"

namespace stratagram::credit {

class SignFlipRule : public TokenRule {
 public:
  using TokenRule::TokenRule;

  [[nodiscard]] bool needs_planning() const override { return true; }

  [[nodiscard]] double advantage_of(const TokenView& token, double advantage) const override {
    return token.planning() ? lifted(advantage, -config().alpha) : advantage;
  }
};

}  // namespace stratagram::credit
