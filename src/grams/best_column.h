// grams/best_column.h -- the inner loop of clustering: for each row the centre with the largest
// product. Plain loops over vectors of the compiler, without torch.
//
// n rows, k centres, d width.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "grams/embedder.h"

namespace stratagram::grams {

/// k centres as columns, in panels that vectors read. Immutable, so safe to share between threads.
class Columns {
 public:
  /// centres: row-major, k times `width`; offsets: k numbers.
  Columns(std::span<const float> centres, std::span<const float> offsets, int64_t width);

  /// For each row the c with the largest row . centre_c - offset_c; the lowest of equal ones.
  /// `without` (empty: none) names for each row a column that does not compete. The result is
  /// the same to the bit for any number of threads and on any x86-64 processor.
  /// Throws Error(kInternal) for rows of another width.
  [[nodiscard]] std::vector<int32_t> best(const Embeddings& rows,
                                          std::span<const int32_t> without = {}) const;

 private:
  int64_t width_;
  int64_t num_columns_;
  std::vector<float> panels_;   ///< [panels, d, lanes]
  std::vector<float> offsets_;  ///< [panels, lanes]; infinite behind the last column
};

/// Squared distances of every row to one point, taken by differences: 0 for equal vectors. The same
/// to the bit for any number of threads.
void squared_distances(const Embeddings& rows,
                       std::span<const float> point,
                       std::span<float> distances);

/// Of two vectors of one width.
[[nodiscard]] float squared_distance(std::span<const float> a, std::span<const float> b);

}  // namespace stratagram::grams
