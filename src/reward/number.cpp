#include "reward/number.h"

#include <array>
#include <cmath>
#include <cstdlib>
#include <utility>

namespace stratagram::reward {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_letter(char c) {
  return c >= 'a' && c <= 'z';
}

// What is written differently but means the same; longer spellings before their beginnings.
constexpr std::array<std::pair<std::string_view, std::string_view>, 31> kSpellings = {{
    {"\\dfrac", "\\frac"},
    {"\\tfrac", "\\frac"},
    {"\\cfrac", "\\frac"},
    {"\\left", ""},
    {"\\right", ""},
    {"\\times", "*"},
    {"\\cdot", "*"},
    {"\\displaystyle", ""},
    {"^{\\circ}", ""},
    {"^\\circ", ""},
    {"\\degree", ""},
    {"{,}", ","},
    {"\\$", ""},
    {"$", ""},
    {"\\%", "%"},
    {"\\(", ""},
    {"\\)", ""},
    {"\\[", ""},
    {"\\]", ""},
    {"\\!", ""},
    {"\\,", " "},
    {"\\;", " "},
    {"\\:", " "},
    {"\\ ", " "},
    {"~", " "},
    {"\xe2\x88\x92", "-"},
    {"\xc3\x97", "*"},
    {"\xc2\xa3", ""},
    {"\xe2\x82\xac", ""},
    {"\xc2\xb0", ""},
    {"\xc2\xa0", " "},
}};

constexpr std::array<std::string_view, 6> kWrappers = {
    "\\text{", "\\mathrm{", "\\textbf{", "\\mathbf{", "\\mbox{", "\\operatorname{"};

// Reads forward through a text.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  [[nodiscard]] bool done() const { return at_ >= text_.size(); }
  [[nodiscard]] char peek() const { return done() ? '\0' : text_[at_]; }
  [[nodiscard]] size_t at() const { return at_; }
  void back_to(size_t at) { at_ = at; }
  [[nodiscard]] std::string_view rest() const { return text_.substr(at_); }

  bool take(std::string_view part) {
    if (text_.substr(at_, part.size()) != part) return false;
    at_ += part.size();
    return true;
  }
  std::string digits() {
    std::string found;
    while (is_digit(peek())) found += text_[at_++];
    return found;
  }
  void skip_spaces() {
    while (peek() == ' ') ++at_;
  }

 private:
  std::string_view text_;
  size_t at_ = 0;
};

std::optional<Rational> integer_of(const std::string& digits) {
  Rational::Integer value = 0;
  if (digits.empty() || digits.size() > 36) return std::nullopt;
  for (const char c : digits) value = value * 10 + (c - '0');
  return Rational::of(value, 1);
}

std::optional<Rational> power_of_ten(int exponent) {
  if (exponent > 36) return std::nullopt;
  Rational::Integer value = 1;
  for (int i = 0; i < exponent; ++i) value *= 10;
  return Rational::of(value, 1);
}

// Digits, or groups of three after commas (or single spaces are not taken: "1 234" is two numbers).
std::string read_integer_part(Reader& reader) {
  std::string digits = reader.digits();
  if (digits.empty() || digits.size() > 3) return digits;
  while (reader.peek() == ',') {
    const size_t before = reader.at();
    reader.take(",");
    const std::string group = reader.digits();
    if (group.size() != 3) {
      reader.back_to(before);
      break;
    }
    digits += group;
  }
  return digits;
}

// e5, *10^5, *10^{-5}; 0 when there is none.
int read_exponent(Reader& reader, bool& found) {
  const size_t before = reader.at();
  found = false;
  bool braces = false;
  if (!reader.take("e")) {
    reader.skip_spaces();
    if (!reader.take("*")) {
      reader.back_to(before);
      return 0;
    }
    reader.skip_spaces();
    if (!reader.take("10^")) {
      reader.back_to(before);
      return 0;
    }
    braces = reader.take("{");
  }
  const bool negative = reader.take("-");
  if (!negative) reader.take("+");
  const std::string digits = reader.digits();
  if (digits.empty() || digits.size() > 4 || (braces && !reader.take("}"))) {
    reader.back_to(before);
    return 0;
  }
  found = true;
  const int exponent = std::stoi(digits);  // at most four digits
  return negative ? -exponent : exponent;
}

// A decimal number without sign.
std::optional<Number> read_decimal(Reader& reader) {
  const std::string whole = read_integer_part(reader);
  std::string fraction;
  const size_t before_point = reader.at();
  if (reader.take(".")) {
    fraction = reader.digits();
    if (fraction.empty() && whole.empty()) return std::nullopt;
    if (fraction.empty()) reader.back_to(before_point);
  }
  if (whole.empty() && fraction.empty()) return std::nullopt;
  bool has_exponent = false;
  const int exponent = read_exponent(reader, has_exponent) - static_cast<int>(fraction.size());
  Number number;
  number.is_decimal = !fraction.empty() || has_exponent;
  const std::string spelled = (whole.empty() ? "0" : whole) + "." + fraction + "e" +
                              std::to_string(exponent + static_cast<int>(fraction.size()));
  number.value = std::strtod(spelled.c_str(), nullptr);
  const auto digits = integer_of(whole + fraction);
  const auto scale = power_of_ten(std::abs(exponent));
  if (digits && scale) number.exact = exponent < 0 ? digits->over(*scale) : digits->times(*scale);
  return number;
}

