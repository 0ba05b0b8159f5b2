#include "model/tile_product.h"

#include <ATen/native/CPUBlas.h>

#include <bit>

#if defined(__x86_64__) && defined(__linux__)
#define STRATAGRAM_HAS_AMX 1
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace stratagram::model {
namespace {

float number_of(uint32_t bits) {
  return std::bit_cast<float>(bits << 16);
}

void run_plainly(const TileProduct& p, const uint16_t* a, const uint32_t* b, float* c) {
  for (int64_t i = 0; i < p.m; ++i) {
    for (int64_t j = 0; j < p.n; ++j) {
      float sum = p.adds ? c[i * p.c_stride + j] : 0.0F;
      for (int64_t k = 0; k < p.k; k += 2) {
        const uint32_t pair = b[k / 2 * p.b_stride + j];
        sum += number_of(a[i * p.a_stride + k]) * number_of(pair & 0xFFFFU);
        sum += number_of(a[i * p.a_stride + k + 1]) * number_of(pair >> 16);
      }
      c[i * p.c_stride + j] = sum;
    }
  }
}

#ifdef STRATAGRAM_HAS_AMX

// A tile: 16 rows of 64 bytes.
constexpr int64_t kTileRows = 16;
constexpr int64_t kTileBytes = 64;

bool may_use_tiles() {
  // Of the Linux interface: ARCH_REQ_XCOMP_PERM for XFEATURE_XTILEDATA, once a process.
  constexpr long kRequestPermission = 0x1023;
  constexpr long kTileData = 18;
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}

// Palette 1, all eight tiles whole. The layout is the processor's.
struct alignas(64) TileConfig {
  uint8_t palette = 1;
  uint8_t first_row = 0;
  uint8_t reserved[14] = {};
  uint16_t row_bytes[16] = {};
  uint8_t rows[16] = {};
};
static_assert(sizeof(TileConfig) == 64);

__attribute__((target("amx-tile"))) void set_up_tiles() {
  TileConfig config;
  for (int tile = 0; tile < 8; ++tile) {
    config.row_bytes[tile] = kTileBytes;
    config.rows[tile] = kTileRows;
  }
  // GCC's intrinsic tells the compiler of the first eight bytes only.
  __asm__ volatile("" : : "r"(&config) : "memory");
  _tile_loadconfig(&config);
}

__attribute__((target("amx-tile"))) void give_tiles_back() {
  _tile_release();
}

// Two by two tiles of sums in registers 0 to 3, of the factors in 4 to 7.
__attribute__((target("amx-tile,amx-bf16"))) void run_by_tiles(const TileProduct& p,
                                                               const uint16_t* a,
                                                               const uint32_t* b,
                                                               float* c) {
  const int64_t a_bytes = p.a_stride * static_cast<int64_t>(sizeof(uint16_t));
  const int64_t b_bytes = p.b_stride * static_cast<int64_t>(sizeof(uint32_t));
  const int64_t c_bytes = p.c_stride * static_cast<int64_t>(sizeof(float));
  for (int64_t n = 0; n < p.n; n += kStep) {
    for (int64_t m = 0; m < p.m; m += kStep) {
      float* upper = c + m * p.c_stride + n;
      float* lower = upper + kTileRows * p.c_stride;
      if (p.adds) {
        _tile_loadd(0, upper, c_bytes);
        _tile_loadd(1, upper + kTileRows, c_bytes);
        _tile_loadd(2, lower, c_bytes);
        _tile_loadd(3, lower + kTileRows, c_bytes);
      } else {
        _tile_zero(0);
        _tile_zero(1);
        _tile_zero(2);
        _tile_zero(3);
      }
      const uint16_t* rows = a + m * p.a_stride;
      const uint32_t* columns = b + n;
      for (int64_t k = 0; k < p.k; k += kStep) {
        _tile_loadd(4, rows + k, a_bytes);
        _tile_loadd(6, columns + k / 2 * p.b_stride, b_bytes);
        _tile_dpbf16ps(0, 4, 6);
        _tile_loadd(7, columns + k / 2 * p.b_stride + kTileRows, b_bytes);
        _tile_dpbf16ps(1, 4, 7);
        _tile_loadd(5, rows + kTileRows * p.a_stride + k, a_bytes);
        _tile_dpbf16ps(2, 5, 6);
        _tile_dpbf16ps(3, 5, 7);
      }
      _tile_stored(0, upper, c_bytes);
      _tile_stored(1, upper + kTileRows, c_bytes);
      _tile_stored(2, lower, c_bytes);
      _tile_stored(3, lower + kTileRows, c_bytes);
    }
  }
}

#else

bool may_use_tiles() {
  return false;
}
void set_up_tiles() {}
void give_tiles_back() {}
void run_by_tiles(const TileProduct& p, const uint16_t* a, const uint32_t* b, float* c) {
  run_plainly(p, a, b, c);
}

#endif

}  // namespace

bool has_tiles() {
  // What libtorch packs bfloat16 for is AMX.
  static const bool has = at::native::cpublas::could_pack(at::kBFloat16) && may_use_tiles();
  return has;
}

void TileProduct::run(const uint16_t* a, const uint32_t* b, float* c) const {
  if (has_tiles()) return run_by_tiles(*this, a, b, c);
  run_plainly(*this, a, b, c);
}

UsesTiles::UsesTiles() {
  if (has_tiles()) set_up_tiles();
}

UsesTiles::~UsesTiles() {
  if (has_tiles()) give_tiles_back();
}

}  // namespace stratagram::model
