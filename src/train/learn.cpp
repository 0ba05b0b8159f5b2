#include "train/learn.h"

#include <cmath>
#include <vector>

#include "core/stream.h"
#include "train/clock.h"
#include "train/gradients.h"
#include "train/old_logprobs.h"
#include "train/responses.h"
#include "train/schedule.h"

namespace stratagram::train {
namespace {

// One update; its statistics go into the summary.
void update_once(std::span<const Response> responses,
                 const Update& update,
                 const model::Transformer& model,
                 const GradientOptions& options,
                 std::pair<AdamW&, UpdateSummary&> state) {
  auto& [optimizer, summary] = state;
  const GradientStats stats = accumulate_gradients(model, responses, update, options);
  if (summary.num_updates == 0) {
    // At equal weights, so over these tokens too it is the gap of rollout and trainer.
    if (summary.gap.num_tokens == 0) summary.gap = stats.gap;
    summary.first_ratio = stats.loss.ratio_mean();
    summary.recomputed = summary.recomputed || stats.recomputed;
  }
  ++summary.num_updates;
  summary.num_input_tokens += stats.num_input_tokens;
  if (!stats.finite) {
    optimizer.drop_gradients_();
    ++summary.num_skipped;
    return;
  }
  ++summary.num_measured;
  summary.loss.add(stats.loss);
  const Clock clock;
  summary.report = optimizer.step_(summary.learning_rate);
  summary.optimizer_seconds += clock.seconds();
  if (!summary.report.applied) ++summary.num_skipped;
}

}  // namespace

UpdateSummary learn_from(std::span<const Group> step,
                         const model::Transformer& model,
                         const model::Transformer* reference,
                         AdamW& optimizer,
                         const LearnContext& context) {
  const RunConfig& config = context.config;
  const auto seed = static_cast<uint64_t>(config.run.seed);
  const auto step_number = static_cast<uint64_t>(context.step);
  std::vector<Response> responses = flatten(step, config.loss);
  const ScoreOptions score_options{.temperature = config.sampling.temperature,
                                   .micro_batch_tokens = config.update.micro_batch_tokens};
  const std::vector<std::vector<int64_t>> updates =
      cut_into_updates(static_cast<int64_t>(step.size()), config.update, seed, step_number);
  const OldLogprobs old =
      settle_old_logprobs_(responses,
                           model,
                           config.loss,
                           {.score = score_options, .single_update = updates.size() == 1},
                           Stream({.seed = seed, .purpose = "gap probe", .step = step_number}));
  if (reference != nullptr) fill_ref_logprobs_(responses, *reference, score_options);

  UpdateSummary summary{.gap = old.gap, .recomputed = old.recomputed};
  summary.learning_rate = config.optimizer.learning_rate *
                          schedule_factor(config.schedule, context.step, config.run.num_steps);
  const GradientOptions options{
      .loss = config.loss,
      .temperature = config.sampling.temperature,
      .micro_batch_tokens = config.update.micro_batch_tokens,
      .recompute_layers = config.update.recompute_layers,
      .kept_logits_mb = config.update.kept_logits_mb,
      .measures_gate = config.loss.old_logprobs == "gated" && updates.size() == 1};
  for (const std::vector<int64_t>& groups : updates) {
    const Update update =
        plan_update(responses, groups, config.loss, config.sampling.max_new_tokens);
    update_once(responses, update, model, options, {optimizer, summary});
  }
  return summary;
}

void record_update(const UpdateSummary& summary,
                   const LossConfig& config,
                   metrics::StepRecord& record) {
  const LossStats& loss = summary.loss;
  const auto set_if_finite = [&](const char* name, double value) {
    if (std::isfinite(value)) record.set(name, value);
  };
  if (summary.num_measured > 0) {
    const auto measured = static_cast<double>(summary.num_measured);
    record.set("loss/total", loss.loss / measured);
    record.set("loss/policy", loss.policy / measured);
    if (config.entropy_coefficient != 0) record.set("loss/entropy", loss.entropy / measured);
    if (config.kl_coefficient != 0) record.set("loss/kl", loss.kl / measured);
  }
  if (loss.num_tokens > 0) {
    const auto tokens = static_cast<double>(loss.num_tokens);
    record.set("clip/low", static_cast<double>(loss.num_clipped_low) / tokens);
    record.set("clip/high", static_cast<double>(loss.num_clipped_high) / tokens);
    // A clipped ratio may overflow without harm to the loss.
    set_if_finite("ratio/mean", loss.ratio_mean());
    set_if_finite("ratio/max", loss.ratio_max);
  }
  if (summary.gap.num_tokens > 0) {
    set_if_finite("gap/max", summary.gap.max_abs);
    set_if_finite("gap/mean", summary.gap.mean());
    set_if_finite("gap/mean_exp", summary.gap.mean_exp());
  }
  record.set("gap/recomputed", summary.recomputed ? 1.0 : 0.0);
  if (summary.report.applied) {
    set_if_finite("grad/norm", summary.report.gradient_norm);
    set_if_finite("update/to_weight", summary.report.update_ratio);
  }
  record.set("lr", summary.learning_rate);
  record.set("step/skipped_updates", static_cast<double>(summary.num_skipped));
}

}  // namespace stratagram::train
