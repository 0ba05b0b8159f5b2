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
  return kept_.size() < wanted_ && num_batches_ < config_.max_batches;
}

void DynamicSampling::add(std::vector<Group> batch) {
  STRATAGRAM_CHECK(wants_more(), "dynamic sampling: batch {} is not wanted", num_batches_);
  ++num_batches_;
  for (Group& group : batch) {
    ++num_added_;
    const bool spread = has_spread(group);
    num_without_spread_ += spread ? 0 : 1;
    if (spread || !config_.enabled) {
      kept_.push_back(std::move(group));
    } else if (without_spread_.size() < wanted_) {
      without_spread_.push_back(std::move(group));
    }
  }
}

std::vector<Group> DynamicSampling::take() {
  std::vector<Group> step = std::move(kept_.empty() ? without_spread_ : kept_);
  if (config_.enabled && step.size() > wanted_) {
    step.erase(step.begin() + static_cast<std::ptrdiff_t>(wanted_), step.end());
  }
  kept_.clear();
  without_spread_.clear();
  return step;
}

}  // namespace stratagram::train
