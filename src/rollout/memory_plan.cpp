#include "rollout/memory_plan.h"

#include <ATen/DeviceAccelerator.h>
#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "core/error.h"
#include "model/kv_cache.h"
#include "model/tensor_pages.h"
#include "rollout/pass_heights.h"

namespace stratagram::rollout {
namespace {

constexpr int64_t kMega = 1'000'000;

int64_t divide_up(int64_t a, int64_t b) {
  return (a + b - 1) / b;
}

}  // namespace

std::string megabytes(int64_t bytes) {
  return fmt::format("{} MB", divide_up(bytes, kMega));
}

int64_t available_memory() {
  std::ifstream info("/proc/meminfo");
  std::string key;
  int64_t kilobytes = 0;
  for (std::string unit; info >> key >> kilobytes; std::getline(info, unit)) {
    if (key == "MemAvailable:") return kilobytes * 1024;
  }
  return 0;
}

int64_t free_memory(at::Device device) {
  if (device.is_cpu()) {
    model::tensor_pages().release_kept_();
    return available_memory();
  }
  return static_cast<int64_t>(
      at::accelerator::getMemoryInfo(device.has_index() ? device.index() : 0).first);
}

std::string MemoryPlan::text() const {
  std::string line = "weights " + megabytes(weights);
  if (packs()) line += " + packed " + megabytes(packed);
  line += fmt::format(" + keys and values {} ({} blocks", megabytes(key_values), num_blocks);
  if (num_blocks < blocks_wanted) line += fmt::format(" of {} wanted", blocks_wanted);
  line += fmt::format(") + working {} = {}", megabytes(working), megabytes(total()));
  if (budget > 0) line += " of " + megabytes(budget);
  return line;
}

MemoryPlan plan_memory(const model::Transformer& model,
                       const EngineConfig& config,
                       const RolloutShape& shape) {
  const model::ModelConfig& m = model.config();
  const auto element = static_cast<int64_t>(c10::elementSize(model.dtype()));
  // The taller of the two: whether weights are packed comes out below.
  const PassHeights heights = pass_heights(config.max_sequences, /*packs=*/false);
  MemoryPlan plan;
  plan.weights = model.num_parameters() * element;

  const int64_t per_response =
      divide_up(shape.longest_prompt + shape.max_new_tokens, config.block_tokens);
  const int64_t per_prompt = divide_up(shape.longest_prompt, config.block_tokens);
  const int64_t at_once = std::min(config.max_sequences, shape.num_responses);
  // Prompts of one pass may be computed before a row is free for them.
  const int64_t ahead = heights.prompts / shape.longest_prompt + 1;
  // Logits, twice while one pass follows another, those after each prompt that waits, and the
  // widest layer's activations.
  const int64_t num_waiting = std::min(shape.num_prompts, at_once + ahead);
  plan.working =
      (2 * heights.responses + num_waiting) * m.vocab_size * element +
      std::max(heights.responses, heights.prompts) * 8 * (m.mlp_width + m.width) * element;

  plan.blocks_needed = per_prompt + per_response;
  plan.blocks_wanted = at_once * per_response + std::min(shape.num_prompts, at_once) * per_prompt +
                       std::min(shape.num_prompts, ahead) * plan.blocks_needed;
  plan.block_bytes = model::KvCacheShape{.num_layers = m.num_layers,
                                         .num_blocks = 1,
                                         .block_tokens = config.block_tokens,
                                         .num_kv_heads = m.num_kv_heads,
                                         .head_width = m.head_width}
                         .bytes(model.dtype());
  plan.num_blocks = plan.blocks_wanted;
  if (config.memory_budget_mb > 0) {
    plan.budget = config.memory_budget_mb * kMega;
  } else if (const int64_t free = free_memory(model.device()); free > 0) {
    // The weights are in memory already, so they do not count against what is free.
    plan.budget = free / 10 * 9 + plan.weights + shape.held_key_values;
  }
  if (plan.budget > 0) {
    const int64_t wanted = plan.blocks_wanted * plan.block_bytes;
    const int64_t room = plan.budget - plan.weights - plan.working;
    if (model.can_pack() && room - plan.weights >= wanted) plan.packed = plan.weights;
    plan.num_blocks = std::min(plan.blocks_wanted, std::max<int64_t>(room, 0) / plan.block_bytes);
  }
  plan.key_values = plan.num_blocks * plan.block_bytes;
  if (plan.num_blocks < plan.blocks_needed) {
    fail(ErrorKind::kDevice,
         "rollout: one response of {} + {} tokens needs weights {} + keys and values {} + working "
         "{}, the budget is {}; lower rollout.max_new_tokens or rollout.max_sequences, or raise "
         "rollout.memory_budget_mb",
         shape.longest_prompt,
         shape.max_new_tokens,
         megabytes(plan.weights),
         megabytes(plan.blocks_needed * plan.block_bytes),
         megabytes(plan.working),
         megabytes(plan.budget));
  }
  return plan;
}

}  // namespace stratagram::rollout
