// math/parse.h -- the text of an answer to what it may mean. Reads LaTeX, plain text, Unicode and
// Python-like spellings. Nothing is ever evaluated; any bytes are taken and nothing is thrown.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "math/answer.h"

namespace stratagram::math {

struct ParseLimits {
  int64_t max_bytes = 16384;
  int64_t max_nodes = 8000;    ///< of all trees of one reading, and of the steps to them
  int depth = 200;             ///< of brackets, exponents and arguments in each other
  int64_t max_digits = 10000;  ///< of one number
};

struct Parsed {
  /// Best first, one to four. More than one only where the text is ambiguous: 1,234 is a number or
  /// a pair, (1,2) a point or an open interval. Empty when the text is no answer.
  std::vector<Answer> readings{};
  /// Then: "empty", "too_long" (bytes, digits or nodes), "too_deep".
  std::string fault{};
};

/// A text that is no mathematics is one reading of kind kText. Takes time and memory linear in the
/// bytes of the text, up to the limits.
[[nodiscard]] Parsed parse_answer(std::string_view text, const ParseLimits& limits = {});

}  // namespace stratagram::math
