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
  return {{1, 32}, {16, 64}, {31, 32}, {32, 32}, {33, 96}, {70, 64}, {64, 64}};
}

int64_t filled_up(int64_t rows) {
  return (rows + 31) / 32 * 32;
}

// Words r hold rows r and r + 16 of 32; the even columns of 32 come before the odd ones.
TEST(PairLayout, PairsRowsApart) {
  for (const auto& [rows, columns] : shapes()) {
    const Source x(rows, columns);
    const int64_t to_rows = filled_up(rows);
    const int64_t stride = columns + 5;
    std::vector<uint32_t> to(to_rows / 2 * stride, kUntouched);

    pair_rows_apart(x.view(), to_rows, to.data(), stride);

    for (int64_t word = 0; word < to_rows / 2; ++word) {
      const int64_t row = word / 16 * 32 + word % 16;
      for (int64_t place = 0; place < stride; ++place) {
        const int64_t column = place / 32 * 32 + place % 16 * 2 + place % 32 / 16;
        const uint32_t wanted =
            place < columns ? x.at(row, column) | x.at(row + 16, column) << 16 : kUntouched;
        ASSERT_EQ(to[word * stride + place], wanted)
            << rows << " rows, place " << word << ", " << place;
      }
    }
  }
}

TEST(PairLayout, PairsColumns) {
  for (const auto& [rows, columns] : shapes()) {
    const Source x(rows, columns);
    const int64_t to_rows = filled_up(rows);
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
    const int64_t to_rows = filled_up(rows);
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

TEST(PairLayout, TransposesFloats) {
  const int64_t rows = 48;
  const int64_t columns = 32;
  std::vector<float> x(rows * columns);
  for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i);
  const int64_t stride = rows + 1;
  std::vector<float> to(columns * stride, -1.0F);

  transpose_floats(x.data(), rows, columns, to.data(), stride);

  for (int64_t c = 0; c < columns; ++c) {
    for (int64_t r = 0; r < stride; ++r) {
      ASSERT_EQ(to[c * stride + r], r < rows ? x[r * columns + c] : -1.0F) << r << ", " << c;
    }
  }
}

}  // namespace
}  // namespace stratagram::model
