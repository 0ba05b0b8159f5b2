// rollout/engine.h -- prompts in, completions out: continuous batching over blocks of key and value
// memory.
//
// A forward pass is over prompts, tokens of one or several, or over responses, the next token of
// each. Both have a number of rows of their own that never changes (pass_heights.h) and end in
// padding where there is too little. A prompt is computed once and its blocks are shared by the
// samples of its group. The blocks that a response may ever need are reserved before it starts, so
// nothing is ever evicted.
//
// A completion depends on the weights, its own prompt, its own stream of random numbers and the
// number of rows and threads and whether weights are packed; not on what else is in the batch, its
// order or its timing. Matrix products of another height may round differently, which is why the
// height is fixed.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "core/records.h"
#include "model/transformer.h"
#include "rollout/config.h"
#include "rollout/memory_plan.h"
#include "text/tokenizer.h"

namespace stratagram::rollout {

struct Request {
  Prompt prompt;
  int64_t num_samples = 1;
  int64_t first_sample = 0;  ///< number of the first sample: part of the key of its draws
};

/// All optional; called from the thread that runs generate().
struct Callbacks {
  std::function<void(int64_t request, const Completion&)> on_completion;
  /// New bytes of a response; special tokens have none.
  std::function<void(int64_t request, int64_t sample, std::string_view bytes)> on_text;
  std::function<void(int64_t tokens_done, int64_t responses_done)> on_step;
};

/// Keys of the draws besides problem and sample.
struct RolloutKey {
  uint64_t seed = 0;
  uint64_t step = 0;
};

/// Not thread-safe. Model and tokenizer must outlive it; the model's weights may change between
/// calls of generate().
class Engine {
 public:
  Engine(const model::Transformer& model,
         const text::Tokenizer& tokenizer,
         std::vector<int32_t> end_token_ids,
         EngineConfig config);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// What generate() would need. Throws Error(kDevice), with the numbers, when it does not fit, and
  /// Error(kConfig) naming the problem whose prompt and budget exceed the model's positions.
  [[nodiscard]] MemoryPlan plan(const std::vector<Request>& requests,
                                const SamplingConfig& sampling) const;

  /// Completions by request and sample. Throws like plan(), Error(kInterrupted) soon after
  /// interrupted() turns true, Error(kNumeric) for logits that are not finite.
  [[nodiscard]] std::vector<std::vector<Completion>> generate(const std::vector<Request>& requests,
                                                              const SamplingConfig& sampling,
                                                              const RolloutKey& key,
                                                              const Callbacks& callbacks = {});

  /// Gives back the memory for keys and values, which otherwise waits for the next generate().
  void release();

 private:
  struct Memory;
  const model::Transformer& model_;
  const text::Tokenizer& tokenizer_;
  std::vector<int32_t> end_token_ids_;
  EngineConfig config_;
  std::unique_ptr<Memory> memory_;  ///< kept between calls; grows when a call needs more
};

}  // namespace stratagram::rollout
