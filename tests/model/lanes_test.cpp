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
STRATAGRAM_CPU_CLONES void exp2_of(const float* from, float* to) {
  store_lanes(to, exp2_lanes(load_lanes(from)));
}
STRATAGRAM_CPU_CLONES void folded_of(const float* from, float* sum, float* highest) {
  *sum = sum_of(load_lanes(from));
  *highest = highest_of(load_lanes(from));
}
template <typename T>
STRATAGRAM_CPU_CLONES void copied_in_pairs(const T* from, int64_t count, T* to, float* halves) {
  const LanePair x = load_pair(from, count);
  store_pair(to, x, count);
  store_lanes(halves, x.half[0]);
  store_lanes(halves + kLanes, x.half[1]);
}
STRATAGRAM_CPU_CLONES void rounded_of(const float* from, uint16_t* to) {
  store_lanes(to, load_lanes(from));
}

// From one end to the other in steps of 0.0023, sixteen at a time.
void expect_within_two_units(void (*function)(const float*, float*),
                             double (*exact)(double),
                             double first,
                             double last) {
  const auto steps = static_cast<int64_t>((last - first) / 0.037);
  for (int64_t step = 0; step < steps; ++step) {
    float x[kLanes], y[kLanes];
    for (int64_t l = 0; l < kLanes; ++l) {
      x[l] = static_cast<float>(first + 0.037 * static_cast<double>(step) +
                                0.0023 * static_cast<double>(l));
    }
    function(x, y);
    for (int64_t l = 0; l < kLanes; ++l) {
      const double wanted = exact(static_cast<double>(x[l]));
      const auto nearest = static_cast<float>(wanted);
      const double unit = std::nextafter(nearest, std::numeric_limits<float>::infinity()) - nearest;
      EXPECT_LT(std::abs(y[l] - wanted), 2 * unit) << x[l];
    }
  }
}

TEST(Lanes, ExpIsWithinTwoUnitsInTheLastPlace) {
  expect_within_two_units(exp_of, std::exp, -87.0, 88.0);
}

STRATAGRAM_CPU_CLONES void paired_of(const float* from, uint16_t* to) {
  store_pair(to, LanePair{{load_lanes(from), load_lanes(from)}});
}

TEST(Lanes, PowersOfTwoAreWithinTwoUnitsInTheLastPlace) {
  expect_within_two_units(exp2_of, std::exp2, -126.0, 127.0);
  const float ends[kLanes] = {
      -std::numeric_limits<float>::infinity(), -1000.0F, -127.0F, 0.0F, 1.0F, NAN, -126.6F};
  float y[kLanes];
  exp2_of(ends, y);
  EXPECT_EQ(y[0], 0.0F);
  EXPECT_EQ(y[1], 0.0F);
  EXPECT_EQ(y[2], 0.0F);
  EXPECT_EQ(y[3], 1.0F);
  EXPECT_EQ(y[4], 2.0F);
  EXPECT_TRUE(std::isnan(y[5]));
  EXPECT_EQ(y[6], 0.0F);
}

TEST(Lanes, FoldsAllLanes) {
  for (int64_t l = 0; l < kLanes; ++l) {
    float x[kLanes];
    for (int64_t i = 0; i < kLanes; ++i) x[i] = -static_cast<float>(1 << i);
    x[l] = 3.0F;
    float sum = 0, highest = 0;
    folded_of(x, &sum, &highest);
    EXPECT_EQ(sum, static_cast<float>(3 + (1 << l) - (1 << kLanes) + 1));
    EXPECT_EQ(highest, 3.0F);
  }
}

// Every count: numbers come back as they were, and the halves hold what pair_places() says.
template <typename T>
void check_pairs(const std::vector<T>& numbers, float (*value_of)(T)) {
  for (int64_t count = 0; count <= kPairLanes; ++count) {
    const std::vector<T> from(numbers.begin(), numbers.begin() + count);
    std::vector<T> to(kPairLanes + 1, numbers.back());
    float halves[kPairLanes];
    copied_in_pairs(from.data(), count, to.data(), halves);
    for (int64_t i = 0; i <= kPairLanes; ++i) {
      EXPECT_EQ(to[i], i < count ? numbers[i] : numbers.back()) << i << " of " << count;
    }
    for (int64_t i = 0; i < kPairLanes; ++i) {
      const int64_t place = pair_places<T>(static_cast<int>(i / kLanes))[i % kLanes];
      EXPECT_EQ(halves[i], place < count ? value_of(numbers[place]) : 0.0F) << i << " of " << count;
    }
  }
}

TEST(Lanes, PairsHoldTheirPlaces) {
  std::vector<float> floats;
  std::vector<uint16_t> bfloats;
  for (int i = 0; i <= kPairLanes; ++i) {
    floats.push_back(static_cast<float>(i + 1));
    bfloats.push_back(static_cast<uint16_t>(std::bit_cast<uint32_t>(floats.back()) >> 16));
  }
  check_pairs<float>(floats, [](float x) { return x; });
  check_pairs<uint16_t>(
      bfloats, [](uint16_t x) { return std::bit_cast<float>(static_cast<uint32_t>(x) << 16); });
}

TEST(Lanes, ExpOfTheEnds) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const float x[kLanes] = {
      -kInfinity, kInfinity, -1000.0F, 1000.0F, 0.0F, NAN, -87.8F, -88.5F, 88.5F, 89.5F, 88.0F};
  float y[kLanes];

  exp_of(x, y);

  EXPECT_EQ(y[0], 0.0F);
  EXPECT_EQ(y[1], kInfinity);
  EXPECT_EQ(y[2], 0.0F);
  EXPECT_EQ(y[3], kInfinity);
  EXPECT_EQ(y[4], 1.0F);
  EXPECT_TRUE(std::isnan(y[5]));
  EXPECT_EQ(y[6], 0.0F);
  EXPECT_EQ(y[7], 0.0F);
  EXPECT_EQ(y[8], kInfinity);
  EXPECT_EQ(y[9], kInfinity);
  EXPECT_NEAR(y[10], 1.6516363e38F, 1e33F);
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
    uint16_t paired[kPairLanes];
    paired_of(x, paired);
    EXPECT_EQ(paired[0], y[0]) << std::hex << pattern;
    EXPECT_EQ(paired[1], y[0]) << std::hex << pattern;
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
