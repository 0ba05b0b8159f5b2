#include "model/pair_layout.h"

#include <array>
#include <cstring>
#include <utility>

#include "model/lanes.h"

namespace stratagram::model {
namespace {

using Tile = std::array<LaneBits, kLanes>;

constexpr auto kPlaces = std::make_integer_sequence<int, kLanes>();

// Of two rows, blocks of kSize lanes in turn: the even ones of both, or the odd ones.
template <int kSize, int... kPlace>
STRATAGRAM_INLINE LaneBits even_blocks(LaneBits a,
                                       LaneBits b,
                                       std::integer_sequence<int, kPlace...> /*places*/) {
  return __builtin_shufflevector(
      a, b, (kPlace / kSize % 2 == 1 ? int{kLanes} + kPlace - kSize : kPlace)...);
}
template <int kSize, int... kPlace>
STRATAGRAM_INLINE LaneBits odd_blocks(LaneBits a,
                                      LaneBits b,
                                      std::integer_sequence<int, kPlace...> /*places*/) {
  return __builtin_shufflevector(
      a, b, (kPlace / kSize % 2 == 1 ? int{kLanes} + kPlace : kPlace + kSize)...);
}

// Swaps the blocks of kSize lanes that lie across the diagonal: one step of a transposition.
template <int kSize>
STRATAGRAM_INLINE void swap_blocks(Tile& tile) {
  for (int i = 0; i < kLanes; ++i) {
    if (i / kSize % 2 == 1) continue;
    const LaneBits a = tile[i];
    const LaneBits b = tile[i + kSize];
    tile[i] = even_blocks<kSize>(a, b, kPlaces);
    tile[i + kSize] = odd_blocks<kSize>(a, b, kPlaces);
  }
}

STRATAGRAM_INLINE void transpose_tile(Tile& tile) {
  swap_blocks<8>(tile);
  swap_blocks<4>(tile);
  swap_blocks<2>(tile);
  swap_blocks<1>(tile);
}

// Words of two columns each; zeros past the last row.
STRATAGRAM_INLINE LaneBits load_words(const BfloatRows& x, int64_t row, int64_t column) {
  LaneBits words = {};
  if (row < x.rows) std::memcpy(&words, x.from + row * x.stride + column, sizeof words);
  return words;
}

STRATAGRAM_INLINE LaneBits lower_halves(LaneBits low, LaneBits high) {
  return (low & 0xFFFFU) | (high << 16);
}

}  // namespace

STRATAGRAM_CPU_CLONES
void pair_columns(const BfloatRows& x, int64_t to_rows, uint32_t* to, int64_t to_stride) {
  for (int64_t r = 0; r < to_rows; r += kLanes) {
    for (int64_t c = 0; c < x.columns; c += kPairLanes) {
      Tile tile;
      for (int64_t i = 0; i < kLanes; ++i) tile[i] = load_words(x, r + i, c);
      transpose_tile(tile);
      for (int64_t i = 0; i < kLanes; ++i)
        store_words(to + (c / kPair + i) * to_stride + r, tile[i]);
    }
  }
}

STRATAGRAM_CPU_CLONES
void transpose_rows(const BfloatRows& x, int64_t to_rows, uint16_t* to, int64_t to_stride) {
  for (int64_t r = 0; r < to_rows; r += kPairLanes) {
    for (int64_t c = 0; c < x.columns; c += kPairLanes) {
      Tile even;  // columns c, c + 2, ...: rows r and r + 1 in a word
      Tile odd;
      for (int64_t i = 0; i < kLanes; ++i) {
        const LaneBits first = load_words(x, r + kPair * i, c);
        const LaneBits second = load_words(x, r + kPair * i + 1, c);
        even[i] = lower_halves(first, second);
        odd[i] = upper_halves(first, second);
      }
      transpose_tile(even);
      transpose_tile(odd);
      for (int64_t i = 0; i < kLanes; ++i) {
        store_words(to + (c + kPair * i) * to_stride + r, even[i]);
        store_words(to + (c + kPair * i + 1) * to_stride + r, odd[i]);
      }
    }
  }
}

STRATAGRAM_CPU_CLONES
void pair_rows_apart(const BfloatRows& x, int64_t to_rows, uint32_t* to, int64_t to_stride) {
  for (int64_t r = 0; r < to_rows; r += kPairLanes) {
    for (int64_t i = 0; i < kLanes; ++i) {
      uint32_t* row = to + (r / kPair + i) * to_stride;
      for (int64_t c = 0; c < x.columns; c += kPairLanes) {
        const LaneBits first = load_words(x, r + i, c);
        const LaneBits second = load_words(x, r + i + kLanes, c);
        store_words(row + c, lower_halves(first, second));
        store_words(row + c + kLanes, upper_halves(first, second));
      }
    }
  }
}

STRATAGRAM_CPU_CLONES
void transpose_floats(
    const float* from, int64_t rows, int64_t columns, float* to, int64_t to_stride) {
  for (int64_t r = 0; r < rows; r += kLanes) {
    for (int64_t c = 0; c < columns; c += kLanes) {
      Tile tile;
      for (int64_t i = 0; i < kLanes; ++i) {
        std::memcpy(&tile[i], from + (r + i) * columns + c, sizeof tile[i]);
      }
      transpose_tile(tile);
      for (int64_t i = 0; i < kLanes; ++i) store_words(to + (c + i) * to_stride + r, tile[i]);
    }
  }
}

}  // namespace stratagram::model
