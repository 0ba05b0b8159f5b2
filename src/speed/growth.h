// speed/growth.h -- how times grow with the work: series of sizes and seconds, and the exponent of
// the power law nearest to them.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "model/transformer.h"
#include "rollout/policy.h"
#include "train/config.h"

namespace stratagram::speed {

struct GrowthPoint {
  double size = 0;  ///< above 0
  double seconds = 0;
};

/// The slope of the least-squares line through log(seconds) over log(size): 1 where time is
/// proportional to size. Throws Error(kConfig) for less than two different sizes, and
/// Error(kInternal) for a size or time that is not above 0.
[[nodiscard]] double fitted_exponent(std::span<const GrowthPoint> points);

struct Growth {
  std::string of;    ///< what takes the time
  std::string over;  ///< what the size counts
  std::vector<GrowthPoint> points;
  double most = 1;  ///< the exponent wanted at most: 1, or that of the operations by count
};

/// Operations of a pass forward and backward over one sequence of n tokens: 6 a parameter and
/// token, and attention's square, two products of n by n by a head's width, half of each masked,
/// with two more for each on the way back: 6 n^2 a layer and number of its queries' width.
[[nodiscard]] double pass_operations(const model::Transformer& model, int64_t length);

struct GrowthPlan {
  int64_t num_prompts = 2;     ///< of a step
  int64_t group = 4;           ///< of a step, where the group's size does not change
  int64_t tokens = 32;         ///< of a response, where the length does not change
  int64_t prompt_tokens = 64;  ///< of prompts and of what is decoded
  int64_t micro_batch_tokens = 2048;
  int64_t kept_logits_mb = train::UpdateConfig{}.kept_logits_mb;
  std::vector<int64_t> response_lengths{32, 64, 128, 256};
  std::vector<int64_t> groups{4, 8, 16, 32, 64};
  /// Of one sequence; those beyond the model's positions are left out.
  std::vector<int64_t> lengths{128, 256, 512, 1024, 2048, 4096, 8192};
  std::vector<int64_t> in_flight{1, 2, 4, 8, 16, 32, 64, 128, 256, 512};
};

/// Step time over response tokens and over group size, training pass over sequence length,
/// decoding over sequences in flight. Of the pass, whose attention is a square, the exponent of
/// pass_operations() is wanted at most; of the others, which have no longer sequences, 1.
/// `on_point` hears of each size before it is timed. Rollout and gradients are compared with
/// float64 first. Changes the policy's weights; throws like what it times, and Error(kInterrupted)
/// soon after interrupted().
[[nodiscard]] std::vector<Growth> measure_growth_(
    rollout::Policy& policy,
    const GrowthPlan& plan,
    const std::function<void(const Growth& series, int64_t size)>& on_point = {});

}  // namespace stratagram::speed
