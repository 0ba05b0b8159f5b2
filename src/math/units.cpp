#include "math/units.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <unordered_map>

#include "math/words.h"

namespace stratagram::math {
namespace {

struct Row {
  const char* name;       ///< canonical, of one word
  const char* dimension;  ///< in base units
  int64_t numerator;
  int64_t denominator;
  const char* aliases;  ///< parted by spaces
};

/// Factors: the international yard and pound (1959), the US gallon, SI (BIPM brochure, 9th ed.).
constexpr Row kRows[] = {
    {"m", "m", 1, 1, "meter meters metre metres"},
    {"km", "m", 1000, 1, "kilometer kilometers kilometre kilometres kms"},
    {"dm", "m", 1, 10, "decimeter decimeters decimetre decimetres"},
    {"cm", "m", 1, 100, "centimeter centimeters centimetre centimetres cms"},
    {"mm", "m", 1, 1000, "millimeter millimeters millimetre millimetres"},
    {"um", "m", 1, 1'000'000, "micrometer micrometers micron microns"},
    {"nm", "m", 1, 1'000'000'000, "nanometer nanometers nanometre nanometres"},
    {"in", "m", 254, 10000, "inch inches"},
    {"ft", "m", 3048, 10000, "foot feet"},
    {"yd", "m", 9144, 10000, "yard yards yds"},
    {"mi", "m", 1609344, 1000, "mile miles"},
    {"ly", "m", 9'460'730'472'580'800, 1, "lightyear lightyears"},
    {"AU", "m", 149'597'870'700, 1, "au"},
    {"acre", "m^2", 316160658, 78125, "acres"},
    {"ha", "m^2", 10000, 1, "hectare hectares"},
    {"L", "m^3", 1, 1000, "l liter liters litre litres"},
    {"dL", "m^3", 1, 10000, "deciliter deciliters"},
    {"mL", "m^3", 1, 1'000'000, "ml milliliter milliliters millilitre millilitres"},
    {"gal", "m^3", 473176473, 125'000'000'000, "gallon gallons"},
    {"qt", "m^3", 473176473, 500'000'000'000, "quart quarts"},
    {"pt", "m^3", 473176473, 1'000'000'000'000, "pint pints"},
    {"cup", "m^3", 473176473, 2'000'000'000'000, "cups"},
    {"kg", "kg", 1, 1, "kilogram kilograms kilo kilos kgs"},
    {"g", "kg", 1, 1000, "gram grams gm"},
    {"mg", "kg", 1, 1'000'000, "milligram milligrams"},
    {"t", "kg", 1000, 1, "tonne tonnes"},
    {"lb", "kg", 45359237, 100'000'000, "lbs pound pounds"},
    {"oz", "kg", 45359237, 1'600'000'000, "ounce ounces"},
    {"ton", "kg", 90718474, 100'000, "tons"},
    {"s", "s", 1, 1, "sec secs second seconds"},
    {"ms", "s", 1, 1000, "millisecond milliseconds"},
    {"us", "s", 1, 1'000'000, "microsecond microseconds"},
    {"ns", "s", 1, 1'000'000'000, "nanosecond nanoseconds"},
    {"min", "s", 60, 1, "minute minutes mins"},
    {"h", "s", 3600, 1, "hr hrs hour hours"},
    {"day", "s", 86400, 1, "days"},
    {"week", "s", 604800, 1, "weeks wk wks"},
    {"month", "month", 1, 1, "months"},
    {"year", "month", 12, 1, "years yr yrs"},
    {"decade", "month", 120, 1, "decades"},
    {"century", "month", 1200, 1, "centuries"},
    {"A", "A", 1, 1, "amp amps ampere amperes"},
    {"mA", "A", 1, 1000, "milliamp milliamps"},
    {"K", "K", 1, 1, "kelvin kelvins"},
    {"degC", "K", 1, 1, "celsius centigrade"},
    {"degF", "K", 5, 9, "fahrenheit"},
    {"mol", "mol", 1, 1, "mole moles"},
    {"rad", "rad", 1, 1, "radian radians"},
    {"deg", "rad", 1, 180, "degree degrees"},
    {"Hz", "s^-1", 1, 1, "hertz"},
    {"kHz", "s^-1", 1000, 1, "kilohertz"},
    {"MHz", "s^-1", 1'000'000, 1, "megahertz"},
    {"GHz", "s^-1", 1'000'000'000, 1, "gigahertz"},
    {"N", "kg*m/s^2", 1, 1, "newton newtons"},
    {"kN", "kg*m/s^2", 1000, 1, ""},
    {"J", "kg*m^2/s^2", 1, 1, "joule joules"},
    {"kJ", "kg*m^2/s^2", 1000, 1, "kilojoule kilojoules"},
    {"cal", "kg*m^2/s^2", 4184, 1000, "calorie calories"},
    {"kcal", "kg*m^2/s^2", 4184, 1, "kilocalorie kilocalories"},
    {"kWh", "kg*m^2/s^2", 3'600'000, 1, "kilowatt-hour kilowatt-hours"},
    {"eV", "kg*m^2/s^2", 1602176634, 1, "electronvolt electronvolts"},
    {"W", "kg*m^2/s^3", 1, 1, "watt watts"},
    {"kW", "kg*m^2/s^3", 1000, 1, "kilowatt kilowatts"},
    {"MW", "kg*m^2/s^3", 1'000'000, 1, "megawatt megawatts"},
    {"Pa", "kg/m/s^2", 1, 1, "pascal pascals"},
    {"kPa", "kg/m/s^2", 1000, 1, "kilopascal kilopascals"},
    {"atm", "kg/m/s^2", 101325, 1, "atmosphere atmospheres"},
    {"C", "A*s", 1, 1, "coulomb coulombs"},
    {"V", "kg*m^2/A/s^3", 1, 1, "volt volts"},
    {"mV", "kg*m^2/A/s^3", 1, 1000, "millivolt millivolts"},
    {"ohm", "kg*m^2/A^2/s^3", 1, 1, "ohms Omega"},
    {"T", "kg/A/s^2", 1, 1, "tesla teslas"},
    {"bit", "bit", 1, 1, "bits"},
    {"byte", "bit", 8, 1, "bytes"},
    {"Mb", "bit", 1'000'000, 1, "megabit megabits"},
    {"kB", "bit", 8000, 1, "KB kilobyte kilobytes"},
    {"MB", "bit", 8'000'000, 1, "megabyte megabytes"},
    {"GB", "bit", 8'000'000'000, 1, "gigabyte gigabytes"},
    {"%", "%", 1, 1, "percent percents pct percentage"},
    {"USD", "USD", 1, 1, "dollar dollars"},
    {"cent", "USD", 1, 100, "cents"},
    {"EUR", "EUR", 1, 1, "euro euros"},
    {"GBP", "GBP", 1, 1, "sterling"},
    {"JPY", "JPY", 1, 1, "yen"},
    {"INR", "INR", 1, 1, "rupee rupees"},
    {"CNY", "CNY", 1, 1, "yuan"},
};

using Factors = std::map<std::string, int>;

void multiply_(Factors& factors, const std::string& name, int exponent) {
  factors[name] += exponent;
  if (factors[name] == 0) factors.erase(name);
}

/// "kg*m/s^2": names with exponents; none for any other text.
std::optional<Factors> factors_of(std::string_view text) {
  Factors factors;
  int sign = 1;
  size_t at = 0;
  while (true) {
    const size_t start = at;
    while (at < text.size() && text[at] != '*' && text[at] != '/' && text[at] != '^') ++at;
    const std::string name(text.substr(start, at - start));
    if (name.empty()) return std::nullopt;
    int exponent = 1;
    if (at < text.size() && text[at] == '^') {
      ++at;
      const bool negative = at < text.size() && text[at] == '-';
      if (negative) ++at;
      if (at >= text.size() || text[at] < '1' || text[at] > '9') return std::nullopt;
      exponent = (negative ? -1 : 1) * (text[at++] - '0');
    }
    multiply_(factors, name, sign * exponent);
    if (at == text.size()) return factors;
    if (text[at] != '*' && text[at] != '/') return std::nullopt;
    sign = text[at++] == '/' ? -1 : 1;
  }
}

std::string spelled(const Factors& factors) {
  const auto power = [](const std::string& name, int exponent) {
    return exponent == 1 ? name : fmt::format("{}^{}", name, exponent);
  };
  std::string text;
  for (const auto& [name, exponent] : factors) {
    if (exponent <= 0) continue;
    if (!text.empty()) text += '*';
    text += power(name, exponent);
  }
  for (const auto& [name, exponent] : factors) {
    if (exponent >= 0) continue;
    // With nothing above, the exponents stay below 0.
    if (text.empty()) {
      text = power(name, exponent);
    } else {
      text += '/';
      text += power(name, -exponent);
    }
  }
  return text;
}

std::unordered_map<std::string, const Row*> make_index() {
  std::unordered_map<std::string, const Row*> index;
  for (const Row& row : kRows) {
    index[row.name] = &row;
    const std::string aliases = row.aliases;
    size_t at = 0;
    while (at < aliases.size()) {
      const size_t end = std::min(aliases.find(' ', at), aliases.size());
      index[aliases.substr(at, end - at)] = &row;
      at = end + 1;
    }
  }
  return index;
}

const Row* row_of(const std::string& word) {
  static const auto kIndex = make_index();
  const auto exact = kIndex.find(word);
  if (exact != kIndex.end()) return exact->second;
  // "Feet", "HOURS": but Mb is not mb.
  if (word.size() < 3) return nullptr;
  const auto folded = kIndex.find(lower_case(word));
  return folded == kIndex.end() ? nullptr : folded->second;
}

/// What a word stands for, several units at once for "mph". None: no unit; empty: says nothing.
std::optional<Factors> factors_of_word(const std::string& word) {
  static const std::unordered_map<std::string, const char*> kCompounds = {{"mph", "mi/h"},
                                                                          {"kph", "km/h"},
                                                                          {"kmh", "km/h"},
                                                                          {"cc", "cm^3"},
                                                                          {"sqm", "m^2"},
                                                                          {"fps", "ft/s"},
                                                                          {"mps", "m/s"},
                                                                          {"sqft", "ft^2"}};
  const std::string lower = lower_case(word);
  if (lower == "unit" || lower == "units" || lower == "un") return Factors{};
  const auto compound = kCompounds.find(lower);
  if (compound != kCompounds.end()) return factors_of(compound->second);
  const Row* row = row_of(word);
  if (row == nullptr) return std::nullopt;
  return Factors{{row->name, 1}};
}

int power_of_word(const std::string& word) {
  const std::string lower = lower_case(word);
  if (lower == "square" || lower == "sq" || lower == "squared") return 2;
  if (lower == "cubic" || lower == "cu" || lower == "cubed") return 3;
  return 1;
}

Rational to_the(const Rational& base, int exponent) {
  return base.to_the(exponent);
}

}  // namespace

std::optional<Unit> unit_named(std::string_view canonical) {
  const auto factors = factors_of(canonical);
  if (!factors) return std::nullopt;
  Unit unit;
  Factors dimension;
  for (const auto& [name, exponent] : *factors) {
    const Row* row = row_of(name);
    if (row == nullptr || name != row->name) return std::nullopt;
    unit.factor = unit.factor * to_the(Rational(row->numerator, row->denominator), exponent);
    if (name == "deg") unit.pi_power += exponent;
    if (name == "eV") unit.factor = unit.factor * to_the(Rational(10), -28 * exponent);
    const auto base = factors_of(row->dimension);
    for (const auto& [base_name, base_exponent] : *base) {
      multiply_(dimension, base_name, base_exponent * exponent);
    }
  }
  // The zero points are those of the scale, which a power or quotient does not have.
  if (canonical == "degC") unit.offset = Rational(27315, 100);
  if (canonical == "degF") unit.offset = Rational(45967 * 5, 900);
  unit.dimension.assign(dimension.begin(), dimension.end());
  return unit;
}

std::optional<std::string> canonical_unit(const std::vector<UnitWord>& words) {
  Factors all;
  int sign = 1;
  int next_power = 1;
  bool has_unit = false;
  bool expects_unit = false;
  Factors last;
  for (const UnitWord& word : words) {
    switch (word.kind) {
      case UnitWord::Kind::kPer:
        if (!has_unit || expects_unit) return std::nullopt;
        sign = -1;
        expects_unit = true;
        continue;
      case UnitWord::Kind::kTimes:
        if (!has_unit || expects_unit) return std::nullopt;
        sign = 1;
        expects_unit = true;
        continue;
      case UnitWord::Kind::kExponent:
        if (!has_unit || expects_unit || word.exponent == 0) return std::nullopt;
        for (const auto& [name, exponent] : last) {
          multiply_(all, name, exponent * (word.exponent - 1));
        }
        last.clear();
        continue;
      case UnitWord::Kind::kWord:
        break;
    }
    const int power = power_of_word(word.text);
    if (power > 1) {
      const bool behind = lower_case(word.text).ends_with('d');
      if (behind) {
        for (const auto& [name, exponent] : last) multiply_(all, name, exponent * (power - 1));
        last.clear();
      } else {
        next_power = power;
      }
      continue;
    }
    const auto factors = factors_of_word(word.text);
    if (!factors) return std::nullopt;
    last.clear();
    for (const auto& [name, exponent] : *factors) {
      last[name] = sign * exponent;
      multiply_(all, name, sign * exponent * next_power);
    }
    if (next_power > 1) last.clear();
    next_power = 1;
    has_unit = true;
    expects_unit = false;
  }
  if (!has_unit || expects_unit || next_power != 1) return std::nullopt;
  for (const auto& [name, exponent] : all) {
    if (exponent > 9 || exponent < -9) return std::nullopt;
  }
  return spelled(all);
}

}  // namespace stratagram::math
