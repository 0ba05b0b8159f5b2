// speed/grpo_step.h -- seconds and memory of whole GRPO steps: rollout, credit, passes and
// optimizer, through the trainer's own learn_from().
#pragma once

#include <cstdint>
#include <vector>

#include "core/records.h"
#include "rollout/policy.h"
#include "train/config.h"

namespace stratagram::speed {

struct StepShape {
  int64_t group = 8;     ///< responses of each prompt
  int64_t tokens = 128;  ///< of each response, exactly
  int64_t micro_batch_tokens = 2048;
  int64_t kept_logits_mb = train::UpdateConfig{}.kept_logits_mb;
  int64_t num_steps = 2;
  bool state_on_disk = false;     ///< the optimizer's, in the system's folder for temporary files
  bool recompute_layers = false;  ///< as update.recompute_layers
};

struct StepSpeed {
  double seconds = 0;  ///< of the fastest step, the parts below are its own
  double rollout = 0;
  double credit = 0;
  double passes = 0;
  double optimizer = 0;
  int64_t peak_bytes = 0;        ///< over all the steps, the loaded model included
  bool peak_is_of_steps = true;  ///< false: of the process so far, as the system has no other
  double gap = 0;                ///< mean exp(|gap|) of rollout and trainer, last step
  int64_t num_prompt_tokens = 0;
  int64_t num_response_tokens = 0;
};

/// Rewards are random, of each group at least one 0 and one 1. Changes the policy's weights, which
/// want gradients from then on. Compares a short rollout with float64 first; throws
/// Error(kInternal) like check_rollout(), and when an update is not applied or its first ratio is
/// not 1.
[[nodiscard]] StepSpeed measure_grpo_step_(rollout::Policy& policy,
                                           const std::vector<Prompt>& prompts,
                                           const StepShape& shape);

}  // namespace stratagram::speed
