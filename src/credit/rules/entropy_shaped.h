// credit/rules/entropy_shaped.h -- A + min(beta H, |A| / kappa), H the token's entropy at rollout,
// a constant (Cheng et al. 2025, arXiv 2506.14758).
#pragma once

#include <algorithm>
#include <cmath>

#include "credit/credit_rule.h"

namespace stratagram::credit {

class EntropyShapedRule : public TokenRule {
 public:
  using TokenRule::TokenRule;

  [[nodiscard]] double advantage_of(const TokenView& token, double advantage) const override {
    return advantage +
           std::min(config().beta * token.entropy(), std::abs(advantage) / config().kappa);
  }
};

}  // namespace stratagram::credit
