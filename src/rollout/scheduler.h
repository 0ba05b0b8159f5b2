// rollout/scheduler.h -- which tokens go into the next forward pass, and where their keys and
// values lie. Knows blocks and counts, no tensors.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "model/cached_attention.h"
#include "rollout/block_pool.h"
#include "rollout/engine.h"
#include "rollout/pass_heights.h"
#include "rollout/response.h"

namespace stratagram::rollout {

/// A prompt whose keys and values are being computed or wait for its samples to start.
struct PrefillGroup {
  int64_t request = 0;
  int64_t tokens_done = 0;
  int64_t samples_started = 0;
  std::vector<int32_t> blocks;
  int64_t first_reserved = 0;  ///< blocks set aside so that its first sample can always start
  bool ready = false;          ///< the logits after its last token are known
};

/// A response that is being decoded.
struct Sequence {
  int64_t request = 0;
  int64_t context = 0;  ///< tokens whose keys and values are in the cache
  int64_t reserved = 0;
  std::vector<int32_t> blocks;
  Response response;
};

/// One copy of slots that must happen before a sequence's first forward pass.
struct BlockCopy {
  int32_t from = 0;
  int32_t to = 0;
};

/// What one forward pass computes.
struct Pass {
  model::CacheBatch batch;
  std::vector<int64_t> tokens;
  std::vector<int64_t> positions;

  [[nodiscard]] int64_t num_rows() const { return static_cast<int64_t>(tokens.size()); }
};

/// Prompt tokens, and the groups whose last one is among them, each with its row.
struct PromptPass : Pass {
  std::vector<std::pair<PrefillGroup*, int64_t>> completed;
};

class Scheduler {
 public:
  Scheduler(const std::vector<Request>& requests,
            const SamplingConfig& sampling,
            const EngineConfig& config,
            const PassHeights& heights,
            int64_t num_blocks);

  /// A ready group with samples left to start, when a row and blocks are free; else null.
  [[nodiscard]] PrefillGroup* startable_group();

  /// Starts the group's next sample with its first token sampled already. `copy` says which block
  /// to copy first, if any (from != to).
  void start(PrefillGroup& group, Response response, BlockCopy& copy);

  /// Drops groups all of whose samples have started.
  void drop_spent_groups();

  /// The next pass over prompts, padded to its height, when a response could
  /// start if a prompt were known; none otherwise. Fills itself with prompts of later groups, so
  /// that passes are few, as far as there are blocks that no waiting sample could use.
  [[nodiscard]] std::optional<PromptPass> next_prompt_pass();

  /// The next token of every sequence, in their order, padded to the height.
  [[nodiscard]] Pass next_response_pass();

  /// Ends a sequence and frees its blocks.
  void finish(size_t sequence);

  [[nodiscard]] std::vector<std::unique_ptr<Sequence>>& sequences() { return sequences_; }
  [[nodiscard]] bool done() const;

 private:
  [[nodiscard]] int64_t blocks_for(int64_t tokens) const;
  [[nodiscard]] int64_t blocks_of_sample(int64_t prompt_tokens) const;
  [[nodiscard]] int64_t num_waiting() const;
  [[nodiscard]] int64_t blocks_wanted_soon() const;
  [[nodiscard]] bool admit_next_group(bool ahead);
  void grow(Sequence& sequence);

  const std::vector<Request>& requests_;
  SamplingConfig sampling_;
  EngineConfig config_;
  PassHeights heights_;
  BlockPool pool_;
  size_t next_request_ = 0;
  std::deque<std::unique_ptr<PrefillGroup>> groups_;
  std::vector<std::unique_ptr<Sequence>> sequences_;
};

}  // namespace stratagram::rollout
