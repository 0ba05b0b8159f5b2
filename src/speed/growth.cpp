#include "speed/growth.h"

#include <cmath>
#include <utility>

#include "core/error.h"
#include "core/interrupt.h"
#include "speed/decode.h"
#include "speed/exact_pass.h"
#include "speed/grpo_step.h"
#include "speed/subject.h"
#include "speed/training_pass.h"

namespace stratagram::speed {
namespace {

using OnPoint = std::function<void(const Growth& series, int64_t size)>;

Growth measured(Growth series,
                const std::vector<int64_t>& sizes,
                const OnPoint& on_point,
                const std::function<double(int64_t size)>& time) {
  for (const int64_t size : sizes) {
    throw_if_interrupted("stopped; run the command again");
    if (on_point) on_point(series, size);
    series.points.push_back({.size = static_cast<double>(size), .seconds = time(size)});
  }
  return series;
}

double pass_exponent(const model::Transformer& model, const std::vector<int64_t>& lengths) {
  std::vector<GrowthPoint> points;
  points.reserve(lengths.size());
  for (const int64_t length : lengths) {
    // As many seconds as operations: only the exponent matters.
    points.push_back(
        {.size = static_cast<double>(length), .seconds = pass_operations(model, length)});
  }
  return fitted_exponent(points);
}

Growth over_lengths(const rollout::Policy& policy,
                    const GrowthPlan& plan,
                    const OnPoint& on_point) {
  std::vector<int64_t> lengths;
  for (const int64_t length : plan.lengths) {
    if (length <= policy.model.config().max_positions) lengths.push_back(length);
  }
  const std::vector<Prompt> prompts = random_prompts(policy, 1, 1);
  const int64_t vocab_size = policy.model.config().vocab_size;
  (void)check_gradients(
      policy.model,
      small_part(random_groups(prompts, {.group = 1, .tokens = 12, .vocab_size = vocab_size}), 12));
  Growth series =
      measured({.of = "training pass", .over = "tokens of a sequence", .points = {}},
               lengths,
               on_point,
               [&](int64_t length) {
                 const auto groups = random_groups(
                     prompts, {.group = 1, .tokens = length, .vocab_size = vocab_size});
                 return run_training_pass(with_gradients(policy.model),
                                          groups,
                                          {.micro_batch_tokens = plan.micro_batch_tokens,
                                           .kept_logits_mb = plan.kept_logits_mb})
                     .seconds;
               });
  if (lengths.size() > 1) series.most = pass_exponent(policy.model, lengths);
  return series;
}

Growth in_flight(const rollout::Policy& policy, const GrowthPlan& plan, const OnPoint& on_point) {
  return measured({.of = "decoding", .over = "sequences in flight", .points = {}},
                  plan.in_flight,
                  on_point,
                  [&](int64_t sequences) {
                    return measure_decode(policy,
                                          {.sequences = sequences,
                                           .prompt_tokens = plan.prompt_tokens,
                                           .new_tokens = plan.tokens})
                        .seconds;
                  });
}

}  // namespace

double pass_operations(const model::Transformer& model, int64_t length) {
  const model::ModelConfig& config = model.config();
  const auto n = static_cast<double>(length);
  const auto width = static_cast<double>(config.num_layers * config.num_heads * config.head_width);
  return 6 * static_cast<double>(model.num_parameters()) * n + 6 * width * n * n;
}

double fitted_exponent(std::span<const GrowthPoint> points) {
  double x = 0, y = 0, xx = 0, xy = 0;
  for (const GrowthPoint& point : points) {
    STRATAGRAM_CHECK(point.size > 0 && point.seconds > 0,
                     "wanted sizes and times above 0, got {} and {} s",
                     point.size,
                     point.seconds);
    x += std::log(point.size);
    y += std::log(point.seconds);
  }
  const auto n = static_cast<double>(points.size());
  for (const GrowthPoint& point : points) {
    const double dx = std::log(point.size) - x / n;
    xx += dx * dx;
    xy += dx * (std::log(point.seconds) - y / n);
  }
  if (!(xx > 0)) {
    fail(ErrorKind::kConfig, "an exponent wants at least two different sizes, got {}", n);
  }
  return xy / xx;
}

std::vector<Growth> measure_growth_(rollout::Policy& policy,
                                    const GrowthPlan& plan,
                                    const OnPoint& on_point) {
  const std::vector<Prompt> prompts = random_prompts(policy, plan.num_prompts, plan.prompt_tokens);
  std::vector<Growth> all;
  all.push_back(in_flight(policy, plan, on_point));
  all.push_back(over_lengths(policy, plan, on_point));
  const auto step = [&](int64_t group, int64_t tokens) {
    // The faster of two: the first also makes the optimizer's state.
    return measure_grpo_step_(policy,
                              prompts,
                              {.group = group,
                               .tokens = tokens,
                               .micro_batch_tokens = plan.micro_batch_tokens,
                               .kept_logits_mb = plan.kept_logits_mb,
                               .num_steps = 2})
        .seconds;
  };
  all.push_back(measured({.of = "GRPO step", .over = "tokens of a response", .points = {}},
                         plan.response_lengths,
                         on_point,
                         [&](int64_t tokens) { return step(plan.group, tokens); }));
  all.push_back(measured({.of = "GRPO step", .over = "responses of a group", .points = {}},
                         plan.groups,
                         on_point,
                         [&](int64_t group) { return step(group, plan.tokens); }));
  return all;
}

}  // namespace stratagram::speed
