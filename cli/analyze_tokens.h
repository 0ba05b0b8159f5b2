// cli/analyze_tokens.h -- what an analysis knows of tokens beside the rows: from a model, or from
// the tokenizer of the run that wrote them.
#pragma once

#include <filesystem>
#include <functional>
#include <span>

#include "analysis/analyse.h"
#include "grams/catalogue.h"
#include "rollout/policy.h"
#include "train/score.h"

namespace stratagram::cli {

using Complete = std::function<void(std::span<analysis::ReadResponse>)>;

/// Gives responses what their rows do not say: tokens, the bytes that each owns, log-probabilities
/// and entropies, as `score` gives them. Prompts and responses are taken as they are, without a
/// chat template. `policy` must outlive the result, which throws Error(kData) "FILE:LINE: ..." for
/// rows without a prompt, ids outside the vocabulary, and token_ids that do not decode to the
/// response.
[[nodiscard]] Complete complete_by_model(const rollout::Policy& policy,
                                         const train::ScoreOptions& options);

/// Gives rollouts of runs that left a checkpoint the bytes that each of their tokens owns. Throws
/// like the one above for token_ids that do not decode to the response.
[[nodiscard]] Complete complete_by_runs();

/// Warns of each run folder without a checkpoint whose rows carry planning tokens of another
/// catalogue than this one: nothing else says then what its planning tokens are.
void warn_of_other_catalogues(std::span<const std::filesystem::path> paths,
                              const grams::Catalogue& catalogue);

}  // namespace stratagram::cli
