// model/tile_product.h -- products of bfloat16 with float32 sums, a block of each factor at a time,
// by the processor's matrix unit (AMX).
#pragma once

#include <cstdint>

namespace stratagram::model {

/// True where the processor has AMX for bfloat16, the system lets the program use it, and libtorch
/// uses it, too (which an environment variable of oneDNN can forbid).
[[nodiscard]] bool has_tiles();

constexpr int64_t kStep = 32;  ///< two tiles, or one of pairs

/// c [M, N] = a [M, K] b, or c += a b, in float32. M, N and K are multiples of kStep. Where
/// has_tiles() is false, by plain loops; where it is true, inside a UsesTiles.
struct TileProduct {
  int64_t m = 0;
  int64_t n = 0;
  int64_t k = 0;
  int64_t a_stride = 0;  ///< in numbers
  int64_t b_stride = 0;  ///< in words, each a pair of factors for consecutive k (pair_layout.h)
  int64_t c_stride = 0;
  bool adds = false;

  void run(const uint16_t* a, const uint32_t* b, float* c) const;
};

/// The thread's matrix unit is set up for TileProducts as long as this lives. Nothing else that
/// uses it may run on the thread meanwhile, a product of libtorch's neither.
class UsesTiles {
 public:
  UsesTiles();
  ~UsesTiles();
  UsesTiles(const UsesTiles&) = delete;
  UsesTiles& operator=(const UsesTiles&) = delete;
};

}  // namespace stratagram::model
