#include "speed/subject.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/error.h"
#include "core/stream.h"
#include "model/weights.h"
#include "text/problems.h"

namespace stratagram::speed {
namespace {

// SmolLM2-135M as its authors published it.
model::ModelConfig smollm2_config() {
  model::ModelConfig config;
  config.family = model::Family::kLlama;
  config.vocab_size = 49152;
  config.width = 576;
  config.num_layers = 30;
  config.num_heads = 9;
  config.num_kv_heads = 3;
  config.head_width = 64;
  config.mlp_width = 1536;
  config.max_positions = 8192;
  config.rope_theta = 100000.0;
  config.norm_eps = 1e-5;
  config.tied_head = true;
  return config;
}

std::vector<int32_t> random_ids(int64_t count, int64_t vocab_size, const StreamKey& key) {
  const Stream stream(key);
  std::vector<int32_t> ids;
  ids.reserve(count);
  for (int64_t t = 0; t < count; ++t) {
    ids.push_back(static_cast<int32_t>(
        stream.below(static_cast<uint64_t>(vocab_size), static_cast<uint64_t>(t))));
  }
  return ids;
}

Trajectory random_trajectory(int64_t group, int64_t sample, const ResponseShape& shape) {
  Trajectory trajectory;
  Completion& completion = trajectory.completion;
  completion.sample = sample;
  completion.token_ids = random_ids(shape.tokens,
                                    shape.vocab_size,
                                    {.seed = 1,
                                     .purpose = "speed responses",
                                     .problem = static_cast<uint64_t>(group),
                                     .sample = static_cast<uint64_t>(sample)});
  completion.logprobs.assign(shape.tokens, 0.0F);
  completion.entropies.assign(shape.tokens, 0.0F);
  trajectory.planning_mask.assign(shape.tokens, 0);
  trajectory.advantages.assign(shape.tokens, (group + sample) % 2 == 0 ? 1.0F : -1.0F);
  return trajectory;
}

}  // namespace

rollout::Policy random_policy(const std::filesystem::path& tokenizer_json, at::ScalarType dtype) {
  const model::ModelConfig config = smollm2_config();
  model::Weights weights = model::random_weights(config, /*seed=*/1, dtype);
  return {.model = model::Transformer(config, std::move(weights)),
          .tokenizer = text::Tokenizer::from_json_file(tokenizer_json),
          .chat = text::ChatTemplate::named("plain"),
          .end_token_ids = {},
          .path = tokenizer_json.parent_path(),
          .tokenizer_files = {}};
}

std::vector<Prompt> random_prompts(const rollout::Policy& policy,
                                   int64_t count,
                                   int64_t num_tokens) {
  const int64_t vocab_size =
      std::min(policy.model.config().vocab_size, policy.tokenizer.vocab_size());
  std::vector<Prompt> prompts;
  prompts.reserve(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i) {
    prompts.push_back(
        {.problem_id = fmt::format("random-{}", i),
         .token_ids = random_ids(
             num_tokens,
             vocab_size,
             {.seed = 1, .purpose = "speed prompts", .problem = static_cast<uint64_t>(i)})});
  }
  return prompts;
}

std::vector<Prompt> problem_prompts(const rollout::Policy& policy,
                                    const std::filesystem::path& file,
                                    int64_t count) {
  const std::vector<Problem> problems =
      text::read_problems(file, {.skip_blank_answers = true}).problems;
  if (static_cast<int64_t>(problems.size()) < count) {
    fail(ErrorKind::kConfig,
         "{}: wanted {} problems, found {}; give fewer --prompts",
         file.string(),
         count,
         problems.size());
  }
  std::vector<Prompt> prompts;
  prompts.reserve(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i) {
    prompts.push_back(policy.prompt(problems[i].id, "", problems[i].text));
  }
  return prompts;
}

std::vector<Group> random_groups(std::span<const Prompt> prompts, const ResponseShape& shape) {
  std::vector<Group> groups;
  for (const Prompt& prompt : prompts) {
    Group group{.problem = {.id = prompt.problem_id}, .prompt = prompt, .trajectories = {}};
    for (int64_t i = 0; i < shape.group; ++i) {
      group.trajectories.push_back(
          random_trajectory(static_cast<int64_t>(groups.size()), i, shape));
    }
    groups.push_back(std::move(group));
  }
  return groups;
}

std::vector<Group> small_part(std::span<const Group> groups, int64_t tokens) {
  const auto cut = [&](auto& items) {
    if (items.size() > static_cast<size_t>(tokens)) items.resize(tokens);
  };
  std::vector<Group> part;
  for (const Group& group : groups.first(std::min<size_t>(2, groups.size()))) {
    Group small{.problem = group.problem, .prompt = group.prompt, .trajectories = {}};
    cut(small.prompt.token_ids);
    for (const Trajectory& whole : group.trajectories) {
      if (small.trajectories.size() == 2) break;
      Trajectory& trajectory = small.trajectories.emplace_back(whole);
      cut(trajectory.completion.token_ids);
      cut(trajectory.completion.logprobs);
      cut(trajectory.completion.entropies);
      cut(trajectory.planning_mask);
      cut(trajectory.advantages);
    }
    part.push_back(std::move(small));
  }
  return part;
}

}  // namespace stratagram::speed
