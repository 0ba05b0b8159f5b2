// credit/rules/mask_only.h -- control: planning tokens keep their advantage, all others have none.
#pragma once

#include "credit/credit_rule.h"

namespace stratagram::credit {

class MaskOnlyRule : public TokenRule {
 public:
  using TokenRule::TokenRule;

  [[nodiscard]] bool needs_planning() const override { return true; }

  [[nodiscard]] double advantage_of(const TokenView& token, double advantage) const override {
    return token.planning() ? advantage : 0.0;
  }
};

}  // namespace stratagram::credit
