// credit/rules/execution_only.h -- control: planning tokens have no advantage, all others keep
// theirs.
#pragma once

#include "credit/credit_rule.h"

namespace stratagram::credit {

class ExecutionOnlyRule : public TokenRule {
 public:
  using TokenRule::TokenRule;

  [[nodiscard]] bool needs_planning() const override { return true; }

  [[nodiscard]] double advantage_of(const TokenView& token, double advantage) const override {
    return token.planning() ? 0.0 : advantage;
  }
};

}  // namespace stratagram::credit
