// model/block_rows.h -- what attention by blocks does alike both ways (block_attention.h): its
// sizes, and where the rows of a block lie. Inside this folder only.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

#include "model/aligned.h"
#include "model/block_attention.h"
#include "model/lanes.h"
#include "model/pair_layout.h"
#include "model/tile_product.h"

namespace stratagram::model {

constexpr int64_t kBlock = 64;  ///< keys that are laid out together, and queries on the way back
constexpr float kInfinity = std::numeric_limits<float>::infinity();

[[nodiscard]] inline int64_t blocks_in(int64_t rows) {
  return (rows + kBlock - 1) / kBlock;
}
[[nodiscard]] inline int64_t steps_up(int64_t count) {
  return (count + kStep - 1) / kStep * kStep;
}

// To bfloat16 in the upper halves, to the nearest, of two equally near the greater in size. For
// factors here, which are numbers: a quarter of what ties to even take.
STRATAGRAM_INLINE LaneBits near_bits(Lanes x) {
  return std::bit_cast<LaneBits>(x) + 0x8000U;
}

[[nodiscard]] inline float scale_of(const AttentionUnit& unit) {
  return static_cast<float>(1.0 / std::sqrt(static_cast<double>(unit.width)));
}

inline void gather_rows(const HeadRows<const uint16_t>& x,
                        int64_t count,
                        int64_t width,
                        uint16_t* to) {
  for (int64_t i = 0; i < count; ++i) {
    std::memcpy(to + i * width, x.at(i, 0), width * sizeof(uint16_t));
  }
}

// Rows of one key head, the prompt's first.
inline void gather_seen(const AttentionUnit& unit,
                        const HeadRows<const uint16_t>& prompt,
                        const HeadRows<const uint16_t>& own,
                        AlignedVector<uint16_t>& to) {
  to.resize(unit.num_seen() * unit.width);
  gather_rows(prompt, unit.prompt_length, unit.width, to.data());
  gather_rows(own, unit.length, unit.width, to.data() + unit.prompt_length * unit.width);
}

[[nodiscard]] inline BfloatRows seen_rows(const AttentionUnit& unit,
                                          const AlignedVector<uint16_t>& seen,
                                          int64_t first,
                                          int64_t count) {
  return {.from = seen.data() + first * unit.width,
          .stride = unit.width,
          .rows = std::min(count, unit.num_seen() - first),
          .columns = unit.width};
}

// Rows of a query head from a token on.
[[nodiscard]] inline BfloatRows head_rows(const AttentionUnit& unit,
                                          const HeadRows<const uint16_t>& x,
                                          int64_t first,
                                          int64_t head) {
  return {.from = x.at(first, head),
          .stride = x.token_stride,
          .rows = unit.length - first,
          .columns = unit.width};
}

// `count` rows: where they lie, or, of fewer, a copy that is filled up with zeros.
[[nodiscard]] inline BfloatRows filled_up(const BfloatRows& x,
                                          int64_t count,
                                          AlignedVector<uint16_t>& memory) {
  if (x.rows >= count) {
    return {.from = x.from, .stride = x.stride, .rows = count, .columns = x.columns};
  }
  memory.assign(count * x.columns, 0);
  for (int64_t i = 0; i < x.rows; ++i) {
    std::memcpy(memory.data() + i * x.columns, x.from + i * x.stride, x.columns * sizeof(uint16_t));
  }
  return {.from = memory.data(), .stride = x.columns, .rows = count, .columns = x.columns};
}

}  // namespace stratagram::model
