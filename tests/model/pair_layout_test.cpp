#include "model/pair_layout.h"

#include <gtest/gtest.h>

#include <tuple>
#include <vector>

namespace stratagram::model {
namespace {

constexpr uint16_t kUntouched = 0xABCD;

// Rows with gaps between them, every number of the source its own place's.
struct Source {
  int64_t rows, columns, stride;
  std::vector<uint16_t> numbers;

  Source(int64_t num_rows, int64_t num_columns)
      : rows(num_rows), columns(num_columns), stride(num_columns + 3), numbers(rows * stride) {
    for (size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<uint16_t>(1 + i * 7919);
  }

  [[nodiscard]] BfloatRows view() const {
    return {.from = numbers.data(), .stride = stride, .rows = rows, .columns = columns};
  }
  // Zero past the end.
  [[nodiscard]] uint32_t at(int64_t row, int64_t column) const {
    return row < rows && column < columns ? numbers[row * stride + column] : 0U;
  }
};

std::vector<std::tuple<int64_t, int64_t>> shapes() {
  return {{1, 2}, {2, 16}, {31, 34}, {32, 32}, {33, 62}, {70, 100}, {64, 64}};
}

TEST(PairLayout, PairsRows) {
  for (const auto& [rows, columns] : shapes()) {
    const Source x(rows, columns);
    const int64_t to_rows = (rows + 31) / 32 * 32;
    const int64_t stride = columns + 5;
    std::vector<uint32_t> to(to_rows / 2 * stride, kUntouched);

    pair_rows(x.view(), to_rows, to.data(), stride);

    for (int64_t r = 0; r < to_rows; r += 2) {
      for (int64_t c = 0; c < stride; ++c) {
        const uint32_t wanted = c < columns ? x.at(r, c) | x.at(r + 1, c) << 16 : kUntouched;
        ASSERT_EQ(to[r / 2 * stride + c], wanted) << rows << " rows, place " << r << ", " << c;
      }
    }
  }
}

TEST(PairLayout, PairsColumns) {
  for (const auto& [rows, columns] : shapes()) {
    const Source x(rows, columns);
    const int64_t to_rows = rows + 4;
    const int64_t stride = to_rows + 3;
    std::vector<uint32_t> to(columns / 2 * stride, kUntouched);

    pair_columns(x.view(), to_rows, to.data(), stride);

    for (int64_t c = 0; c < columns; c += 2) {
      for (int64_t r = 0; r < stride; ++r) {
        const uint32_t wanted = r < to_rows ? x.at(r, c) | x.at(r, c + 1) << 16 : kUntouched;
        ASSERT_EQ(to[c / 2 * stride + r], wanted) << rows << " rows, place " << r << ", " << c;
      }
    }
  }
}

TEST(PairLayout, Transposes) {
  for (const auto& [rows, columns] : shapes()) {
    const Source x(rows, columns);
    const int64_t to_rows = (rows + 31) / 32 * 32;
    const int64_t stride = to_rows + 7;
    std::vector<uint16_t> to(columns * stride, kUntouched);

    transpose_rows(x.view(), to_rows, to.data(), stride);

    for (int64_t c = 0; c < columns; ++c) {
      for (int64_t r = 0; r < stride; ++r) {
        const uint32_t wanted = r < to_rows ? x.at(r, c) : kUntouched;
        ASSERT_EQ(to[c * stride + r], wanted) << rows << " rows, place " << r << ", " << c;
      }
    }
  }
}

}  // namespace
}  // namespace stratagram::model
