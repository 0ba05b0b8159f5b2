// review/reviewed.h -- what came of a review, as a selection like that of any other method.
#pragma once

#include <string>

#include "grams/candidates.h"
#include "grams/selection.h"
#include "review/state.h"

namespace stratagram::review {

/// A choice for every gram that someone decided: candidates in their order, then added grams.
/// Strategic: more reviewers accept it than reject it or merge it away. Where they are even,
/// `deciding` has the say; where that reviewer did not decide, the gram is not in the result, as
/// nothing was settled. Role: the one that most of those who accept it assign, an even number being
/// settled by `deciding`, else by who came first. Score: the share of those who accept it, in [0,
/// 1]. `settings` holds the reviewers, `deciding`, and the number of grams left out as even.
[[nodiscard]] grams::Selection selection_of(const grams::CandidateList& candidates,
                                            const ReviewState& state,
                                            const std::string& deciding);

}  // namespace stratagram::review
