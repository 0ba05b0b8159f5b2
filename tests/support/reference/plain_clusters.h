// tests/support/reference/plain_clusters.h -- the inner loop of clustering as its definition has
// it: what grams/best_column.h must give.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "grams/embedder.h"

namespace stratagram::reference {

/// For each row the c with the largest row . centre_c - offset_c, in sums of `Number`; the lowest
/// of equal ones.
template <typename Number>
std::vector<int32_t> plain_best(const grams::Embeddings& rows,
                                std::span<const float> centres,
                                std::span<const float> offsets) {
  std::vector<int32_t> best(static_cast<size_t>(rows.num_rows()), 0);
  for (int64_t i = 0; i < rows.num_rows(); ++i) {
    Number highest = -std::numeric_limits<Number>::infinity();
    for (size_t c = 0; c < offsets.size(); ++c) {
      Number score = -static_cast<Number>(offsets[c]);
      for (int64_t j = 0; j < rows.width; ++j) {
        score += static_cast<Number>(rows.row(i)[j]) *
                 static_cast<Number>(centres[c * static_cast<size_t>(rows.width) + j]);
      }
      if (score > highest) {
        highest = score;
        best[i] = static_cast<int32_t>(c);
      }
    }
  }
  return best;
}

}  // namespace stratagram::reference
