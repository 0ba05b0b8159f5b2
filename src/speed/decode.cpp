#include "speed/decode.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/error.h"
#include "rollout/engine.h"
#include "speed/exact_pass.h"
#include "speed/subject.h"
#include "train/clock.h"

namespace stratagram::speed {
namespace {

std::vector<rollout::Request> requests_of(const rollout::Policy& policy, const DecodeShape& shape) {
  std::vector<rollout::Request> requests;
  for (Prompt& prompt : random_prompts(policy, shape.sequences, shape.prompt_tokens)) {
    requests.push_back({.prompt = std::move(prompt)});
  }
  return requests;
}

DecodeSpeed time_decode(const rollout::Policy& policy, const DecodeShape& shape) {
  STRATAGRAM_CHECK(shape.new_tokens >= 2, "wanted 2 new tokens or more, got {}", shape.new_tokens);
  const std::vector<rollout::Request> requests = requests_of(policy, shape);
  rollout::Engine engine(policy.model, policy.tokenizer, {}, {.max_sequences = shape.sequences});
  int64_t num_tokens = 0;
  const auto seconds_of = [&](int64_t new_tokens) {
    const train::Clock clock;
    const auto completions = engine.generate(requests, {.max_new_tokens = new_tokens}, {.seed = 3});
    const double seconds = clock.seconds();
    num_tokens = 0;
    for (const auto& group : completions) {
      num_tokens += static_cast<int64_t>(group.front().token_ids.size());
    }
    return seconds;
  };
  (void)seconds_of(2);
  const double reading = std::min(seconds_of(1), seconds_of(1));
  const double all = seconds_of(shape.new_tokens);
  if (!(all > reading)) {
    fail(ErrorKind::kConfig,
         "decoding {} tokens took {} s, the first of them {} s: too few to time; give more",
         shape.new_tokens,
         all,
         reading);
  }
  return {
      .prompt_tokens_per_s = static_cast<double>(shape.sequences * shape.prompt_tokens) / reading,
      .new_tokens_per_s = static_cast<double>(num_tokens - shape.sequences) / (all - reading),
      .seconds = all};
}

}  // namespace

void check_short_rollout(const rollout::Policy& policy,
                         const Prompt& prompt,
                         int64_t max_sequences) {
  rollout::Engine engine(policy.model, policy.tokenizer, {}, {.max_sequences = max_sequences});
  const auto few = engine.generate({{.prompt = prompt}}, {.max_new_tokens = 4}, {.seed = 3});
  (void)check_rollout(policy.model, prompt, few.front().front());
}

DecodeSpeed measure_decode(const rollout::Policy& policy, const DecodeShape& shape) {
  check_short_rollout(
      policy, random_prompts(policy, 1, shape.prompt_tokens).front(), shape.sequences);
  return time_decode(policy, shape);
}

}  // namespace stratagram::speed
