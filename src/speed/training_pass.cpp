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
constexpr int kPasses = 3;  // after the first

// Packed: of each sequence the last token is no input.
int64_t num_tokens(const Group& group) {
  auto count = static_cast<int64_t>(group.prompt.token_ids.size());
  for (const Trajectory& trajectory : group.trajectories) {
    count += std::max<int64_t>(0, static_cast<int64_t>(trajectory.completion.token_ids.size()) - 1);
  }
  return count;
}

// Groups that follow each other, as many as fit into a micro-batch, one at least.
std::vector<std::span<const Group>> micro_batches(std::span<const Group> groups, int64_t most) {
  std::vector<std::span<const Group>> parts;
  size_t begin = 0;
  int64_t tokens = 0;
  for (size_t i = 0; i < groups.size(); ++i) {
    const int64_t more = num_tokens(groups[i]);
    if (i > begin && tokens + more > most) {
      parts.push_back(groups.subspan(begin, i - begin));
      begin = i;
      tokens = 0;
    }
    tokens += more;
  }
  parts.push_back(groups.subspan(begin));
  return parts;
}

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
  const auto parts = micro_batches(groups, options.micro_batch_tokens);
  PassSpeed best;
  double best_product = 0, operations = 0, seconds = 0;
  for (int run = 0; run < 1 + kPasses; ++run) {
    const model::Transformer trained = with_gradients(model);
    PassSpeed pass;
    for (const std::span<const Group> part : parts) {
      const PassSpeed some = run_training_pass(trained, part, options);
      pass.seconds += some.seconds;
      pass.num_tokens += some.num_tokens;
      if (run == 0) continue;
      const GemmSpeed gemm = gemm_speed(model.dtype(), model.device(), {}, some.seconds);
      best_product = std::max(best_product, gemm.best);
      operations += gemm.mean * some.seconds;
      seconds += some.seconds;
    }
    if (run == 0 || pass.seconds < best.seconds) best = pass;
  }
  best.mean_seconds = seconds / kPasses;
  best.gemm = {.best = best_product, .mean = operations / seconds};
  return best;
}

}  // namespace stratagram::speed
