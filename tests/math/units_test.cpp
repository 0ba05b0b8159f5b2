#include "math/units.h"

#include <gtest/gtest.h>

namespace stratagram::math {
namespace {

using Kind = UnitWord::Kind;

Rational ratio(const char* a, const char* b) {
  return unit_named(a).value().factor / unit_named(b).value().factor;
}

TEST(Units, HaveTheirLegalFactors) {
  EXPECT_EQ(ratio("mi", "ft"), Rational(5280));
  EXPECT_EQ(ratio("yd", "in"), Rational(36));
  EXPECT_EQ(ratio("in", "cm"), Rational(254, 100));
  EXPECT_EQ(ratio("lb", "oz"), Rational(16));
  EXPECT_EQ(ratio("ton", "lb"), Rational(2000));
  EXPECT_EQ(ratio("gal", "in^3"), Rational(231));
  EXPECT_EQ(ratio("gal", "cup"), Rational(16));
  EXPECT_EQ(ratio("acre", "yd^2"), Rational(4840));
  EXPECT_EQ(ratio("kWh", "J"), Rational(3'600'000));
  EXPECT_EQ(ratio("USD", "cent"), Rational(100));
  EXPECT_EQ(ratio("L", "cm^3"), Rational(1000));
}

TEST(Units, OfOneKindShareTheirDimension) {
  EXPECT_EQ(unit_named("mi/h").value().dimension, unit_named("m/s").value().dimension);
  EXPECT_EQ(unit_named("N*m").value().dimension, unit_named("J").value().dimension);
  EXPECT_EQ(unit_named("W").value().dimension, unit_named("J/s").value().dimension);
  EXPECT_NE(unit_named("cm^2").value().dimension, unit_named("cm").value().dimension);
  EXPECT_NE(unit_named("USD").value().dimension, unit_named("EUR").value().dimension);
  EXPECT_NE(unit_named("month").value().dimension, unit_named("day").value().dimension);
}

TEST(Units, OfAngleCarryPi) {
  const Unit degree = unit_named("deg").value();

  EXPECT_EQ(degree.pi_power, 1);
  EXPECT_EQ(degree.factor, Rational(1, 180));
  EXPECT_EQ(degree.dimension, unit_named("rad").value().dimension);
}

TEST(Units, OfTemperatureMeetWhereTheScalesCross) {
  const auto kelvin = [](const char* name, int64_t value) {
    const Unit unit = unit_named(name).value();
    return Rational(value) * unit.factor + unit.offset;
  };

  EXPECT_EQ(kelvin("degC", -40), kelvin("degF", -40));
  EXPECT_EQ(kelvin("degC", 100), kelvin("degF", 212));
  EXPECT_EQ(kelvin("degC", 0), Rational(27315, 100));
}

TEST(Units, AreKnownByCanonicalNamesAlone) {
  for (const char* text : {"", "meter", "cm^", "cm^0", "/s", "kg**m", "furlong", "m/", "cm ^2"}) {
    EXPECT_FALSE(unit_named(text).has_value()) << text;
  }
}

TEST(UnitWords, BecomeOneCanonicalName) {
  const auto name = [](std::vector<UnitWord> words) { return canonical_unit(words).value_or("?"); };

  EXPECT_EQ(name({{.text = "square"}, {.text = "centimeters"}}), "cm^2");
  EXPECT_EQ(name({{.text = "Cubic"}, {.text = "Feet"}}), "ft^3");
  EXPECT_EQ(name({{.text = "meters"}, {.text = "squared"}}), "m^2");
  EXPECT_EQ(name({{.text = "miles"}, {.kind = Kind::kPer}, {.text = "hour"}}), "mi/h");
  EXPECT_EQ(name({{.text = "mph"}}), "mi/h");
  EXPECT_EQ(name({{.text = "m"}, {.text = "s"}, {.kind = Kind::kExponent, .exponent = -1}}), "m/s");
  EXPECT_EQ(name({{.text = "m"},
                  {.kind = Kind::kPer},
                  {.text = "s"},
                  {.kind = Kind::kExponent, .exponent = 2}}),
            "m/s^2");
  EXPECT_EQ(name({{.text = "square"}, {.text = "units"}}), "");
}

TEST(UnitWords, RefuseWhatIsNoUnit) {
  EXPECT_FALSE(canonical_unit({{.text = "apples"}}).has_value());
  EXPECT_FALSE(canonical_unit({{.text = "square"}}).has_value());
  EXPECT_FALSE(canonical_unit({{.text = "m"}, {.kind = Kind::kPer}}).has_value());
  EXPECT_FALSE(canonical_unit({}).has_value());
}

}  // namespace
}  // namespace stratagram::math
