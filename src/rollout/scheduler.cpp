#include "rollout/scheduler.h"

#include <algorithm>
#include <utility>

#include "core/error.h"

namespace stratagram::rollout {

Scheduler::Scheduler(const std::vector<Request>& requests,
                     const SamplingConfig& sampling,
                     const EngineConfig& config,
                     int64_t num_blocks)
    : requests_(requests), sampling_(sampling), config_(config), pool_(num_blocks) {}

int64_t Scheduler::blocks_for(int64_t tokens) const {
  return (tokens + config_.block_tokens - 1) / config_.block_tokens;
}

// Blocks that one sample takes besides the full ones it shares with its group.
int64_t Scheduler::blocks_of_sample(int64_t prompt_tokens) const {
  return blocks_for(prompt_tokens + sampling_.max_new_tokens) -
         prompt_tokens / config_.block_tokens;
}

bool Scheduler::done() const {
  return sequences_.empty() && groups_.empty() && next_request_ == requests_.size();
}

PrefillGroup* Scheduler::startable_group() {
  if (static_cast<int64_t>(sequences_.size()) >= config_.max_sequences) return nullptr;
  for (const auto& group : groups_) {
    const Request& request = requests_[group->request];
    if (!group->ready || group->samples_started == request.num_samples) continue;
    const auto prompt_tokens = static_cast<int64_t>(request.prompt.token_ids.size());
    const bool fits =
        group->first_reserved > 0 || pool_.num_available() >= blocks_of_sample(prompt_tokens);
    // In order: a later group must not take what an earlier one waits for.
    return fits ? group.get() : nullptr;
  }
  return nullptr;
}

void Scheduler::start(PrefillGroup& group, Response response, BlockCopy& copy) {
  const Request& request = requests_[group.request];
  const auto prompt_tokens = static_cast<int64_t>(request.prompt.token_ids.size());
  const int64_t needed = blocks_of_sample(prompt_tokens);
  if (group.first_reserved == 0) pool_.reserve(needed);
  group.first_reserved = 0;
  ++group.samples_started;
  const int64_t full_blocks = prompt_tokens / config_.block_tokens;
  auto sequence = std::make_unique<Sequence>(Sequence{.request = group.request,
                                                      .context = prompt_tokens,
                                                      .reserved = needed,
                                                      .blocks = {},
                                                      .response = std::move(response)});
  for (int64_t i = 0; i < full_blocks; ++i) {
    pool_.share(group.blocks[i]);
    sequence->blocks.push_back(group.blocks[i]);
  }
  copy = {};
  if (prompt_tokens % config_.block_tokens != 0) {
    sequence->blocks.push_back(pool_.take());
    --sequence->reserved;
    copy = {.from = group.blocks.back(), .to = sequence->blocks.back()};
  }
  sequences_.push_back(std::move(sequence));
}

void Scheduler::drop_spent_groups() {
  std::erase_if(groups_, [&](const std::unique_ptr<PrefillGroup>& group) {
    if (group->samples_started < requests_[group->request].num_samples) return false;
    for (const int32_t block : group->blocks) pool_.release(block);
    return true;
  });
}

void Scheduler::admit_groups() {
  // Prompts are computed ahead only as far as their samples can start soon.
  int64_t waiting = 0;
  for (const auto& group : groups_) {
    waiting += requests_[group->request].num_samples - group->samples_started;
  }
  while (next_request_ < requests_.size() &&
         static_cast<int64_t>(sequences_.size()) + waiting < config_.max_sequences) {
    const Request& request = requests_[next_request_];
    if (request.num_samples == 0) {
      ++next_request_;
      continue;
    }
    const auto prompt_tokens = static_cast<int64_t>(request.prompt.token_ids.size());
    const int64_t prompt_blocks = blocks_for(prompt_tokens);
    const int64_t sample_blocks = blocks_of_sample(prompt_tokens);
    if (pool_.num_available() < prompt_blocks + sample_blocks) return;
    auto group = std::make_unique<PrefillGroup>();
    group->request = static_cast<int64_t>(next_request_++);
    pool_.reserve(prompt_blocks + sample_blocks);
    group->first_reserved = sample_blocks;
    for (int64_t i = 0; i < prompt_blocks; ++i) group->blocks.push_back(pool_.take());
    waiting += request.num_samples;
    groups_.push_back(std::move(group));
  }
}

void Scheduler::grow(Sequence& sequence) {
  if (sequence.context % config_.block_tokens != 0) return;
  if (sequence.context / config_.block_tokens < static_cast<int64_t>(sequence.blocks.size())) {
    return;
  }
  STRATAGRAM_CHECK(sequence.reserved > 0, "a sequence outgrew the blocks reserved for it");
  sequence.blocks.push_back(pool_.take());
  --sequence.reserved;
}

Step Scheduler::next_step() {
  admit_groups();
  Step step;
  step.batch.block_tokens = config_.block_tokens;
  const auto add_row = [&](int64_t token, int64_t position, int64_t owner) {
    step.tokens.push_back(token);
    step.positions.push_back(position);
    step.batch.rows.push_back({.sequence = owner, .context = position + 1});
    return static_cast<int64_t>(step.tokens.size()) - 1;
  };
  for (const auto& sequence : sequences_) {
    grow(*sequence);
    const auto owner = static_cast<int64_t>(step.batch.blocks.size());
    step.batch.blocks.push_back(sequence->blocks);
    const int64_t token = sequence->response.completion().token_ids.back();
    step.sequence_rows.push_back(add_row(token, sequence->context, owner));
    ++sequence->context;
  }
  const auto num_rows = [&] { return static_cast<int64_t>(step.tokens.size()); };
  for (const auto& group : groups_) {
    const std::vector<int32_t>& prompt = requests_[group->request].prompt.token_ids;
    const auto prompt_tokens = static_cast<int64_t>(prompt.size());
    if (group->tokens_done == prompt_tokens || num_rows() == config_.num_rows()) continue;
    const auto owner = static_cast<int64_t>(step.batch.blocks.size());
    step.batch.blocks.push_back(group->blocks);
    while (group->tokens_done < prompt_tokens && num_rows() < config_.num_rows()) {
      add_row(prompt[group->tokens_done], group->tokens_done, owner);
      ++group->tokens_done;
    }
    if (group->tokens_done == prompt_tokens) {
      step.completed_prompts.emplace_back(group.get(), num_rows() - 1);
    }
  }
  while (num_rows() < config_.num_rows()) {
    step.tokens.push_back(0);
    step.positions.push_back(0);
    step.batch.rows.push_back({.sequence = -1, .context = 0});
  }
  return step;
}

void Scheduler::finish(size_t index) {
  Sequence& sequence = *sequences_.at(index);
  for (const int32_t block : sequence.blocks) pool_.release(block);
  pool_.unreserve(sequence.reserved);
  sequences_.erase(sequences_.begin() + static_cast<std::ptrdiff_t>(index));
}

}  // namespace stratagram::rollout
