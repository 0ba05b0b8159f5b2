// grams/vectors.h -- arithmetic of texts' vectors.
#pragma once

#include <span>

#include "grams/embedder.h"

namespace stratagram::grams {

/// Summed in double; both have the same width.
[[nodiscard]] double dot(std::span<const float> a, std::span<const float> b);

/// Scales each row to length 1; a row of zeros stays.
void scale_rows_(Embeddings& embeddings);

}  // namespace stratagram::grams
