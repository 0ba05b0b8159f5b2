// train/run_checkpoint.h -- checkpoints of a run folder: policy, optimizer and the run's counters,
// written at once and taken up again.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>

#include "rollout/policy.h"
#include "train/adamw.h"
#include "train/config.h"
#include "train/run_folder.h"

namespace stratagram::train {

struct CheckpointContent {
  int64_t steps_done = 0;
  nlohmann::json values = nlohmann::json::object();  ///< whatever else the run has to know
};

/// Writes checkpoints/STEPS_DONE, with digests of its weight files, unless it is there, then
/// removes those that need not stay. Throws Error(kDevice) on a full disk.
void write_checkpoint(const RunFolder& folder,
                      const rollout::Policy& policy,
                      const AdamW& optimizer,
                      const CheckpointContent& content,
                      const CheckpointConfig& config);

/// Takes up the newest complete checkpoint, weights and optimizer in place, and drops what the run
/// wrote after it; none when there is no checkpoint, and then all of the run's output is dropped.
/// Records the resume in the folder.
/// Throws Error(kData) for a damaged checkpoint.
[[nodiscard]] std::optional<CheckpointContent> take_up_checkpoint_(RunFolder& folder,
                                                                   rollout::Policy& policy,
                                                                   AdamW& optimizer);

}  // namespace stratagram::train
