// credit/rules/hicra.h -- Hierarchy-Aware Credit Assignment (paper eq. 2): A + alpha |A| on
// planning tokens.
#pragma once

#include "credit/credit_rule.h"

namespace stratagram::credit {

class HicraRule : public TokenRule {
 public:
  using TokenRule::TokenRule;

  [[nodiscard]] bool needs_planning() const override { return true; }

  [[nodiscard]] double advantage_of(const TokenView& token, double advantage) const override {
    return token.planning() ? lifted(advantage, config().alpha) : advantage;
  }
};

}  // namespace stratagram::credit
