#include "model/panel_kernel.h"

#include <c10/util/BFloat16.h>

#include <bit>
#include <cstring>

#include "model/aligned.h"
#include "model/lanes.h"

namespace stratagram::model {
namespace {

// Inputs whose part of a panel stays in the first cache, as float32, while rows pass by.
constexpr int64_t kBlock = 256;

struct Sixteen {
  Lanes8 low;
  Lanes8 high;
};

STRATAGRAM_INLINE Sixteen load_sixteen(const float* from) {
  return {load_as<Lanes8>(from), load_as<Lanes8>(from + kLanesOf<Lanes8>)};
}

STRATAGRAM_INLINE void store_sixteen(float* to, const Sixteen& sixteen) {
  std::memcpy(to, &sixteen.low, sizeof sixteen.low);
  std::memcpy(to + kLanesOf<Lanes8>, &sixteen.high, sizeof sixteen.high);
}

// As place_of() lays them out.
STRATAGRAM_INLINE Sixteen load_sixteen(const uint16_t* from) {
  IntegersOf<Lanes8>::Words words;
  std::memcpy(&words, from, sizeof words);
  return {std::bit_cast<Lanes8>(words << 16), std::bit_cast<Lanes8>(words & 0xFFFF0000U)};
}

// A tile's share of a block: sums [rows, 16] += x [count, rows] weights [count, 16]. W is float
// where a block was widened.
template <typename W>
struct Tile {
  const float* x = nullptr;
  const W* weights = nullptr;
  int64_t count = 0;
  float* sums = nullptr;
};

// The next block, as wide as `Fetched` makes it, comes from memory meanwhile, unless that is void.
template <int64_t kRows, typename Fetched, typename W>
STRATAGRAM_INLINE void add_tile(const Tile<W>& tile, const Fetched* next) {
  Lanes8 low[kRows] = {};
  Lanes8 high[kRows] = {};
#pragma GCC unroll 4
  for (int64_t i = 0; i < tile.count; ++i) {
    if constexpr (!std::is_void_v<Fetched>) __builtin_prefetch(next + i * kPanel, 0, 2);
    const Sixteen w = load_sixteen(tile.weights + i * kPanel);
    for (int64_t r = 0; r < kRows; ++r) {
      low[r] += tile.x[i * kRows + r] * w.low;
      high[r] += tile.x[i * kRows + r] * w.high;
    }
  }
  // Sums of blocks, not of all inputs at once, which would round as often as there are inputs.
  for (int64_t r = 0; r < kRows; ++r) {
    const Sixteen before = load_sixteen(tile.sums + r * kPanel);
    store_sixteen(tile.sums + r * kPanel, {before.low + low[r], before.high + high[r]});
  }
}

template <typename Fetched, typename W>
STRATAGRAM_INLINE void add_rows(const Tile<W>& tile, int64_t rows, const Fetched* next) {
  switch (rows) {
    case 1:
      return add_tile<1>(tile, next);
    case 2:
      return add_tile<2>(tile, next);
    case 3:
      return add_tile<3>(tile, next);
    case 4:
      return add_tile<4>(tile, next);
    case 5:
      return add_tile<5>(tile, next);
    default:
      return add_tile<kTile>(tile, next);
  }
}

// As float32, which then serves many rows.
STRATAGRAM_INLINE const float* widened(const float* block, int64_t /*count*/, float* /*wide*/) {
  return block;
}
STRATAGRAM_INLINE const float* widened(const uint16_t* block, int64_t count, float* wide) {
  for (int64_t i = 0; i < count; ++i) {
    store_sixteen(wide + i * kPanel, load_sixteen(block + i * kPanel));
  }
  return wide;
}

// Some tiles' inputs [first_input, first_input + count).
struct Block {
  TileRange tiles;
  int64_t first_input = 0;
  int64_t count = 0;
};

// sums [rows of the tiles, 16] += their product by a block of a panel.
template <typename W>
STRATAGRAM_INLINE void add_block(
    const PackedRows& rows, const Block& block, const W* weights, const W* next, float* sums) {
  int64_t row = rows.first_row(block.tiles.begin);
  int64_t tile = block.tiles.begin;
  const auto add_next = [&](const auto* block_weights,
                            const auto* fetched) __attribute__((always_inline)) {
    using Wide = std::remove_cvref_t<decltype(*block_weights)>;
    const int64_t height = rows.first_row(++tile) - row;
    add_rows(Tile<Wide>{rows.tiles + row * rows.num_inputs + block.first_input * height,
                        block_weights,
                        block.count,
                        sums},
             height,
             fetched);
    row += height;
    sums += height * kPanel;
  };
  if (block.tiles.end - block.tiles.begin == 1) {
    add_next(weights, next);
    return;
  }
  alignas(kCacheLine) float wide[kBlock * kPanel];
  const float* all = widened(weights, block.count, wide);
  add_next(all, next);
  while (tile < block.tiles.end) add_next(all, static_cast<const void*>(nullptr));
}

STRATAGRAM_INLINE void store_number(float* to, float x) {
  *to = x;
}

STRATAGRAM_INLINE void store_number(uint16_t* to, float x) {
  *to = c10::BFloat16(x).x;
}

// `count` of a whole panel is known where this is compiled, which then takes vectors.
template <typename T>
STRATAGRAM_INLINE void store_row(
    const Result<T>& to, int64_t row, int64_t first, const float* sums, int64_t count) {
  T* out = to.data + row * to.num_outputs + first;
  if (to.adds) {
    for (int64_t o = 0; o < count; ++o) store_number(out + o, as_float(out[o]) + sums[o]);
  } else if (to.bias == nullptr) {
    for (int64_t o = 0; o < count; ++o) store_number(out + o, sums[o]);
  } else {
    for (int64_t o = 0; o < count; ++o)
      store_number(out + o, sums[o] + as_float(to.bias[first + o]));
  }
}

template <typename W, typename T>
STRATAGRAM_CPU_CLONES void run_panels(const PackedRows& rows,
                                      const TileRange& tiles,
                                      const Panels<W>& panels,
                                      const Result<T>& to) {
  alignas(kCacheLine) float sums[kMostPanels * kMostTiles * kTile * kPanel];
  const int64_t panel_size = rows.num_inputs * kPanel;
  Block block;
  for (int64_t begin = tiles.begin; begin < tiles.end; begin = block.tiles.end) {
    block.tiles = {begin, begin + even_part(tiles.end - begin, kMostTiles)};
    const int64_t first_row = rows.first_row(begin);
    const int64_t num_rows = rows.first_row(block.tiles.end) - first_row;
    std::memset(sums, 0, sizeof(float) * panels.count * num_rows * kPanel);
    for (block.first_input = 0; block.first_input < rows.num_inputs;
         block.first_input += block.count) {
      block.count = even_part(rows.num_inputs - block.first_input, kBlock);
      const W* weights = panels.weights + block.first_input * kPanel;
      for (int64_t panel = 0; panel < panels.count; ++panel) {
        const W* next = panel + 1 < panels.count ? weights + (panel + 1) * panel_size
                                                 : weights + block.count * kPanel;
        add_block(
            rows, block, weights + panel * panel_size, next, sums + panel * num_rows * kPanel);
      }
    }
    for (int64_t row = 0; row < num_rows; ++row) {
      for (int64_t panel = 0; panel < panels.count; ++panel) {
        const float* from = sums + (panel * num_rows + row) * kPanel;
        const int64_t first = panels.first + panel * kPanel;
        if (first + kPanel <= to.num_outputs) {
          store_row(to, first_row + row, first, from, kPanel);
        } else {
          store_row(to, first_row + row, first, from, to.num_outputs - first);
        }
      }
    }
  }
}

}  // namespace

void multiply_panels(const PackedRows& rows,
                     const TileRange& tiles,
                     const Panels<float>& panels,
                     const Result<float>& to) {
  run_panels(rows, tiles, panels, to);
}

void multiply_panels(const PackedRows& rows,
                     const TileRange& tiles,
                     const Panels<float>& panels,
                     const Result<uint16_t>& to) {
  run_panels(rows, tiles, panels, to);
}

void multiply_panels(const PackedRows& rows,
                     const TileRange& tiles,
                     const Panels<uint16_t>& panels,
                     const Result<uint16_t>& to) {
  run_panels(rows, tiles, panels, to);
}

}  // namespace stratagram::model
