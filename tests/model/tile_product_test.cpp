#include "model/tile_product.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "model/aligned.h"

namespace stratagram::model {
namespace {

uint16_t bits_of(float x) {
  return static_cast<uint16_t>(std::bit_cast<uint32_t>(x) >> 16);
}
double number_of(uint32_t bits) {
  return static_cast<double>(std::bit_cast<float>(bits << 16));
}

// Numbers of both signs and many sizes.
float wave(int64_t i, double pace) {
  return static_cast<float>(std::sin(static_cast<double>(i) * pace) * std::exp2(i % 5));
}

// Every shape and stride: what lies between the rows is left alone.
TEST(TileProduct, EqualsTheProductInFloat64) {
  struct Case {
    int64_t m, n, k, gap;
    bool adds;
  };
  for (const Case& c : {Case{32, 32, 32, 0, false},
                        Case{32, 64, 96, 32, true},
                        Case{64, 32, 64, 32, false},
                        Case{96, 96, 160, 64, true}}) {
    const TileProduct product{.m = c.m,
                              .n = c.n,
                              .k = c.k,
                              .a_stride = c.k + c.gap,
                              .b_stride = c.n + c.gap,
                              .c_stride = c.n + c.gap,
                              .adds = c.adds};
    AlignedVector<uint16_t> a(c.m * product.a_stride);
    for (size_t i = 0; i < a.size(); ++i) a[i] = bits_of(wave(static_cast<int64_t>(i), 0.7));
    AlignedVector<uint32_t> b(c.k / 2 * product.b_stride);
    for (size_t i = 0; i < b.size(); ++i) {
      const auto place = static_cast<int64_t>(i);
      b[i] = bits_of(wave(place, 0.3)) | static_cast<uint32_t>(bits_of(wave(place, 1.1))) << 16;
    }
    AlignedVector<float> sums(c.m * product.c_stride, 3.0F);

    {
      const UsesTiles tiles;
      product.run(a.data(), b.data(), sums.data());
    }

    for (int64_t i = 0; i < c.m; ++i) {
      for (int64_t j = 0; j < product.c_stride; ++j) {
        double wanted = j < c.n && !c.adds ? 0.0 : 3.0;
        double size = 1.0;
        for (int64_t k = 0; j < c.n && k < c.k; ++k) {
          const uint32_t pair = b[k / 2 * product.b_stride + j];
          const double term = number_of(a[i * product.a_stride + k]) *
                              number_of(k % 2 == 0 ? pair & 0xFFFFU : pair >> 16);
          wanted += term;
          size += std::abs(term);
        }
        ASSERT_NEAR(sums[i * product.c_stride + j], wanted, 1e-6 * size) << i << ", " << j;
      }
    }
  }
}

}  // namespace
}  // namespace stratagram::model
