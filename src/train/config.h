// train/config.h -- every number of an optimizer update, by what reads it: loss, optimizer,
// schedule, the cut of a step into updates, dynamic sampling, checkpoints.
#pragma once

#include <cstdint>
#include <string>

namespace stratagram {
class ConfigFields;
}

namespace stratagram::train {

/// Definitions, section 4.
struct LossConfig {
  double clip_low = 0.2;
  double clip_high = 0.28;
  bool dual_clip = false;
  double dual_clip_bound = 3.0;
  std::string aggregation = "token_mean";  ///< "token_mean", "seq_mean" or "fixed_length"
  double entropy_coefficient = 0.0;
  double kl_coefficient = 0.0;
  std::string overlong = "keep";       ///< "keep" or "drop"
  std::string old_logprobs = "gated";  ///< "gated", "rollout" or "recomputed"
  /// A mean exp(|gap|) of 1.01 is a mean |gap| of about 0.01: a twentieth of the clip range of 0.2,
  /// so the clip still acts on what was learned and not on rounding. One forward in float32 gives
  /// about 1.00001, in bfloat16 a few thousandths above 1; a wrong temperature or stale weights
  /// give far more.
  double gap_gate = 1.01;
  int64_t gap_probe_tokens = 4096;

  void describe(ConfigFields& fields);

 private:
  void describe_terms(ConfigFields& fields);
  void describe_gap(ConfigFields& fields);
};

/// AdamW. One dimension (norms, biases) is never decayed.
struct OptimizerConfig {
  double learning_rate = 1e-6;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0.01;
  double max_gradient_norm = 1.0;  ///< 0 turns clipping off
  bool state_on_disk = false;

  void describe(ConfigFields& fields);
};

struct ScheduleConfig {
  std::string kind = "constant";  ///< "constant", "linear" or "cosine"
  int64_t warmup_steps = 10;
  double final_share = 0.0;

  void describe(ConfigFields& fields);
};

/// How one step's rollouts become optimizer updates and forward passes.
struct UpdateConfig {
  int64_t inner_epochs = 1;
  int64_t mini_batches = 1;
  int64_t micro_batch_tokens = 8192;
  bool recompute_layers = false;
  int64_t kept_logits_mb = 1024;

  void describe(ConfigFields& fields);
};

/// The field update.kept_logits_mb, of every kind of run.
void add_kept_logits(ConfigFields& fields, int64_t& megabytes);

struct DynamicSamplingConfig {
  bool enabled = false;
  int64_t max_batches = 10;

  void describe(ConfigFields& fields);
};

struct CheckpointConfig {
  int64_t every_steps = 50;
  int64_t keep_last = 2;
  int64_t keep_every = 0;

  void describe(ConfigFields& fields);
};

}  // namespace stratagram::train
