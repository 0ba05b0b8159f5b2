#include "rollout/engine.h"

#include <ATen/ops/tensor.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <numeric>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "core/error.h"
#include "core/interrupt.h"
#include "core/stream.h"
#include "model/cached_attention.h"
#include "model/kv_cache.h"
#include "model/tensor_pages.h"
#include "rollout/pass_heights.h"
#include "rollout/sampler.h"
#include "rollout/scheduler.h"

namespace stratagram::rollout {

struct Engine::Memory {
  model::KvCache cache;
  int64_t num_blocks;
  int64_t bytes;
};

namespace {

RolloutShape shape_of(const std::vector<Request>& requests, const SamplingConfig& sampling) {
  RolloutShape shape{.num_prompts = static_cast<int64_t>(requests.size()),
                     .num_responses = 0,
                     .max_new_tokens = sampling.max_new_tokens};
  for (const Request& request : requests) {
    shape.longest_prompt =
        std::max(shape.longest_prompt, static_cast<int64_t>(request.prompt.token_ids.size()));
    shape.num_responses += request.num_samples;
  }
  return shape;
}

at::Tensor ids_on(const std::vector<int64_t>& ids, at::Device device) {
  return at::tensor(ids, at::TensorOptions().dtype(at::kLong)).to(device);
}

// One call of generate().
class Run {
 public:
  struct Parts {
    const model::Transformer& model;
    const text::Tokenizer& tokenizer;
    const std::vector<int32_t>& end_token_ids;
    const EngineConfig& config;
    model::KvCache& cache;
    int64_t num_blocks;
    PassHeights heights;
    const model::Products& products;
  };

  Run(Parts parts,
      const std::vector<Request>& requests,
      const SamplingConfig& sampling,
      const RolloutKey& key,
      const Callbacks& callbacks)
      : parts_(parts),
        requests_(requests),
        sampling_(sampling),
        key_(key),
        callbacks_(callbacks),
        scheduler_(requests, sampling, parts.config, parts.heights, parts.num_blocks),
        completions_(requests.size()) {
    for (size_t i = 0; i < requests.size(); ++i) completions_[i].resize(requests[i].num_samples);
  }

  std::vector<std::vector<Completion>> run() {
    const c10::InferenceMode inference;
    while (!scheduler_.done()) {
      throw_if_interrupted(
          "stopped; responses that were not yet written are lost, so run the command again");
      while (PrefillGroup* group = scheduler_.startable_group()) start_samples(*group);
      scheduler_.drop_spent_groups();
      if (scheduler_.done()) break;
      if (const auto prompts = scheduler_.next_prompt_pass()) {
        read_prompts(*prompts);
        continue;
      }
      add_tokens(scheduler_.next_response_pass());
      if (callbacks_.on_step) callbacks_.on_step(tokens_done_, responses_done_);
    }
    return std::move(completions_);
  }

 private:
  [[nodiscard]] double uniform(int64_t request, int64_t sample, int64_t position) const {
    const Stream stream({.seed = key_.seed,
                         .purpose = "rollout",
                         .step = key_.step,
                         .problem = hash_name(requests_[request].prompt.problem_id),
                         .sample = static_cast<uint64_t>(sample)});
    return stream.uniform(static_cast<uint64_t>(position));
  }

  // Draws the first token of as many samples as there is room for, from the prompt's last logits.
  void start_samples(PrefillGroup& group) {
    const Request& request = requests_[group.request];
    const int64_t first = request.first_sample + group.samples_started;
    const int64_t count =
        std::min(request.num_samples - group.samples_started, parts_.heights.responses);
    std::vector<double> uniforms;
    uniforms.reserve(count);
    for (int64_t i = 0; i < count; ++i) uniforms.push_back(uniform(group.request, first + i, 0));
    const at::Tensor logits_BV =
        prompt_logits_.at(&group).unsqueeze(0).expand({count, -1}).contiguous();
    const std::vector<Sampled> sampled = sample(logits_BV, uniforms, sampling_);
    for (int64_t i = 0; i < count && scheduler_.startable_group() == &group; ++i) {
      BlockCopy copy;
      scheduler_.start(group, Response(first + i, key_.seed), copy);
      if (copy.from != copy.to) parts_.cache.copy_block(copy.from, copy.to);
      add_token(scheduler_.sequences().size() - 1, sampled[i]);
    }
    if (group.samples_started == request.num_samples) prompt_logits_.erase(&group);
  }

  // Adds a token to a sequence; true when that ended it.
  bool add_token(size_t index, const Sampled& sampled) {
    Sequence& sequence = *scheduler_.sequences()[index];
    const auto reason =
        sequence.response.add(sampled, parts_.tokenizer, sampling_, parts_.end_token_ids);
    ++tokens_done_;
    const int64_t sample = sequence.response.completion().sample;
    if (callbacks_.on_text && parts_.tokenizer.has_text(sampled.token)) {
      callbacks_.on_text(sequence.request, sample, parts_.tokenizer.token_bytes(sampled.token));
    }
    if (!reason) return false;
    ++responses_done_;
    const int64_t request = sequence.request;
    Completion& place = completions_[request][sample - requests_[request].first_sample];
    place = sequence.response.finish(*reason, parts_.tokenizer);
    scheduler_.finish(index);
    if (callbacks_.on_completion) callbacks_.on_completion(request, place);
    return true;
  }

  at::Tensor forward(const Pass& pass) {
    const at::Device device = parts_.model.device();
    model::CachedAttention attention(parts_.cache, pass.batch);
    return parts_.model.forward(ids_on(pass.tokens, device),
                                ids_on(pass.positions, device),
                                attention,
                                {.products = parts_.products});
  }

