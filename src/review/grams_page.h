// review/grams_page.h -- the page on which grams are reviewed: its files and its calls.
//
//   /api/start    {}                                   -> what the page shows once: reviewer, log,
//                                                         names of selections, roles, progress
//   /api/list     {order, show, search}                -> {"ids": [...], "progress"}
//   /api/rows     {ids}, at most 200                   -> {"rows": [...]}
//   /api/decide   {action, gram, role, merged_into}    -> {"row", "progress"}
//   /api/matches  {text}                               -> {"rows": [...]}, at most 12
#pragma once

#include "review/board.h"
#include "review/page_server.h"

namespace stratagram::review {

/// `board` outlives the page.
[[nodiscard]] Page grams_page(Board& board);

}  // namespace stratagram::review
