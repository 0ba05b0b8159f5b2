// cli/help_layout.h -- text in lines and columns, for a terminal of 100 columns.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace stratagram::cli {

/// Words one after the other; a line that would grow too long goes on after `indent` blanks.
/// `column` is where the first line stands already.
[[nodiscard]] std::string wrapped(const std::vector<std::string>& words,
                                  size_t column,
                                  size_t indent);

/// A name and its meaning.
using Row = std::pair<std::string, std::string>;

/// A line a row, the meanings in one column; a name that is too long for it stands alone.
[[nodiscard]] std::string table(const std::vector<Row>& rows);

}  // namespace stratagram::cli
