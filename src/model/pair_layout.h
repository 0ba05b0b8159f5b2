// model/pair_layout.h -- the orders in which matrix units for bfloat16 read their factors. A
// product [M, K] by [K, N] wants the rows of the first as they are, and of the second the numbers k
// and k + 1 of a column side by side: words of 32 bits, [K/2, N].
//
// Plain memory, serial; numbers are the bits of bfloat16. What a padded result has beyond its
// source is zero.
#pragma once

#include <cstdint>

namespace stratagram::model {

/// Rows of a matrix in memory.
struct BfloatRows {
  const uint16_t* from = nullptr;
  int64_t stride = 0;  ///< from row to row, in numbers
  int64_t rows = 0;
  int64_t columns = 0;
};

/// Rows as the second factor: word (r/2, c) holds rows r and r + 1 of column c.
///   to  [to_rows / 2] rows of `to_stride` words; to_rows is even and at least the number of rows
void pair_rows(const BfloatRows& x, int64_t to_rows, uint32_t* to, int64_t to_stride);

/// The transpose as the second factor: word (c/2, r) holds columns c and c + 1 of row r.
///   to  [columns / 2] rows of `to_stride` words; columns are even; of each row max(rows, to_rows)
///       words are written
void pair_columns(const BfloatRows& x, int64_t to_rows, uint32_t* to, int64_t to_stride);

/// The transpose as the first factor: row c holds column c.
///   to  one row a column, `to_stride` numbers long; to_rows numbers of each are written, a
///   multiple
///       of 32 and at least the number of rows
void transpose_rows(const BfloatRows& x, int64_t to_rows, uint16_t* to, int64_t to_stride);

}  // namespace stratagram::model
