// model/pair_layout.h -- the orders in which matrix units for bfloat16 read their factors. A
// product [M, K] by [K, N] wants the rows of the first as they are, and of the second a word of 32
// bits for each two consecutive k of a column: [K/2, N].
//
// Plain memory, serial; numbers are the bits of bfloat16. Columns are multiples of 32, which is
// taken for granted. Rows past the last one, up to `to_rows`, a multiple of 32, are zero.
#pragma once

#include <cstdint>

namespace stratagram::model {

constexpr int64_t kPair = 2;  ///< numbers of a word

/// Rows of a matrix in memory.
struct BfloatRows {
  const uint16_t* from = nullptr;
  int64_t stride = 0;  ///< from row to row, in numbers
  int64_t rows = 0;
  int64_t columns = 0;
};

/// The transpose as the second factor: word (c/2, r) holds columns c and c + 1 of row r.
///   to  [columns / 2] rows of `to_stride` words, to_rows of each written
void pair_columns(const BfloatRows& x, int64_t to_rows, uint32_t* to, int64_t to_stride);

/// The transpose as the first factor: row c holds column c.
///   to  [columns] rows of `to_stride` numbers, to_rows of each written
void transpose_rows(const BfloatRows& x, int64_t to_rows, uint16_t* to, int64_t to_stride);

/// Rows as the second factor, in the order that takes no shuffling. Of each 32 rows word r (0 to
/// 15) holds rows r and r + 16: the first factor has its columns in that order, too. Of each 32
/// columns the even ones come first, then the odd ones, and so do the columns of the product: in
/// the halves of a LanePair of bfloat16.
///   to  [to_rows / 2] rows of `to_stride` words
void pair_rows_apart(const BfloatRows& x, int64_t to_rows, uint32_t* to, int64_t to_stride);

/// The transpose of a float matrix [rows, columns], both multiples of 16.
void transpose_floats(
    const float* from, int64_t rows, int64_t columns, float* to, int64_t to_stride);

}  // namespace stratagram::model
