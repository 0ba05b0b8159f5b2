// train/dynamic_sampling.h -- groups that teach nothing are dropped and others drawn in their place
// (DAPO, arXiv 2503.14476, section 3.2).
#pragma once

#include <cstdint>
#include <vector>

#include "core/records.h"
#include "train/config.h"

namespace stratagram::train {

/// False when all rewards of the group are equal: then every advantage is zero.
[[nodiscard]] bool has_spread(const Group& group);

/// Gathers the groups of one step from judged batches:
///   DynamicSampling gathering(config, wanted);
///   while (gathering.wants_more()) gathering.add(draw_and_judge(gathering.num_batches()));
///   std::vector<Group> step = gathering.take();
/// Off, it takes one batch as it is. Not thread-safe.
class DynamicSampling {
 public:
  /// wanted: groups of a step, at least 1 (else Error(kInternal)).
  DynamicSampling(const DynamicSamplingConfig& config, int64_t wanted);

  /// True until enough groups with spread are there, or the last batch allowed was added.
  [[nodiscard]] bool wants_more() const;

  /// Adds a batch; Error(kInternal) when none is wanted.
  void add(std::vector<Group> batch);

  /// The first `wanted` groups with spread, in the order added, and fewer when the batches ran out.
  /// When no group at all has spread, the first `wanted` without, so that the step is measured and
  /// named as one that taught nothing. Leaves the object empty.
  [[nodiscard]] std::vector<Group> take();

  [[nodiscard]] int64_t num_batches() const { return num_batches_; }
  /// Groups added, and those of them without spread: for the step's record.
  [[nodiscard]] int64_t num_added() const { return num_added_; }
  [[nodiscard]] int64_t num_without_spread() const { return num_without_spread_; }

 private:
  DynamicSamplingConfig config_;
  size_t wanted_;
  std::vector<Group> kept_;
  std::vector<Group> without_spread_;  ///< never more than wanted_
  int64_t num_batches_ = 0;
  int64_t num_added_ = 0;
  int64_t num_without_spread_ = 0;
};

}  // namespace stratagram::train
