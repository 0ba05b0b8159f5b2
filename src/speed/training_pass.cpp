#include "speed/training_pass.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "core/error.h"
#include "speed/exact_pass.h"
#include "speed/machine.h"
#include "speed/subject.h"
#include "train/clock.h"
#include "train/gradients.h"

namespace stratagram::speed {
namespace {

constexpr int64_t kCheckedTokens = 12;
constexpr int kPasses = 3;

}  // namespace

PassSpeed run_training_pass(const model::Transformer& model,
                            std::span<const Group> groups,
                            const PassOptions& options) {
  const train::LossConfig loss;
  std::vector<train::Response> responses = train::flatten(groups, loss);
  int64_t longest = 1;
  for (train::Response& response : responses) {
    response.old_logprobs.clear();  // those of the pass itself
    longest = std::max(longest, static_cast<int64_t>(response.advantages.size()));
  }
  std::vector<int64_t> all(groups.size());
  std::iota(all.begin(), all.end(), 0);
  const train::Update update = train::plan_update(responses, all, loss, longest);
  const train::Clock clock;
  const train::GradientStats stats = train::accumulate_gradients(
      model,
      responses,
      update,
      {.micro_batch_tokens = options.micro_batch_tokens, .kept_logits_mb = options.kept_logits_mb});
  const double seconds = clock.seconds();
  STRATAGRAM_CHECK(stats.finite, "a training pass: wanted a finite loss, got another");
  return {.seconds = seconds, .num_tokens = stats.num_input_tokens};
}

PassSpeed measure_training_pass(const model::Transformer& model,
                                std::span<const Group> groups,
                                const PassOptions& options) {
  (void)check_gradients(model, small_part(groups, kCheckedTokens));
  const auto peak = [&] { return gemm_peak(model.dtype(), model.device()); };
  PassSpeed best;
  double highest = peak();
  for (int run = 0; run < kPasses; ++run) {
    const PassSpeed speed = run_training_pass(with_gradients(model), groups, options);
    if (run == 0 || speed.seconds < best.seconds) best = speed;
    highest = std::max(highest, peak());
  }
  best.gemm_peak = highest;
  return best;
}

}  // namespace stratagram::speed
