#include "model/lanes.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace stratagram::model {
namespace {

STRATAGRAM_CPU_CLONES void exp_of(const float* from, float* to) {
  store_lanes(to, exp_lanes(load_lanes(from)));
}
STRATAGRAM_CPU_CLONES void rounded_of(const float* from, uint16_t* to) {
  store_lanes(to, load_lanes(from));
}

TEST(Lanes, ExpIsWithinTwoUnitsInTheLastPlace) {
  for (float begin = -87.0F; begin < 88.0F; begin += 0.037F) {
    float x[kLanes], y[kLanes];
    for (int64_t l = 0; l < kLanes; ++l) x[l] = begin + 0.0023F * static_cast<float>(l);
    exp_of(x, y);
    for (int64_t l = 0; l < kLanes; ++l) {
      const double wanted = std::exp(static_cast<double>(x[l]));
      const auto nearest = static_cast<float>(wanted);
      const double unit = std::nextafter(nearest, std::numeric_limits<float>::infinity()) - nearest;
      EXPECT_LT(std::abs(y[l] - wanted), 2 * unit) << x[l];
    }
  }
}

TEST(Lanes, ExpOfTheEnds) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const float x[kLanes] = {-kInfinity, kInfinity, -1000.0F, 1000.0F, 0.0F, NAN};
  float y[kLanes];

  exp_of(x, y);

  EXPECT_EQ(y[0], 0.0F);
  EXPECT_EQ(y[1], kInfinity);
  EXPECT_EQ(y[2], 0.0F);
  EXPECT_EQ(y[3], kInfinity);
  EXPECT_EQ(y[4], 1.0F);
  EXPECT_TRUE(std::isnan(y[5]));
}

// Against the definition: of the two bfloat16 around a float the nearer, and of two equally near
// the even one.
TEST(Lanes, RoundsToTheNearestBfloat16) {
  std::vector<uint32_t> patterns = {0x3F800000,
                                    0x3F808000,
                                    0x3F818000,
                                    0x3F808001,
                                    0x3F807FFF,
                                    0x80000000,
                                    0x00000001,
                                    0x7F7FFFFF,
                                    0x7F800000,
                                    0xFF800000};
  for (uint32_t i = 0; i < 5000; ++i) patterns.push_back(i * 858993459U);
  for (const uint32_t pattern : patterns) {
    const auto value = std::bit_cast<float>(pattern);
    float x[kLanes] = {value};
    uint16_t y[kLanes];
    rounded_of(x, y);
    const auto back = std::bit_cast<float>(static_cast<uint32_t>(y[0]) << 16);
    if (std::isnan(value)) {
      EXPECT_TRUE(std::isnan(back));
      continue;
    }
    const auto low = static_cast<uint16_t>(pattern >> 16);  // towards zero
    const auto high = static_cast<uint16_t>(low + 1);
    const uint32_t rest = pattern & 0xFFFFU;
    const bool goes_up = rest > 0x8000U || (rest == 0x8000U && (low & 1U) != 0);
    EXPECT_EQ(y[0], goes_up ? high : low) << std::hex << pattern;
  }
}

TEST(Lanes, ReadsAndWritesNoMoreThanAsked) {
  std::vector<float> from(5, 2.0F);
  std::vector<float> to(7, 9.0F);

  store_lanes(to.data(), load_lanes(from.data(), 5) + 1.0F, 6);

  EXPECT_EQ(to, (std::vector<float>{3, 3, 3, 3, 3, 1, 9}));
}

}  // namespace
}  // namespace stratagram::model
