#include "train/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/error.h"

namespace stratagram::train {

double schedule_factor(const ScheduleConfig& config, int64_t step, int64_t num_steps) {
  STRATAGRAM_CHECK(step >= 0, "schedule: wanted a step of at least 0, got {}", step);
  if (step < config.warmup_steps) {
    return static_cast<double>(step + 1) / static_cast<double>(config.warmup_steps);
  }
  if (config.kind == "constant") return 1.0;
  const auto span = static_cast<double>(std::max<int64_t>(num_steps - config.warmup_steps, 1));
  const double progress = std::min(static_cast<double>(step - config.warmup_steps) / span, 1.0);
  double left = 1.0 - progress;
  if (config.kind == "cosine") {
    left = 0.5 * (1.0 + std::cos(std::numbers::pi * progress));
  } else {
    STRATAGRAM_CHECK(config.kind == "linear", "schedule: there is no kind '{}'", config.kind);
  }
  return config.final_share + (1.0 - config.final_share) * left;
}

}  // namespace stratagram::train
