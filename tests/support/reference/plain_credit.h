// tests/support/reference/plain_credit.h -- definitions, section 3, token by token, as plainly as
// it can be written; the credit rules are compared with it.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "core/records.h"

namespace stratagram {

struct PlainCredit {
  std::string rule;
  double alpha = 0.2;
  double beta = 0.4;
  double kappa = 2.0;
  double share = 0.2;
};

inline double plain_mean_of_others(const Group& group, size_t self) {
  double sum = 0;
  int64_t count = 0;
  for (size_t j = 0; j < group.trajectories.size(); ++j) {
    if (j == self) continue;
    sum += group.trajectories[j].judgement.reward;
    ++count;
  }
  return sum / static_cast<double>(count);
}

/// Number of the step's tokens that come before this one in order of falling entropy. The step must
/// hold no two equal entropies.
inline int64_t plain_entropy_rank(const std::vector<Group>& step, float entropy) {
  int64_t rank = 0;
  for (const Group& group : step) {
    for (const Trajectory& trajectory : group.trajectories) {
      for (const float other : trajectory.completion.entropies) rank += other > entropy ? 1 : 0;
    }
  }
  return rank;
}

inline int64_t plain_num_tokens(const std::vector<Group>& step) {
  int64_t count = 0;
  for (const Group& group : step) {
    for (const Trajectory& trajectory : group.trajectories) {
      count += static_cast<int64_t>(trajectory.completion.token_ids.size());
    }
  }
  return count;
}

/// The advantage of token t of response i of a group, under baseline group_mean.
/// `placebo` says whether the placebo catalogue touches the token.
inline double plain_advantage(const PlainCredit& credit,
                              const std::vector<Group>& step,
                              const Group& group,
                              const std::pair<size_t, size_t>& place,
                              bool placebo) {
  const auto [i, t] = place;
  const Trajectory& trajectory = group.trajectories[i];
  double mean = 0;
  for (const Trajectory& other : group.trajectories) mean += other.judgement.reward;
  mean /= static_cast<double>(group.trajectories.size());
  const double a = trajectory.judgement.reward - mean;
  const bool planning = trajectory.planning_mask[t] == 1;
  const double entropy = trajectory.completion.entropies[t];

  if (credit.rule == "hicra") return planning ? a + credit.alpha * std::fabs(a) : a;
  if (credit.rule == "symmetric") return planning ? a * (1 + credit.alpha) : a;
  if (credit.rule == "sign_flip") return planning ? a - credit.alpha * std::fabs(a) : a;
  if (credit.rule == "placebo") return placebo ? a + credit.alpha * std::fabs(a) : a;
  if (credit.rule == "mask_only") return planning ? a : 0;
  if (credit.rule == "execution_only") return planning ? 0 : a;
  if (credit.rule == "entropy_shaped") {
    return a + std::min(credit.beta * entropy, std::fabs(a) / credit.kappa);
  }
  if (credit.rule == "high_entropy") {
    const double wanted = std::round(credit.share * static_cast<double>(plain_num_tokens(step)));
    const bool high =
        static_cast<double>(plain_entropy_rank(step, trajectory.completion.entropies[t])) < wanted;
    return high ? a + credit.alpha * std::fabs(a) : a;
  }
  return a;
}

}  // namespace stratagram
