#include "train/config.h"

#include "core/config.h"

namespace stratagram::train {

void LossConfig::describe(ConfigFields& fields) {
  describe_terms(fields);
  describe_gap(fields);
}

void LossConfig::describe_terms(ConfigFields& fields) {
  fields.add(
      "clip_low",
      &clip_low,
      {.meaning = "the ratio is clipped below at 1 - clip_low where the advantage is negative",
       .min = 0,
       .max = 1,
       .origin = "paper"});
  fields.add(
      "clip_high",
      &clip_high,
      {.meaning = "the ratio is clipped above at 1 + clip_high where the advantage is positive",
       .min = 0,
       .origin = "paper"});
  fields.add("dual_clip",
             &dual_clip,
             {.meaning = "bound the loss of a token with negative advantage and a large ratio"});
  fields.add("dual_clip_bound",
             &dual_clip_bound,
             {.meaning = "where the ratio is clipped above when the advantage is negative",
              .min = 1,
              .origin = "arXiv 1912.09729",
              .effective_key = "dual_clip",
              .effective_values = {"true"}});
  fields.add("aggregation",
             &aggregation,
             {.meaning = "mean over all response tokens of the update; mean in each response, then "
                         "over responses; or the sum over responses times the length budget",
              .choices = {"token_mean", "seq_mean", "fixed_length"},
              .origin = "paper"});
  fields.add("entropy_coefficient",
             &entropy_coefficient,
             {.meaning = "weight of the mean token entropy, which is raised", .min = 0});
  fields.add("kl_coefficient",
             &kl_coefficient,
             {.meaning = "weight of the k3 estimate of the divergence from the reference policy; 0 "
                         "needs no reference",
              .min = 0});
  fields.add("overlong",
             &overlong,
             {.meaning = "responses cut off by the length budget: keep them in the loss, or drop "
                         "them from it and from its denominator",
              .choices = {"keep", "drop"}});
}

void LossConfig::describe_gap(ConfigFields& fields) {
  fields.add(
      "old_logprobs",
      &old_logprobs,
      {.meaning =
           "the ratio's denominator: the rollout's own, those of the trainer at the "
           "weights that sampled, or the rollout's while the measured gap is inside gap_gate",
       .choices = {"gated", "rollout", "recomputed"}});
  fields.add("gap_gate",
             &gap_gate,
             {.meaning = "largest mean exp(|log-probability of rollout - of trainer|) under which "
                         "the rollout's log-probabilities are used",
              .min = 1,
              .effective_key = "old_logprobs",
              .effective_values = {"gated"}});
  fields.add("gap_probe_tokens",
             &gap_probe_tokens,
             {.meaning = "response tokens of each step that the trainer scores to measure the gap "
                         "before its first update; a step of one update measures it in that",
              .unit = "tokens",
              .min = 1,
              .effective_key = "old_logprobs",
              .effective_values = {"gated"}});
}

void OptimizerConfig::describe(ConfigFields& fields) {
  fields.add("learning_rate",
             &learning_rate,
             {.meaning = "peak of the schedule", .min = 0, .origin = "DAPO"});
  fields.add(
      "beta1", &beta1, {.meaning = "decay of the mean of gradients", .min = 0, .max = 0.999999});
  fields.add("beta2",
             &beta2,
             {.meaning = "decay of the mean of squared gradients", .min = 0, .max = 0.999999});
  fields.add(
      "epsilon", &epsilon, {.meaning = "added to the root of the mean square", .min = 1e-30});
  fields.add("weight_decay",
             &weight_decay,
             {.meaning = "share of a weight taken off per update and unit of learning rate; norms "
                         "and biases are left alone",
              .min = 0});
  fields.add("max_gradient_norm",
             &max_gradient_norm,
             {.meaning = "gradients are scaled down to this global norm; 0 leaves them", .min = 0});
  fields.add(
      "state_on_disk",
      &state_on_disk,
      {.meaning =
           "moments, and what float32 masters have beyond bfloat16 weights, live in a file in the "
           "run folder, and in memory only while an update or a checkpoint needs them: 8 to 10 "
           "bytes a parameter less"});
}

void ScheduleConfig::describe(ConfigFields& fields) {
  fields.add("kind",
             &kind,
             {.meaning = "the learning rate after the warm-up",
              .choices = {"constant", "linear", "cosine"},
              .origin = "DAPO"});
  fields.add("warmup_steps",
             &warmup_steps,
             {.meaning = "steps over which the learning rate rises linearly from 0",
              .unit = "steps",
              .min = 0});
  fields.add("final_share",
             &final_share,
             {.meaning = "share of the peak that is left at the end of the run",
              .min = 0,
              .max = 1,
              .effective_key = "kind",
              .effective_values = {"linear", "cosine"}});
}

void add_kept_logits(ConfigFields& fields, int64_t& megabytes) {
  fields.add(
      "kept_logits_mb",
      &megabytes,
      {.meaning = "most memory for logits kept for the backward pass, on the CPU; the others "
                  "are multiplied once more there; changes memory and speed, not the result",
       .unit = "MB",
       .min = 0,
       .max = 1'000'000});
}

void UpdateConfig::describe(ConfigFields& fields) {
  fields.add("inner_epochs",
             &inner_epochs,
             {.meaning = "passes over a step's rollouts", .unit = "passes", .min = 1});
  fields.add("mini_batches",
             &mini_batches,
             {.meaning = "optimizer updates per pass, each on its own groups; 1 stays on policy",
              .min = 1});
  fields.add("micro_batch_tokens",
             &micro_batch_tokens,
             {.meaning = "most tokens in one forward and backward pass, prompts included; a longer "
                         "sequence goes alone; changes memory and speed, not the result",
              .unit = "tokens",
              .min = 1});
  fields.add("recompute_layers",
             &recompute_layers,
             {.meaning = "run each layer again in the backward pass: a quarter more time, far less "
                         "memory, the same result"});
  add_kept_logits(fields, kept_logits_mb);
}

void DynamicSamplingConfig::describe(ConfigFields& fields) {
  fields.add(
      "enabled",
      &enabled,
      {.meaning = "drop groups whose rewards are all equal and draw more problems for them"});
  fields.add("max_batches",
             &max_batches,
             {.meaning = "batches drawn for one step at most; then it goes on with what there is",
              .unit = "batches",
              .min = 1,
              .origin = "DAPO",
              .effective_key = "enabled",
              .effective_values = {"true"}});
}

void CheckpointConfig::describe(ConfigFields& fields) {
  fields.add("every_steps",
             &every_steps,
             {.meaning = "steps between checkpoints; the last step always has one",
              .unit = "steps",
              .min = 1});
  fields.add("keep_last", &keep_last, {.meaning = "newest checkpoints that stay", .min = 1});
  fields.add("keep_every",
             &keep_every,
             {.meaning = "checkpoints at multiples of this stay for good; 0 keeps none for good",
              .unit = "steps",
              .min = 0});
}

}  // namespace stratagram::train
