#include "cli/scoring.h"

#include "core/error.h"
#include "core/interrupt.h"

namespace stratagram::cli {

void add_score_options(CLI::App& command, train::ScoreOptions& target) {
  command.add_option("--temperature", target.temperature, "divides the logits")
      ->check(CLI::Range(1e-6, 100.0))
      ->capture_default_str();
  command.add_option("--micro-batch-tokens", target.micro_batch_tokens, "tokens in one pass")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
}

std::vector<int32_t> checked_ids(const rollout::Policy& policy,
                                 std::span<const int64_t> ids,
                                 const std::string& what,
                                 const std::string& where) {
  std::vector<int32_t> narrow;
  narrow.reserve(ids.size());
  for (const int64_t id : ids) {
    if (id < 0 || id >= policy.model.config().vocab_size) {
      fail(ErrorKind::kData,
           "{}: field '{}': id {}: wanted 0 to {}, the model's vocabulary",
           where,
           what,
           id,
           policy.model.config().vocab_size - 1);
    }
    narrow.push_back(static_cast<int32_t>(id));
  }
  return narrow;
}

std::vector<train::SequenceScores> score_items(const rollout::Policy& policy,
                                               std::span<const TokenItem> items,
                                               std::span<const std::string> where,
                                               const train::ScoreOptions& options) {
  throw_if_interrupted("stopped; nothing was written, so run the command again");
  std::vector<train::Sequence> sequences;
  sequences.reserve(items.size());
  for (size_t i = 0; i < items.size(); ++i) {
    if (items[i].prompt.empty() || items[i].response.empty()) {
      fail(ErrorKind::kData, "{}: prompt and response need a token each", where[i]);
    }
    sequences.push_back({items[i].prompt, items[i].response});
  }
  return train::score_sequences(policy.model, sequences, options);
}

}  // namespace stratagram::cli
