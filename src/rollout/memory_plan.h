// rollout/memory_plan.h -- what a rollout will need, before it starts.
#pragma once

#include <c10/core/Device.h>

#include <cstdint>
#include <string>

#include "model/transformer.h"
#include "rollout/config.h"

namespace stratagram::rollout {

/// All in bytes but where the name says otherwise.
struct MemoryPlan {
  int64_t weights = 0;
  int64_t key_values = 0;
  int64_t packed = 0;   ///< copies of the weights for the products of a rollout; 0: none are made
  int64_t working = 0;  ///< activations and logits of one step
  int64_t budget = 0;   ///< what the plan had to fit into; 0 = unknown
  int64_t num_blocks = 0;
  int64_t blocks_wanted = 0;  ///< for max_sequences responses of full length at once
  int64_t blocks_needed = 0;  ///< for one prompt and one response
  int64_t block_bytes = 0;

  [[nodiscard]] int64_t total() const { return weights + packed + key_values + working; }
  [[nodiscard]] bool packs() const { return packed > 0; }
  /// "weights 540 MB + packed 540 MB + keys and values 310 MB (...) + working 80 MB = 930 MB of
  /// 20100 MB"
  [[nodiscard]] std::string text() const;
};

/// The largest work of a rollout.
struct RolloutShape {
  int64_t longest_prompt = 1;  ///< tokens
  int64_t num_prompts = 1;
  int64_t num_responses = 1;
  int64_t max_new_tokens = 1;
  /// Bytes that an earlier rollout's keys and values hold, which this one takes over: they are not
  /// free, and yet there to be had.
  int64_t held_key_values = 0;
};

/// Packs no weights where they cannot be or where keys and values would have to give way, and takes
/// fewer blocks than wanted when the budget is small: then fewer responses run at once.
/// Throws Error(kDevice), with the numbers, when not even one response fits.
[[nodiscard]] MemoryPlan plan_memory(const model::Transformer& model,
                                     const EngineConfig& config,
                                     const RolloutShape& shape);

/// Bytes this process may still allocate on the CPU; 0 when the system does not say.
[[nodiscard]] int64_t available_memory();

/// The same of any device. On the CPU memory that is kept for further tensors is given back first.
/// Of an accelerator libtorch says it, without what its own allocator keeps for reuse; that branch
/// has never run, as no machine with one was at hand.
[[nodiscard]] int64_t free_memory(at::Device device);

/// "62 MB", rounded up.
[[nodiscard]] std::string megabytes(int64_t bytes);

}  // namespace stratagram::rollout
