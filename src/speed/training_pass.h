// speed/training_pass.h -- forward and backward over packed responses, head included, through the
// trainer's own accumulate_gradients().
#pragma once

#include <cstdint>
#include <span>

#include "core/records.h"
#include "model/transformer.h"
#include "speed/machine.h"
#include "train/config.h"

namespace stratagram::speed {

struct PassOptions {
  int64_t micro_batch_tokens = 2048;
  int64_t kept_logits_mb = train::UpdateConfig{}.kept_logits_mb;
};

struct PassSpeed {
  double seconds = 0;
  int64_t num_tokens = 0;  ///< packed input tokens: a group's prompt counts once
  /// Of measure_training_pass() alone: of all passes but the first; products of the model's dtype
  /// (machine.h), the fastest of all and the mean of those that took turns with these passes.
  double mean_seconds = 0;
  GemmSpeed gemm{};
  [[nodiscard]] double tokens_per_s() const { return static_cast<double>(num_tokens) / seconds; }
};

/// One pass over every response of the groups; adds to the gradients of the model's weights, which
/// must want them. The ratio to the policy that sampled is 1. Throws Error(kInternal) when the loss
/// is not finite.
PassSpeed run_training_pass(const model::Transformer& model,
                            std::span<const Group> groups,
                            const PassOptions& options);

/// The fastest of some passes, each without gradients from before; the first one also pays for
/// memory that the others find made. In the others products follow each micro-batch for as long as
/// it took: machines that are shared have fast and slow seconds, so that means over the same
/// minutes can be held against each other, and passes of many seconds less well against the fastest
/// product. Compares the gradients of a small part of the groups with float64 first; throws like
/// check_gradients().
[[nodiscard]] PassSpeed measure_training_pass(const model::Transformer& model,
                                              std::span<const Group> groups,
                                              const PassOptions& options);

}  // namespace stratagram::speed
