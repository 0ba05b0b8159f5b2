#include "train/dynamic_sampling.h"

#include <algorithm>
#include <utility>

#include "core/error.h"

namespace stratagram::train {

bool has_spread(const Group& group) {
  const auto differs = [&](const Trajectory& trajectory) {
    return trajectory.judgement.reward != group.trajectories.front().judgement.reward;
  };
  return std::any_of(group.trajectories.begin(), group.trajectories.end(), differs);
}

DynamicSampling::DynamicSampling(const DynamicSamplingConfig& config, int64_t wanted)
    : config_(config), wanted_(static_cast<size_t>(wanted)) {
  STRATAGRAM_CHECK(wanted >= 1, "dynamic sampling: wanted at least 1 group a step, got {}", wanted);
}

bool DynamicSampling::wants_more() const {
  if (!config_.enabled) return num_batches_ == 0;
  return num_with_spread_ < wanted_ && num_batches_ < config_.max_batches;
}

void DynamicSampling::add(std::vector<Group> batch) {
  STRATAGRAM_CHECK(wants_more(), "dynamic sampling: batch {} is not wanted", num_batches_);
  ++num_batches_;
  for (Group& group : batch) {
    num_with_spread_ += has_spread(group) ? 1 : 0;
    groups_.push_back(std::move(group));
  }
}

DrawnStep DynamicSampling::take() {
  DrawnStep step{.groups = std::move(groups_), .num_used = 0};
  step.num_used = step.groups.size();
  if (config_.enabled) {
    std::stable_partition(step.groups.begin(), step.groups.end(), has_spread);
    const size_t usable = num_with_spread_ > 0 ? num_with_spread_ : step.groups.size();
    step.num_used = std::min(usable, wanted_);
  }
  groups_.clear();
  num_with_spread_ = 0;
  return step;
}

}  // namespace stratagram::train
