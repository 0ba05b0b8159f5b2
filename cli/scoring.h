// cli/scoring.h -- given responses through a model: what `score` and `analyze --model` share.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "rollout/policy.h"
#include "train/score.h"

namespace stratagram::cli {

/// A prompt and its response in tokens, at least one each.
struct TokenItem {
  std::vector<int32_t> prompt;
  std::vector<int32_t> response;
};

/// Declares --temperature and --micro-batch-tokens. `target` must outlive the parse.
void add_score_options(CLI::App& command, train::ScoreOptions& target);

/// The ids of `what` in narrow form. Throws Error(kData) "WHERE: ..." for one that is outside the
/// model's vocabulary.
[[nodiscard]] std::vector<int32_t> checked_ids(const rollout::Policy& policy,
                                               std::span<const int64_t> ids,
                                               const std::string& what,
                                               const std::string& where);

/// Scores in the order given. Throws Error(kData) "WHERE: ..." for an item without prompt or
/// response; `where` is parallel to the items.
[[nodiscard]] std::vector<train::SequenceScores> score_items(const rollout::Policy& policy,
                                                             std::span<const TokenItem> items,
                                                             std::span<const std::string> where,
                                                             const train::ScoreOptions& options);

}  // namespace stratagram::cli
