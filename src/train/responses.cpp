#include "train/responses.h"

#include <algorithm>
#include <numeric>

#include "core/error.h"
#include "core/stream.h"
#include "train/token_weights.h"

namespace stratagram::train {
namespace {

Response response_of(const Group& group, const Trajectory& trajectory, const LossConfig& config) {
  const Completion& completion = trajectory.completion;
  STRATAGRAM_CHECK(trajectory.advantages.size() == completion.token_ids.size() &&
                       completion.logprobs.size() == completion.token_ids.size(),
                   "problem '{}', sample {}: {} tokens, {} advantages, {} log-probabilities",
                   group.problem.id,
                   completion.sample,
                   completion.token_ids.size(),
                   trajectory.advantages.size(),
                   completion.logprobs.size());
  return {.sequence = {.prompt = group.prompt.token_ids, .response = completion.token_ids},
          .advantages = trajectory.advantages,
          .rollout_logprobs = completion.logprobs,
          .old_logprobs = completion.logprobs,
          .dropped = config.overlong == "drop" && completion.finish == Finish::kLength};
}

}  // namespace

std::vector<Response> flatten(std::span<const Group> step, const LossConfig& config) {
  std::vector<Response> responses;
  for (size_t g = 0; g < step.size(); ++g) {
    for (const Trajectory& trajectory : step[g].trajectories) {
      responses.push_back(response_of(step[g], trajectory, config));
      responses.back().group = static_cast<int64_t>(g);
    }
  }
  return responses;
}

bool has_gradient(const Response& response, const LossConfig& config) {
  if (response.dropped) return false;
  if (config.entropy_coefficient > 0 || config.kl_coefficient > 0) return true;
  return std::ranges::any_of(response.advantages,
                             [](float advantage) { return advantage != 0.0F; });
}

Update plan_update(std::span<const Response> responses,
                   std::span<const int64_t> groups,
                   const LossConfig& config,
                   int64_t max_new_tokens) {
  Update update;
  std::vector<int64_t> members;
  std::vector<int64_t> lengths;
  for (size_t i = 0; i < responses.size(); ++i) {
    const Response& response = responses[i];
    if (std::find(groups.begin(), groups.end(), response.group) == groups.end()) continue;
    members.push_back(static_cast<int64_t>(i));
    lengths.push_back(response.dropped ? 0 : static_cast<int64_t>(response.advantages.size()));
  }
  const std::vector<double> weights = token_weights(lengths, config.aggregation, max_new_tokens);
  for (size_t i = 0; i < members.size(); ++i) {
    const Response& response = responses[members[i]];
    update.num_tokens += lengths[i];
    if (response.dropped) {
      ++update.num_dropped;
    } else if (!has_gradient(response, config)) {
      ++update.num_skipped;
    } else {
      update.responses.push_back(members[i]);
      update.weights.push_back(weights[i]);
    }
  }
  return update;
}

std::vector<std::vector<int64_t>> cut_into_updates(int64_t num_groups,
                                                   const UpdateConfig& config,
                                                   uint64_t seed,
                                                   uint64_t step) {
  std::vector<std::vector<int64_t>> updates;
  const int64_t parts = std::min(config.mini_batches, num_groups);
  for (int64_t epoch = 0; epoch < config.inner_epochs; ++epoch) {
    std::vector<int64_t> order(static_cast<size_t>(num_groups));
    std::iota(order.begin(), order.end(), int64_t{0});
    shuffle_(order,
             Stream({.seed = seed,
                     .purpose = "mini-batches",
                     .step = step,
                     .sample = static_cast<uint64_t>(epoch)}));
    for (int64_t part = 0; part < parts; ++part) {
      updates.emplace_back(order.begin() + num_groups * part / parts,
                           order.begin() + num_groups * (part + 1) / parts);
    }
  }
  return updates;
}

}  // namespace stratagram::train
