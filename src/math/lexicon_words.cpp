// What the lexicon knows of runs of letters and of whole pieces of text.
#include <string_view>
#include <unordered_set>

#include "math/characters.h"
#include "math/lexicon.h"

namespace stratagram::math {

bool is_blank_sign(char32_t sign) {
  return sign == 0xa0 || (sign >= 0x2000 && sign <= 0x200f) || sign == 0x202f || sign == 0x3000 ||
         sign == 0xfeff || (sign >= 0x2060 && sign <= 0x2064) || sign == 0x201c || sign == 0x201d;
}

bool is_module(std::string_view name) {
  return name == "np" || name == "math" || name == "numpy" || name == "sympy" || name == "cmath";
}

bool is_spelled_function(std::string_view name) {
  return name == "sin" || name == "cos" || name == "tan" || name == "ln" || name == "log" ||
         name == "arctan";
}

bool has_lone_dollar(std::string_view text) {
  size_t dollars = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '$') {
      ++dollars;
    }
  }
  return dollars % 2 == 1;
}

bool is_formula_text(std::string_view text) {
  bool has_sign = false;
  bool has_digit = false;
  constexpr std::string_view kMinus = "\xe2\x88\x92";
  for (size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i).starts_with(kMinus)) {
      has_sign = true;
      i += kMinus.size() - 1;
      continue;
    }
    const char c = text[i];
    const bool follows_letter = i > 0 && is_letter(text[i - 1]);
    if (is_letter(c) && follows_letter) return false;
    has_digit = has_digit || is_digit(c);
    has_sign = has_sign || c == '+' || c == '=' || c == '^' || c == '*' || (c == '-' && i > 0);
    const bool fits = is_letter(c) || is_digit(c) ||
                      std::string_view(" +-*/^=().").find(c) != std::string_view::npos;
    if (!fits) return false;
  }
  return has_sign && has_digit;
}

bool is_short_word(std::string_view name) {
  static const std::unordered_set<std::string_view> kWords = {
      "or",  "OR",  "Or",  "and", "AND", "the",  "is",  "are", "it",  "if",   "of",  "to",  "in",
      "on",  "at",  "by",  "no",  "yes", "not",  "an",  "as",  "be",  "we",   "for", "all", "any",
      "one", "two", "six", "ten", "has", "was",  "so",  "per", "day", "days", "sq",  "cu",  "cm",
      "mm",  "km",  "dm",  "nm",  "kg",  "mg",   "lb",  "lbs", "oz",  "ft",   "yd",  "mi",  "hr",
      "hrs", "min", "sec", "ms",  "ml",  "mL",   "dL",  "kL",  "am",  "pm",   "mph", "kph", "kmh",
      "Hz",  "kHz", "MHz", "GHz", "kW",  "MW",   "kJ",  "MJ",  "eV",  "keV",  "MeV", "Pa",  "kPa",
      "mol", "kWh", "Mb",  "MB",  "GB",  "KB",   "kB",  "mA",  "mV",  "kV",   "rad", "deg", "cc",
      "ha",  "yrs", "yr",  "wk",  "cal", "kcal", "gal", "pt",  "qt",  "bit",  "AM",  "PM",  "way",
      "odd", "red", "cup", "rpm", "th",  "st",   "nd",  "rd",  "men", "pie",  "sum", "ans", "set",
      "box", "ton", "non", "nor", "but", "its",  "let", "pct", "ohm", "Jan",  "Feb", "Mar", "Apr",
      "May", "Jun", "Jul", "Aug", "Sep", "Oct",  "Nov", "Dec", "Yes", "No",   "The", "It",  "One",
      "Two", "Six", "Ten", "NO",  "YES", "sqm",  "Ans", "We"};
  return kWords.contains(name);
}

}  // namespace stratagram::math
