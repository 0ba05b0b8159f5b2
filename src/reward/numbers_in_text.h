// reward/numbers_in_text.h -- where numbers stand in prose.
#pragma once

#include <optional>
#include <string_view>

#include "core/records.h"

namespace stratagram::reward {

/// The last number of a text: with sign, separators (1,234 1{,}234 1,\!234), decimals, an exponent
/// or a fraction bar between digits. A minus counts as its sign where nothing stands before it that
/// it could be subtracted from.
[[nodiscard]] std::optional<Range> last_number(std::string_view text);

/// The expression in which the last number of a text stands: "sqrt(5)", "3 + 7i", "(2, 3)", "2:3",
/// and the number itself where nothing of that kind is around it. What stands before an equality
/// sign is left out. Looks at no more than some hundred bytes around the number.
[[nodiscard]] std::optional<Range> last_value(std::string_view text);

}  // namespace stratagram::reward
