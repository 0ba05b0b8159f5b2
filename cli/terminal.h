// cli/terminal.h -- what stdout is, for results that look nicer on a terminal.
#pragma once

#include <cstddef>

namespace stratagram::cli {

/// Columns of the terminal that stdout goes to; 0 when it goes into a file or pipe.
[[nodiscard]] size_t stdout_columns();

/// True on a terminal, unless NO_COLOR is set or TERM is "dumb".
[[nodiscard]] bool stdout_has_colours();

}  // namespace stratagram::cli
