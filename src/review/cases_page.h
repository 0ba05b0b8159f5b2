// review/cases_page.h -- the page on which cases are answered: its files and its calls.
//
//   /api/start   {}                         -> reviewer, log, question, options, progress
//   /api/list    {show, search}             -> {"ids": [...], "progress"}
//   /api/rows    {ids}, at most 200         -> {"rows": [...]}: heading, answer, others
//   /api/case    {id}                       -> {"parts": [[title, text], ...]}
//   /api/decide  {action, id, answer}       -> {"row", "progress"}
// Ids are places in the list, from 0.
#pragma once

#include "review/cases.h"
#include "review/page_server.h"

namespace stratagram::review {

/// `desk` outlives the page. What other reviewers answered on a case shows only once this one
/// answered, so that their agreement is that of independent answers.
[[nodiscard]] Page cases_page(CaseDesk& desk);

}  // namespace stratagram::review
