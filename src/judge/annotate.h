// judge/annotate.h -- candidates asked about one by one: a strategic move that guides the logical
// flow, procedure, or neither (definitions, section 2, "Annotate").
#pragma once

#include <cstdint>
#include <span>

#include "grams/candidates.h"
#include "grams/selection.h"
#include "judge/survey.h"

namespace stratagram::judge {

/// Numbers of the options of gram_survey().
enum class GramKind : uint8_t { kDeduction, kBranching, kBacktracing, kProcedure, kNeither };

/// The question for these candidates, with up to `num_contexts` contexts each.
[[nodiscard]] Survey gram_survey(std::span<const grams::Candidate> candidates,
                                 int64_t num_contexts);

/// What the answers say, in the order of the candidates. The score is the share of the askings, 0,
/// 0.5 or 1, that chose a strategic move; strategic: both did. The role is the one that both chose;
/// none where they differ. A candidate that lacks an answer is left out: nothing is guessed.
[[nodiscard]] std::vector<grams::Choice> choices_of(std::span<const grams::Candidate> candidates,
                                                    const SurveyResult& result);

[[nodiscard]] bool is_strategic(GramKind kind);

}  // namespace stratagram::judge
