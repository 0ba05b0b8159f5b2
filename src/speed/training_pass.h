// speed/training_pass.h -- forward and backward over packed responses, head included, through the
// trainer's own accumulate_gradients().
#pragma once

#include <cstdint>
#include <span>

#include "core/records.h"
#include "model/transformer.h"
#include "train/config.h"

namespace stratagram::speed {

struct PassOptions {
  int64_t micro_batch_tokens = 2048;
  int64_t kept_logits_mb = train::UpdateConfig{}.kept_logits_mb;
};

struct PassSpeed {
  double seconds = 0;
  int64_t num_tokens = 0;  ///< packed input tokens: a group's prompt counts once
  double gemm_peak = 0;    ///< machine.h, of the model's dtype; 0: was not measured
  [[nodiscard]] double tokens_per_s() const { return static_cast<double>(num_tokens) / seconds; }
};

/// One pass over every response of the groups; adds to the gradients of the model's weights, which
/// must want them. The ratio to the policy that sampled is 1. Throws Error(kInternal) when the loss
/// is not finite.
PassSpeed run_training_pass(const model::Transformer& model,
                            std::span<const Group> groups,
                            const PassOptions& options);

/// The fastest of some passes, each without gradients from before; the first one also pays for
/// memory that the others find made. The peak is the highest of those measured before, between and
/// after them: machines that are shared have fast and slow seconds. Compares those of a small part
/// of the groups with float64 first; throws like check_gradients().
[[nodiscard]] PassSpeed measure_training_pass(const model::Transformer& model,
                                              std::span<const Group> groups,
                                              const PassOptions& options);

}  // namespace stratagram::speed
