// math/brackets.h -- which bracket closes which.
#pragma once

#include "math/token.h"

namespace stratagram::math {

/// Sets `partner` and `is_balanced` of lexed tokens that end with kEnd. Round and square brackets
/// close each other: (1, 2]. One or two brackets that the end of the text left open are closed
/// there, and braces at the end that close nothing are dropped: answers are cut out of texts.
/// Where that fails, square brackets may look away from what they hold: ]1, 4[ is open, and the
/// text of such brackets becomes "]".
void pair_brackets_(Lexed& lexed);

}  // namespace stratagram::math
