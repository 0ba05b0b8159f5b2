// model/panel_kernel.h -- the product of packed rows by panels of a weight, and the layout of both,
// for panel_product.h: tiles of six rows meet sixteen outputs in registers of AVX2.
#pragma once

#include <c10/util/BFloat16.h>

#include <cstdint>
#include <type_traits>

#include "core/cpu_clones.h"
#include "model/panel_product.h"

namespace stratagram::model {

constexpr int64_t kPanel = 16;  ///< outputs of a panel
/// Rows of a tile: twelve of the sixteen registers hold its sums, the others weights and a factor.
constexpr int64_t kTile = kPanelRows;
/// Of so many panels and tiles the sums, and a block of the tiles' factors, stay in the second
/// cache.
constexpr int64_t kMostPanels = 8;
constexpr int64_t kMostTiles = 22;

/// The rows of a product, in tiles of at most six, as even as they can be, each [inputs, rows of
/// the tile]: in the order in which they are multiplied.
struct PackedRows {
  const float* tiles = nullptr;
  int64_t num_rows = 0;
  int64_t num_inputs = 0;

  [[nodiscard]] STRATAGRAM_INLINE int64_t num_tiles() const {
    return (num_rows + kTile - 1) / kTile;
  }
  /// The first row of a tile, or of what would follow the last one of all.
  [[nodiscard]] STRATAGRAM_INLINE int64_t first_row(int64_t tile) const {
    return tile * num_rows / num_tiles();
  }
};

/// Where a product goes: T [rows, O].
template <typename T>
struct Result {
  T* data = nullptr;
  int64_t num_outputs = 0;
  const T* bias = nullptr;  // [O], or none
  bool adds = false;        // to what is there
};

/// Some panels side by side, the first of which has the outputs from `first` on; those of bfloat16
/// as place_of() says. At most kMostPanels.
template <typename W>
struct Panels {
  const W* weights = nullptr;  // [count, inputs, 16]
  int64_t count = 0;
  int64_t first = 0;
};

/// Where in a panel's sixteen numbers for an input an output stands: of bfloat16, outputs 0 to 7
/// lie in the lower halves of eight words and 8 to 15 in the upper ones, which takes a shift or a
/// mask where their order takes shuffles.
template <typename T>
constexpr int64_t place_of(int64_t output) {
  return std::is_same_v<T, float> ? output : output % 8 * 2 + output / 8;
}

STRATAGRAM_INLINE float as_float(float x) {
  return x;
}
/// Of bfloat16.
STRATAGRAM_INLINE float as_float(uint16_t x) {
  return c10::BFloat16(x, c10::BFloat16::from_bits());
}

/// The first of the fewest parts of at most `most`, all as even as they can be: a short part does
/// little between loading and storing its sums.
STRATAGRAM_INLINE int64_t even_part(int64_t all, int64_t most) {
  return (all - 1) / ((all - 1) / most + 1) + 1;
}

struct TileRange {
  int64_t begin = 0;
  int64_t end = 0;
};

/// The product of some tiles: rounded once from float32 sums of a few hundred inputs each, added
/// from the first to the last.
void multiply_panels(const PackedRows& rows,
                     const TileRange& tiles,
                     const Panels<float>& panels,
                     const Result<float>& to);
void multiply_panels(const PackedRows& rows,
                     const TileRange& tiles,
                     const Panels<float>& panels,
                     const Result<uint16_t>& to);
void multiply_panels(const PackedRows& rows,
                     const TileRange& tiles,
                     const Panels<uint16_t>& panels,
                     const Result<uint16_t>& to);

}  // namespace stratagram::model
