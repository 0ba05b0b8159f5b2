// review/table.h -- candidates and decisions as tab-separated values: a review with a spreadsheet
// or an editor instead of a browser.
//
// Columns: gram, decision, role, into; then what helps to decide (counts, "says METHOD" a
// selection, a context). A decision is accept, reject, merge (with the gram it goes into under
// `into`), add (a gram that was not mined) or undecided; an empty cell leaves the gram as it is.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "review/desk.h"
#include "review/votes.h"

namespace stratagram::review {

/// A head line, then a line a candidate, in their order, then added grams. Tabs and line breaks of
/// contexts are blanks, and no cell begins like a formula of a spreadsheet.
[[nodiscard]] std::string table_of(const grams::CandidateList& candidates,
                                   const Votes& votes,
                                   const ReviewState& state,
                                   const std::string& reviewer);

/// The decisions that make the state what the table says; none for rows that say what holds. The
/// head names the columns, in any order; gram and decision must be among them, and those that are
/// not named above are ignored. Cells may be quoted as spreadsheets do ("" for a quote).
/// Throws Error(kData) that lists every fault as "NAME:LINE: ...": an unknown word, gram or role, a
/// cell that contradicts another, a line with another number of cells than the head, a gram that
/// came before, and what ReviewState::apply() refuses.
[[nodiscard]] std::vector<Decision> decisions_of_table(std::string_view text,
                                                       const std::string& name,
                                                       const ReviewState& state,
                                                       const std::string& reviewer);

}  // namespace stratagram::review
