// math/lexer.h -- text to tokens. Any bytes are taken; time and memory are linear in their number.
#pragma once

#include <string_view>

#include "math/token.h"

namespace stratagram::math {

struct LexOptions {
  bool thousands = true;  ///< whether 1,234 outside of brackets is one number
};

[[nodiscard]] Lexed lex(std::string_view text, const LexOptions& options = {});

}  // namespace stratagram::math