  // The logits after each prompt that the pass completes.
  void read_prompts(const PromptPass& pass) {
    // As many rows in every product of the head, so that each prompt's rounds alike.
    constexpr int64_t kHeadRows = 16;
    const at::Tensor hidden_ND = forward(pass);
    const auto num_completed = static_cast<int64_t>(pass.completed.size());
    for (int64_t begin = 0; begin < num_completed; begin += kHeadRows) {
      const int64_t count = std::min(kHeadRows, num_completed - begin);
      std::vector<int64_t> rows(kHeadRows, 0);
      for (int64_t i = 0; i < count; ++i) rows[i] = pass.completed[begin + i].second;
      const at::Tensor logits_BV =
          parts_.model.head_logits(hidden_ND.index_select(0, ids_on(rows, hidden_ND.device())));
      for (int64_t i = 0; i < count; ++i) {
        PrefillGroup* group = pass.completed[begin + i].first;
        prompt_logits_[group] = logits_BV[i].clone();
        group->ready = true;
      }
    }
  }

  // The next token of every sequence; sequence i is row i.
  void add_tokens(const Pass& pass) {
    const size_t num_sequences = scheduler_.sequences().size();
    const at::Tensor logits_BV = parts_.model.head_logits(forward(pass), parts_.products);
    std::vector<double> uniforms(pass.num_rows(), 0.0);
    for (size_t i = 0; i < num_sequences; ++i) {
      const Sequence& sequence = *scheduler_.sequences()[i];
      const Completion& completion = sequence.response.completion();
      uniforms[i] = uniform(
          sequence.request, completion.sample, static_cast<int64_t>(completion.token_ids.size()));
    }
    const std::vector<Sampled> sampled = sample(logits_BV, uniforms, sampling_);
    size_t index = 0;
    for (size_t i = 0; i < num_sequences; ++i) {
      if (!add_token(index, sampled[i])) ++index;
    }
  }

  Parts parts_;
  const std::vector<Request>& requests_;
  const SamplingConfig& sampling_;
  RolloutKey key_;
  const Callbacks& callbacks_;
  Scheduler scheduler_;
  std::vector<std::vector<Completion>> completions_;
  std::unordered_map<const PrefillGroup*, at::Tensor> prompt_logits_;  ///< [V] each
  int64_t tokens_done_ = 0;
  int64_t responses_done_ = 0;
};

}  // namespace

Engine::Engine(const model::Transformer& model,
               const text::Tokenizer& tokenizer,
               std::vector<int32_t> end_token_ids,
               EngineConfig config)
    : model_(model),
      tokenizer_(tokenizer),
      end_token_ids_(std::move(end_token_ids)),
      config_(config) {}

Engine::~Engine() = default;

void Engine::release() {
  memory_.reset();
  // To the system, not to the next tensors: what follows may want other sizes, or the page cache.
  if (model_.device().is_cpu()) model::tensor_pages().release_kept_();
}

MemoryPlan Engine::plan(const std::vector<Request>& requests,
                        const SamplingConfig& sampling) const {
  for (const Request& request : requests) {
    const auto prompt_tokens = static_cast<int64_t>(request.prompt.token_ids.size());
    const int64_t total = prompt_tokens + sampling.max_new_tokens;
    if (prompt_tokens == 0) {
      fail(ErrorKind::kConfig, "problem '{}': its prompt has no token", request.prompt.problem_id);
    }
    if (total > model_.config().max_positions) {
      fail(ErrorKind::kConfig,
           "problem '{}': {} prompt tokens and rollout.max_new_tokens = {} exceed the model's {} "
           "positions; shorten either",
           request.prompt.problem_id,
           prompt_tokens,
           sampling.max_new_tokens,
           model_.config().max_positions);
    }
  }
  RolloutShape shape = shape_of(requests, sampling);
  if (memory_ != nullptr) shape.held_key_values = memory_->bytes;
  return plan_memory(model_, config_, shape);
}

std::vector<std::vector<Completion>> Engine::generate(const std::vector<Request>& requests,
                                                      const SamplingConfig& sampling,
                                                      const RolloutKey& key,
                                                      const Callbacks& callbacks) {
  const MemoryPlan memory_plan = plan(requests, sampling);
  if (memory_ == nullptr || memory_->num_blocks < memory_plan.num_blocks) {
    memory_.reset();  // before the new one is allocated
    const model::ModelConfig& m = model_.config();
    memory_ = std::make_unique<Memory>(Memory{
        .cache = model::KvCache({.num_layers = m.num_layers,
                                 .num_blocks = memory_plan.num_blocks,
                                 .block_tokens = config_.block_tokens,
                                 .num_kv_heads = m.num_kv_heads,
                                 .head_width = m.head_width},
                                at::TensorOptions().dtype(model_.dtype()).device(model_.device())),
        .num_blocks = memory_plan.num_blocks,
        .bytes = memory_plan.key_values});
  }
  const PassHeights heights = pass_heights(config_.max_sequences, memory_plan.packs());
  std::optional<model::PackedProducts> packed;
  if (memory_plan.packs()) packed = model_.packed_for(heights.responses);
  Run run({.model = model_,
           .tokenizer = tokenizer_,
           .end_token_ids = end_token_ids_,
           .config = config_,
           .cache = memory_->cache,
           .num_blocks = memory_->num_blocks,
           .heights = heights,
           .products = packed ? *packed : model::plain_products()},
          requests,
          sampling,
          key,
          callbacks);
  return run.run();
}

}  // namespace stratagram::rollout
