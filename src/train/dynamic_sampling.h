// train/dynamic_sampling.h -- groups that teach nothing are dropped and others drawn in their place
// (DAPO, arXiv 2503.14476, section 3.2).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/records.h"
#include "train/config.h"

namespace stratagram::train {

/// False when all rewards of the group are equal: then every advantage is zero.
[[nodiscard]] bool has_spread(const Group& group);

/// All groups of a step: the first `num_used` are learned from, the others only measured, so that
/// what a step says of the policy does not depend on which groups were kept.
struct DrawnStep {
  std::vector<Group> groups{};
  size_t num_used = 0;

  [[nodiscard]] std::span<Group> used() { return std::span(groups).first(num_used); }
};

/// Gathers the groups of one step from judged batches:
///   DynamicSampling gathering(config, wanted);
///   while (gathering.wants_more()) gathering.add(draw_and_judge(gathering.num_batches()));
///   DrawnStep step = gathering.take();
/// Off, it takes one batch as it is. Not thread-safe.
class DynamicSampling {
 public:
  /// wanted: groups of a step, at least 1 (else Error(kInternal)).
  DynamicSampling(const DynamicSamplingConfig& config, int64_t wanted);

  /// True until enough groups with spread are there, or the last batch allowed was added.
  [[nodiscard]] bool wants_more() const;

  /// Adds a batch; Error(kInternal) when none is wanted.
  void add(std::vector<Group> batch);

  /// Uses the first `wanted` groups with spread, in the order added, and fewer when the batches ran
  /// out. When no group at all has spread, the first `wanted` without, so that the step is named as
  /// one that taught nothing. Leaves the object empty.
  [[nodiscard]] DrawnStep take();

  [[nodiscard]] int64_t num_batches() const { return num_batches_; }

 private:
  DynamicSamplingConfig config_;
  size_t wanted_;
  std::vector<Group> groups_;
  size_t num_with_spread_ = 0;
  int64_t num_batches_ = 0;
};

}  // namespace stratagram::train
