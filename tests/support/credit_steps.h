// tests/support/credit_steps.h -- steps of rollouts made up for tests of credit and loss.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/records.h"
#include "core/stream.h"

namespace stratagram {

struct StepOptions {
  int64_t num_groups = 3;
  int64_t group_size = 4;
  int64_t vocab_size = 48;
  int64_t max_response = 9;
  uint64_t seed = 11;
};

/// Keyed draws: ids, lengths (2 to max_response), log-probabilities, entropies (no two equal),
/// planning masks and rewards (0 or 1, both in every group). Each token owns one byte of text.
inline std::vector<Group> made_up_step(const StepOptions& options = {}) {
  std::vector<Group> step;
  for (int64_t g = 0; g < options.num_groups; ++g) {
    const Stream stream(
        {.seed = options.seed, .purpose = "made-up step", .step = static_cast<uint64_t>(g)});
    uint64_t position = 0;
    const auto below = [&](int64_t bound) {
      return static_cast<int64_t>(stream.below(static_cast<uint64_t>(bound), position++));
    };
    Group group;
    group.problem.id = "problem-" + std::to_string(g);
    group.prompt.problem_id = group.problem.id;
    for (int64_t length = 2 + below(4); length > 0; --length) {
      group.prompt.token_ids.push_back(static_cast<int32_t>(below(options.vocab_size)));
    }
    for (int64_t i = 0; i < options.group_size; ++i) {
      Trajectory trajectory;
      Completion& completion = trajectory.completion;
      completion.sample = i;
      const int64_t length = 2 + below(options.max_response - 1);
      for (int64_t t = 0; t < length; ++t) {
        completion.token_ids.push_back(static_cast<int32_t>(below(options.vocab_size)));
        completion.logprobs.push_back(static_cast<float>(-0.1 - 3.0 * stream.uniform(position++)));
        completion.entropies.push_back(static_cast<float>(2.5 * stream.uniform(position++)));
        completion.byte_ranges.push_back({t, t + 1});
        completion.text.push_back(static_cast<char>('a' + t % 26));
        trajectory.planning_mask.push_back(below(3) == 0 ? 1 : 0);
      }
      completion.finish = Finish::kStop;
      trajectory.judgement.reward = i == 0 ? 1.0 : (i == 1 ? 0.0 : static_cast<double>(below(2)));
      group.trajectories.push_back(trajectory);
    }
    step.push_back(group);
  }
  return step;
}

}  // namespace stratagram
