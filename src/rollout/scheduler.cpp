#include "rollout/scheduler.h"

#include <algorithm>
#include <utility>

#include "core/error.h"

namespace stratagram::rollout {
namespace {

void add_row(Pass& pass, int64_t token, int64_t position, int64_t owner) {
  pass.tokens.push_back(token);
  pass.positions.push_back(position);
  pass.batch.rows.push_back({.sequence = owner, .context = position + 1});
}

void pad(Pass& pass, int64_t num_rows) {
  pass.tokens.resize(num_rows, 0);
  pass.positions.resize(num_rows, 0);
  pass.batch.rows.resize(num_rows, {.sequence = -1, .context = 0});
}

}  // namespace

Scheduler::Scheduler(const std::vector<Request>& requests,
                     const SamplingConfig& sampling,
                     const EngineConfig& config,
                     const PassHeights& heights,
                     int64_t num_blocks)
    : requests_(requests),
      sampling_(sampling),
      config_(config),
      heights_(heights),
      pool_(num_blocks) {}

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

// Samples of admitted groups that have not started.
int64_t Scheduler::num_waiting() const {
  int64_t waiting = 0;
  for (const auto& group : groups_) {
    waiting += requests_[group->request].num_samples - group->samples_started;
  }
  return waiting;
}

// Blocks that waiting samples would take, besides what is reserved, if they filled every free row.
int64_t Scheduler::blocks_wanted_soon() const {
  int64_t free_rows = config_.max_sequences - static_cast<int64_t>(sequences_.size());
  int64_t blocks = 0;
  for (const auto& group : groups_) {
    const Request& request = requests_[group->request];
    const int64_t samples = std::min(request.num_samples - group->samples_started, free_rows);
    free_rows -= samples;
    const int64_t unreserved = samples - (group->first_reserved > 0 && samples > 0 ? 1 : 0);
    blocks += unreserved * blocks_of_sample(static_cast<int64_t>(request.prompt.token_ids.size()));
  }
  return blocks;
}

// False when there is none or no room for it. `ahead`: before any row waits for it.
bool Scheduler::admit_next_group(bool ahead) {
  while (next_request_ < requests_.size() && requests_[next_request_].num_samples == 0) {
    ++next_request_;
  }
  if (next_request_ == requests_.size()) return false;
  const auto prompt_tokens = static_cast<int64_t>(requests_[next_request_].prompt.token_ids.size());
  const int64_t prompt_blocks = blocks_for(prompt_tokens);
  const int64_t sample_blocks = blocks_of_sample(prompt_tokens);
  const int64_t kept_free = ahead ? blocks_wanted_soon() : 0;
  if (pool_.num_available() < prompt_blocks + sample_blocks + kept_free) return false;
  auto group = std::make_unique<PrefillGroup>();
  group->request = static_cast<int64_t>(next_request_++);
  pool_.reserve(prompt_blocks + sample_blocks);
  group->first_reserved = sample_blocks;
  for (int64_t i = 0; i < prompt_blocks; ++i) group->blocks.push_back(pool_.take());
  groups_.push_back(std::move(group));
  return true;
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

std::optional<PromptPass> Scheduler::next_prompt_pass() {
  const auto is_done = [&](const PrefillGroup& group) {
    return group.tokens_done ==
           static_cast<int64_t>(requests_[group.request].prompt.token_ids.size());
  };
  const int64_t free_rows = config_.max_sequences - static_cast<int64_t>(sequences_.size());
  // A sample whose prompt is known waits for blocks, not for a pass.
  const bool any_ready = std::any_of(groups_.begin(), groups_.end(), [&](const auto& group) {
    return is_done(*group) && group->samples_started < requests_[group->request].num_samples;
  });
  if (free_rows <= 0 || any_ready) return std::nullopt;
  const int64_t num_rows = heights_.prompts;
  PromptPass pass{};
  size_t index = 0;
  while (pass.num_rows() < num_rows) {
    while (index < groups_.size() && is_done(*groups_[index])) ++index;
    if (index == groups_.size() && !admit_next_group(/*ahead=*/num_waiting() >= free_rows)) break;
    PrefillGroup& group = *groups_[index];
    const std::vector<int32_t>& prompt = requests_[group.request].prompt.token_ids;
    const auto owner = static_cast<int64_t>(pass.batch.blocks.size());
    pass.batch.blocks.push_back(group.blocks);
    while (!is_done(group) && pass.num_rows() < num_rows) {
      add_row(pass, prompt[group.tokens_done], group.tokens_done, owner);
      ++group.tokens_done;
    }
    if (is_done(group)) pass.completed.emplace_back(&group, pass.num_rows() - 1);
  }
  if (pass.num_rows() == 0) return std::nullopt;
  pad(pass, num_rows);
  return pass;
}

Pass Scheduler::next_response_pass() {
  Pass pass;
  for (const auto& sequence : sequences_) {
    grow(*sequence);
    const auto owner = static_cast<int64_t>(pass.batch.blocks.size());
    pass.batch.blocks.push_back(sequence->blocks);
    add_row(pass, sequence->response.completion().token_ids.back(), sequence->context, owner);
    ++sequence->context;
  }
  pad(pass, heights_.responses);
  return pass;
}

void Scheduler::finish(size_t index) {
  Sequence& sequence = *sequences_.at(index);
  for (const int32_t block : sequence.blocks) pool_.release(block);
  pool_.unreserve(sequence.reserved);
  sequences_.erase(sequences_.begin() + static_cast<std::ptrdiff_t>(index));
}

}  // namespace stratagram::rollout
