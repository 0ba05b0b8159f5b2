// credit/rules/placebo.h -- control: the paper's rule on tokens of random grams that are no
// strategic grams, matched to the catalogue in number, length and count.
#pragma once

#include "core/error.h"
#include "credit/credit_rule.h"

namespace stratagram::credit {

class PlaceboRule : public CreditRule {
 public:
  PlaceboRule(const CreditConfig& given_config, const CreditContext& given_context)
      : CreditRule(given_config, given_context) {
    if (!context().placebo_mask) {
      fail(ErrorKind::kConfig,
           "credit.rule = placebo: wanted a placebo catalogue, got none; make one with `stratagram "
           "grams placebo` and name it in credit.placebo_catalogue");
    }
  }

 protected:
  void shape_(std::span<Group> step) const override {
    for (Group& group : step) {
      for (Trajectory& trajectory : group.trajectories) {
        const std::vector<uint8_t> mask = context().placebo_mask(trajectory.completion);
        STRATAGRAM_CHECK(mask.size() == trajectory.advantages.size(),
                         "the placebo mask has {} places for {} response tokens",
                         mask.size(),
                         trajectory.advantages.size());
        for (size_t t = 0; t < mask.size(); ++t) {
          float& advantage = trajectory.advantages[t];
          if (mask[t] != 0) advantage = static_cast<float>(lifted(advantage, config().alpha));
        }
      }
    }
  }
};

}  // namespace stratagram::credit
