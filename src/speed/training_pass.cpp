#include "speed/training_pass.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "core/error.h"
#include "speed/exact_pass.h"
#include "speed/subject.h"
#include "train/clock.h"
#include "train/gradients.h"

namespace stratagram::speed {
namespace {

constexpr int64_t kCheckedTokens = 12;
constexpr int kPasses = 2;  // after the first

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
  PassSpeed best = run_training_pass(with_gradients(model), groups, options);
  double best_product = 0, operations = 0, seconds = 0;
  for (int run = 0; run < kPasses; ++run) {
    const PassSpeed pass = run_training_pass(with_gradients(model), groups, options);
    if (pass.seconds < best.seconds) best = pass;
    const GemmSpeed gemm = gemm_speed(model.dtype(), model.device(), {}, pass.seconds);
    best_product = std::max(best_product, gemm.best);
    operations += gemm.mean * pass.seconds;
    seconds += pass.seconds;
  }
  best.mean_seconds = seconds / kPasses;
  best.gemm = {.best = best_product, .mean = operations / seconds};
  return best;
}

}  // namespace stratagram::speed
