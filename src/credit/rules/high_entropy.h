// credit/rules/high_entropy.h -- control: the paper's rule on the response tokens of the step with
// the highest entropy, planning or not.
#pragma once

#include <algorithm>
#include <cmath>
#include <tuple>

#include "credit/credit_rule.h"

namespace stratagram::credit {

/// Takes round(share * N) of the step's N response tokens. Equal entropies are told apart by
/// problem, sample and place, so the order of the step makes no difference.
class HighEntropyRule : public CreditRule {
 public:
  using CreditRule::CreditRule;

 protected:
  void shape_(std::span<Group> step) const override {
    struct Place {
      float entropy;
      Group* group;
      Trajectory* trajectory;
      size_t index;
    };
    std::vector<Place> places;
    for (Group& group : step) {
      for (Trajectory& trajectory : group.trajectories) {
        for (size_t t = 0; t < trajectory.advantages.size(); ++t) {
          places.push_back({trajectory.completion.entropies[t], &group, &trajectory, t});
        }
      }
    }
    const double wanted = config().high_entropy_share * static_cast<double>(places.size());
    const auto chosen = places.begin() + static_cast<std::ptrdiff_t>(std::llround(wanted));
    const auto before = [](const Place& a, const Place& b) {
      if (a.entropy != b.entropy) return a.entropy > b.entropy;
      return std::tie(a.group->problem.id, a.trajectory->completion.sample, a.index) <
             std::tie(b.group->problem.id, b.trajectory->completion.sample, b.index);
    };
    std::nth_element(places.begin(), chosen, places.end(), before);
    for (auto place = places.begin(); place != chosen; ++place) {
      float& advantage = place->trajectory->advantages[place->index];
      advantage = static_cast<float>(lifted(advantage, config().alpha));
    }
  }
};

}  // namespace stratagram::credit
