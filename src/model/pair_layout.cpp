#include "model/pair_layout.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "model/lanes.h"

namespace stratagram::model {
namespace {

constexpr int64_t kPair = 2;

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

STRATAGRAM_INLINE LaneBits load_numbers(const BfloatRows& x, int64_t row, int64_t column) {
  LaneHalves halves = {};
  if (row < x.rows) {
    const int64_t count = std::min(kLanes, x.columns - column);
    const uint16_t* from = x.from + row * x.stride + column;
    // A copy of known size is one instruction.
    if (count == kLanes) {
      std::memcpy(&halves, from, sizeof halves);
    } else {
      std::memcpy(&halves, from, count * sizeof(uint16_t));
    }
  }
  return __builtin_convertvector(halves, LaneBits);
}

// Rows r and r + 1 of sixteen columns.
STRATAGRAM_INLINE LaneBits load_pairs(const BfloatRows& x, int64_t row, int64_t column) {
  return load_numbers(x, row, column) | (load_numbers(x, row + 1, column) << 16);
}

STRATAGRAM_INLINE void store_words(uint32_t* to, LaneBits words, int64_t count) {
  if (count >= kLanes) {
    std::memcpy(to, &words, sizeof words);
  } else {
    std::memcpy(to, &words, count * sizeof(uint32_t));
  }
}

}  // namespace

STRATAGRAM_CPU_CLONES
void pair_rows(const BfloatRows& x, int64_t to_rows, uint32_t* to, int64_t to_stride) {
  for (int64_t r = 0; r < to_rows; r += kPair) {
    for (int64_t c = 0; c < x.columns; c += kLanes) {
      store_words(to + r / kPair * to_stride + c, load_pairs(x, r, c), x.columns - c);
    }
  }
}

STRATAGRAM_CPU_CLONES
void pair_columns(const BfloatRows& x, int64_t to_rows, uint32_t* to, int64_t to_stride) {
  const int64_t written = std::max(x.rows, to_rows);
  const int64_t num_words = x.columns / kPair;
  for (int64_t r = 0; r < written; r += kLanes) {
    for (int64_t w = 0; w < num_words; w += kLanes) {
      const int64_t count = std::min(kLanes, num_words - w);
      Tile tile = {};
      for (int64_t i = 0; i < std::min(kLanes, x.rows - r); ++i) {
        const uint16_t* from = x.from + (r + i) * x.stride + w * kPair;
        if (count == kLanes) {
          std::memcpy(&tile[i], from, sizeof tile[i]);
        } else {
          std::memcpy(&tile[i], from, count * sizeof(uint32_t));
        }
      }
      transpose_tile(tile);
      for (int64_t i = 0; i < count; ++i) {
        store_words(to + (w + i) * to_stride + r, tile[i], written - r);
      }
    }
  }
}

STRATAGRAM_CPU_CLONES
void transpose_rows(const BfloatRows& x, int64_t to_rows, uint16_t* to, int64_t to_stride) {
  for (int64_t r = 0; r < to_rows; r += kPair * kLanes) {
    for (int64_t c = 0; c < x.columns; c += kLanes) {
      Tile tile;
      for (int64_t i = 0; i < kLanes; ++i) tile[i] = load_pairs(x, r + kPair * i, c);
      transpose_tile(tile);
      for (int64_t i = 0; i < std::min(kLanes, x.columns - c); ++i) {
        std::memcpy(to + (c + i) * to_stride + r, &tile[i], sizeof tile[i]);
      }
    }
  }
}

}  // namespace stratagram::model
