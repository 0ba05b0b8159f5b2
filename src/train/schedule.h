// train/schedule.h -- the learning rate of each step.
#pragma once

#include <cstdint>

#include "train/config.h"

namespace stratagram::train {

/// The factor on the peak learning rate at `step` (from 0) of a run of `num_steps`. Rises as
/// (step + 1) / warmup_steps, then falls from 1 at the end of the warm-up towards final_share at
/// step num_steps: in a straight line, or by half a cosine wave; or stays at 1. A warm-up as long
/// as the run is all there is. Throws Error(kInternal) for a negative step or another kind.
[[nodiscard]] double schedule_factor(const ScheduleConfig& config, int64_t step, int64_t num_steps);

}  // namespace stratagram::train
