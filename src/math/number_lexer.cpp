#include "math/number_lexer.h"

#include <algorithm>
#include <string>

#include "math/characters.h"

namespace stratagram::math {
namespace {

/// Between groups of three digits: a space, also the narrow ones of Unicode.
constexpr std::string_view kSpaces[] = {
    " ", "~", "\\ ", "\xc2\xa0", "\xe2\x80\xaf", "\xe2\x80\x89"};

class NumberMatcher {
 public:
  NumberMatcher(std::string_view text, size_t at) : text_(text), at_(at), begin_(at) {}

  NumberMatch match(bool may_group) {
    take_digits(number_.whole);
    take_marked_groups();
    if (may_group) take_comma_groups();
    take_spaced_groups();
    take_fraction();
    take_exponent();
    return {std::move(number_), at_};
  }

 private:
  [[nodiscard]] char peek(size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  [[nodiscard]] bool three_digits_at(size_t offset) const {
    for (size_t i = 0; i < 3; ++i) {
      if (offset + i >= text_.size() || !is_digit(text_[offset + i])) return false;
    }
    return offset + 3 >= text_.size() || !is_digit(text_[offset + 3]);
  }
  void take_digits(std::string& digits) {
    const size_t start = at_;
    while (is_digit(peek())) ++at_;
    digits.append(text_.substr(start, at_ - start));
  }

  /// 12 345 678, but not the mixed number 3 125/128.
  void take_spaced_groups() {
    if (number_.whole.empty() || number_.whole.size() > 3 || number_.whole[0] == '0') return;
    size_t end = at_;
    std::string digits = number_.whole;
    while (true) {
      size_t length = 0;
      for (const std::string_view mark : kSpaces) {
        if (length == 0 && text_.substr(end).starts_with(mark)) length = mark.size();
      }
      if (length == 0 || !three_digits_at(end + length)) break;
      digits.append(text_.substr(end + length, 3));
      end += length + 3;
    }
    size_t next = end;
    while (next < text_.size() && text_[next] == ' ') ++next;
    const bool is_fraction = next < text_.size() && text_[next] == '/';
    const bool goes_on = next > end && next < text_.size() && is_digit(text_[next]);
    if (end == at_ || is_fraction || goes_on) return;
    at_ = end;
    number_.whole = std::move(digits);
  }

  /// Separators that cannot part two numbers: {,} and ,\! and \, between groups of three.
  void take_marked_groups() {
    if (number_.whole.empty() || number_.whole.size() > 3) return;
    while (true) {
      size_t length = 0;
      for (const std::string_view mark :
           {"{,}", ",\\!", "\\,", "\\!,\\!", "{,}\\!", "{, }", " {, }"}) {
        if (length == 0 && text_.substr(at_).starts_with(mark)) length = mark.size();
      }
      if (length == 0) return;
      size_t next = at_ + length;
      while (next < text_.size() && text_[next] == ' ') ++next;
      if (!three_digits_at(next)) return;
      number_.whole.append(text_.substr(next, 3));
      at_ = next + 3;
    }
  }

  void take_comma_groups() {
    if (number_.whole.size() > 3 || number_.whole.empty() || number_.whole[0] == '0') return;
    if (begin_ > 0 && text_[begin_ - 1] == ',') return;
    size_t end = at_;
    std::string digits = number_.whole;
    while (end < text_.size() && text_[end] == ',' && three_digits_at(end + 1)) {
      digits.append(text_.substr(end + 1, 3));
      end += 4;
    }
    const bool goes_on = end + 1 < text_.size() && text_[end] == ',' && is_digit(text_[end + 1]);
    if (end == at_ || goes_on) return;
    at_ = end;
    number_.whole = std::move(digits);
    number_.is_grouped = true;
  }

  void take_fraction() {
    if (peek() != '.') return;
    // "1./3" is a number with a point, "5." the end of a sentence.
    const bool python = peek(1) == '/' || peek(1) == '*';
    const bool repeats = text_.substr(at_ + 1, 1) == "\\";
    if (!is_digit(peek(1)) && !python && !repeats) return;
    const size_t before = at_;
    ++at_;
    take_digits(number_.fraction);
    const bool repeated = take_repeating();
    if (repeats && !repeated) {
      at_ = before;
      return;
    }
    number_.has_point = true;
  }

  bool take_repeating() {
    for (const std::string_view mark : {"\\overline{", "\\bar{", "\\dot{", "\\overline "}) {
      if (!text_.substr(at_).starts_with(mark)) continue;
      const size_t start = at_ + mark.size();
      size_t end = start;
      while (end < text_.size() && is_digit(text_[end])) ++end;
      const bool braced = mark.ends_with('{');
      if (end == start || (braced && (end >= text_.size() || text_[end] != '}'))) return false;
      number_.repeating = text_.substr(start, end - start);
      at_ = end + (braced ? 1 : 0);
      return true;
    }
    return false;
  }

  void take_exponent() {
    if (peek() != 'e' && peek() != 'E') return;
    size_t at = at_ + 1;
    bool negative = false;
    constexpr std::string_view kMinus = "\xe2\x88\x92";  // the minus sign of Unicode
    if (text_.substr(at).starts_with(kMinus)) {
      negative = true;
      at += kMinus.size();
    } else if (at < text_.size() && (text_[at] == '-' || text_[at] == '+')) {
      negative = text_[at++] == '-';
    }
    const size_t start = at;
    // No more digits than any exponent of a sane number has; the caller refuses what is too large.
    int64_t exponent = 0;
    while (at < text_.size() && is_digit(text_[at])) {
      exponent = std::min<int64_t>(exponent * 10 + (text_[at] - '0'), 1'000'000'000'000);
      ++at;
    }
    if (at == start || (at < text_.size() && is_letter(text_[at]))) return;
    number_.exponent = negative ? -exponent : exponent;
    number_.has_exponent = true;
    at_ = at;
  }

  std::string_view text_;
  size_t at_;
  size_t begin_;
  WrittenNumber number_;
};

}  // namespace

NumberMatch match_number(std::string_view text, size_t at, bool may_group) {
  return NumberMatcher(text, at).match(may_group);
}

Rational digits_value(const WrittenNumber& number) {
  const std::string fixed = number.whole + number.fraction;
  const auto decimals = static_cast<int64_t>(number.fraction.size());
  Rational value = fixed.empty() ? Rational(0) : *Rational::of_digits(fixed);
  if (decimals > 0) value = value / Rational(10).to_the(decimals);
  if (!number.repeating.empty()) {
    const auto period = static_cast<int64_t>(number.repeating.size());
    const Rational nines = Rational(10).to_the(period) - Rational(1);
    value =
        value + *Rational::of_digits(number.repeating) / (nines * Rational(10).to_the(decimals));
  }
  return value;
}

Precision precision_of(const WrittenNumber& number) {
  Precision precision;
  precision.is_decimal = (number.has_point || number.has_exponent) && number.repeating.empty();
  const auto written = static_cast<int64_t>(number.fraction.size());
  precision.decimals =
      static_cast<int32_t>(std::clamp<int64_t>(written - number.exponent, -1'000'000, 1'000'000));
  const std::string digits = number.whole + number.fraction;
  const size_t first = digits.find_first_not_of('0');
  precision.significant_digits =
      first == std::string::npos ? 0 : static_cast<int32_t>(digits.size() - first);
  return precision;
}

}  // namespace stratagram::math
