// speed/sample_text.h -- text that is drawn to look like worked solutions, for timing what reads
// text.
#pragma once

#include <cstddef>
#include <string>

namespace stratagram::speed {

/// Words, numbers, formulas and line breaks in about the shares of a worked solution; the same for
/// the same size, and a longer one begins with a shorter one.
[[nodiscard]] std::string sample_text(size_t num_bytes);

}  // namespace stratagram::speed
