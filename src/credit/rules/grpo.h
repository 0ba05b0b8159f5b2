// credit/rules/grpo.h -- every token carries its group's advantage (paper eq. 1).
#pragma once

#include "credit/credit_rule.h"

namespace stratagram::credit {

class GrpoRule : public TokenRule {
 public:
  using TokenRule::TokenRule;

  [[nodiscard]] double advantage_of(const TokenView& /*token*/, double advantage) const override {
    return advantage;
  }
};

}  // namespace stratagram::credit