std::optional<Number> fraction_of(const std::string& above, const std::string& below) {
  const auto a = integer_of(above);
  const auto b = integer_of(below);
  if (!a || !b) return std::nullopt;
  const auto quotient = a->over(*b);
  if (!quotient) return std::nullopt;
  return Number{.value = quotient->value(), .exact = quotient, .unit = ""};
}

// \frac{a}{b}, \frac ab, \frac{a}b with whole numbers.
std::optional<Number> read_frac(Reader& reader) {
  if (!reader.take("\\frac")) return std::nullopt;
  const auto part = [&]() -> std::string {
    reader.skip_spaces();
    if (reader.take("{")) {
      reader.skip_spaces();
      std::string digits = reader.digits();
      reader.skip_spaces();
      return reader.take("}") ? digits : "";
    }
    if (!is_digit(reader.peek())) return "";
    const std::string one(1, reader.peek());
    reader.take(one);
    return one;
  };
  const std::string above = part();
  const std::string below = part();
  return fraction_of(above, below);
}

// The part behind a whole number: /b, or a fraction that is added to it.
std::optional<Number> read_fraction_after(Reader& reader, const Number& whole) {
  const size_t before = reader.at();
  const auto below_of = [&](const Number& above) -> std::optional<Number> {
    reader.skip_spaces();
    if (!reader.take("/")) return std::nullopt;
    reader.skip_spaces();
    const auto below = read_decimal(reader);
    if (!below || !above.exact || !below->exact) return std::nullopt;
    const auto quotient = above.exact->over(*below->exact);
    if (!quotient) return std::nullopt;
    return Number{.value = quotient->value(), .exact = quotient, .unit = ""};
  };
  if (auto quotient = below_of(whole)) return quotient;
  reader.back_to(before);
  if (whole.is_decimal || !whole.exact) return std::nullopt;
  const bool spaced = reader.peek() == ' ';
  reader.skip_spaces();
  std::optional<Number> part = read_frac(reader);
  if (!part && spaced && is_digit(reader.peek())) {
    const auto above = read_decimal(reader);
    if (above && !above->is_decimal) part = below_of(*above);
  }
  if (!part || !part->exact || part->value >= 1.0) {
    reader.back_to(before);
    return std::nullopt;
  }
  const auto sum = whole.exact->plus(*part->exact);
  if (!sum) return std::nullopt;
  return Number{.value = sum->value(), .exact = sum, .unit = ""};
}

// A unit or noun: letters, spaces, %, and exponents of units.
std::optional<std::string> unit_of(std::string_view rest) {
  std::string unit;
  for (size_t i = 0; i < rest.size(); ++i) {
    const char c = rest[i];
    const bool exponent = !unit.empty() && (c == '^' || c == '{' || c == '}' ||
                                            ((c == '2' || c == '3') && rest[i - 1] != ' '));
    if (!is_letter(c) && c != ' ' && c != '%' && c != '/' && c != '.' && c != '\'' && !exponent) {
      return std::nullopt;
    }
    if (c == '/' && unit.empty()) return std::nullopt;
    unit += c;
  }
  const size_t begin = unit.find_first_not_of(' ');
  if (begin == std::string::npos) return "";
  return unit.substr(begin, unit.find_last_not_of(' ') - begin + 1);
}

}  // namespace

std::string plain_answer(std::string_view text) {
  std::string plain;
  std::string open;  // one character a brace that is open: 'w' of a wrapper, '{' of another
  for (size_t at = 0; at < text.size();) {
    bool matched = false;
    for (const std::string_view wrapper : kWrappers) {
      if (text.substr(at, wrapper.size()) != wrapper) continue;
      at += wrapper.size();
      open += 'w';
      matched = true;
      break;
    }
    for (size_t i = 0; !matched && i < kSpellings.size(); ++i) {
      const auto& [spelling, meaning] = kSpellings[i];
      if (text.substr(at, spelling.size()) != spelling) continue;
      at += spelling.size();
      plain += meaning;
      matched = true;
    }
    if (matched) continue;
    char c = text[at++];
    if (c == '{') open += '{';
    if (c == '}' && !open.empty()) {
      const char opener = open.back();
      open.pop_back();
      if (opener == 'w') continue;
    }
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    if (c == '\t' || c == '\n' || c == '\r') c = ' ';
    if (c == ' ' && (plain.empty() || plain.back() == ' ')) continue;
    plain += c;
  }
  while (!plain.empty() && (plain.back() == ' ' || plain.back() == '.')) plain.pop_back();
  if (!plain.empty() && plain.front() == ' ') plain.erase(0, 1);
  return plain;
}

std::optional<Number> parse_number(std::string_view text) {
  std::string plain = plain_answer(text);
  // "x = 5": what is on the right counts.
  if (const size_t equals = plain.rfind('='); equals != std::string::npos) {
    plain.erase(0, equals + 1);
  }
  Reader reader(plain);
  reader.skip_spaces();
  const bool negative = reader.take("-");
  if (!negative) reader.take("+");
  reader.skip_spaces();
  std::optional<Number> number = read_frac(reader);
  if (!number) {
    number = read_decimal(reader);
    if (!number) return std::nullopt;
    if (auto with_fraction = read_fraction_after(reader, *number)) {
      number = std::move(with_fraction);
    }
  }
  const std::optional<std::string> unit = unit_of(reader.rest());
  if (!unit) return std::nullopt;
  number->unit = *unit;
  if (negative) {
    number->value = -number->value;
    if (number->exact) number->exact = Rational(0).minus(*number->exact);
  }
  return number;
}

}  // namespace stratagram::reward
