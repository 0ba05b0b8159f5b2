// Values of AnswerParser: one expression with its unit, money, percent or degrees.
#include <algorithm>
#include <utility>
#include <vector>

#include "math/answer_parser.h"
#include "math/number_lexer.h"
#include "math/units.h"
#include "math/words.h"

namespace stratagram::math {
namespace {

/// So many \pm are expanded independently, more of them together.
constexpr int kMaxSigns = 3;
constexpr int64_t kMaxScientificExponent = 400;

struct Scientific {
  Expression value;  ///< one number
  int64_t exponent = 0;
};

/// m * 10^k, with a number for m and an integer for k; empty for any other expression.
std::optional<Scientific> scientific(const Expression& value) {
  const auto is_number = [](const Expression& e) { return e->op == Op::kNumber; };
  const bool negative = value->op == Op::kNegate;
  const Expression& product = negative ? value->arguments[0] : value;
  if (product->op != Op::kMultiply || product->arguments.size() != 2) return std::nullopt;
  const Expression& mantissa = product->arguments[0];
  const Expression& power = product->arguments[1];
  if (!is_number(mantissa) || power->op != Op::kPower || !is_number(power->arguments[0]) ||
      !is_number(power->arguments[1]) || !(power->arguments[0]->value == Rational(10))) {
    return std::nullopt;
  }
  const auto exponent = power->arguments[1]->value.as_int64();
  if (!exponent || *exponent > kMaxScientificExponent || *exponent < -kMaxScientificExponent) {
    return std::nullopt;
  }
  const Rational folded = mantissa->value * Rational(10).to_the(*exponent);
  return Scientific{.value = number(negative ? -folded : folded), .exponent = *exponent};
}

}  // namespace

std::optional<Answer> sum_of_units(const std::vector<Answer>& parts) {
  if (parts.size() < 2) return std::nullopt;
  Rational total;
  std::vector<Unit> units;
  for (const Answer& part : parts) {
    if (part.kind != AnswerKind::kValue || part.unit.empty() || !part.label.empty() ||
        part.expression->op != Op::kNumber) {
      return std::nullopt;
    }
    auto unit = unit_named(part.unit);
    if (!unit || unit->pi_power != 0 || !unit->offset.is_zero()) return std::nullopt;
    if (!units.empty() &&
        (unit->dimension != units.back().dimension || !(unit->factor < units.back().factor))) {
      return std::nullopt;
    }
    total = total + part.expression->value * unit->factor;
    units.push_back(std::move(*unit));
  }
  Answer sum;
  sum.kind = AnswerKind::kValue;
  sum.expression = number(total / units.back().factor);
  sum.unit = parts.back().unit;
  return sum;
}

std::optional<Answer> AnswerParser::value(Range range) {
  range = trimmed(range);
  while (is_bracketed(range, "{")) range = trimmed({range.begin + 1, range.end - 1});
  if (range.empty()) return std::nullopt;
  if (auto digits = lettered_digits(range)) return digits;
  if (auto amount = money(range)) return amount;
  for (size_t i = range.begin; i < range.end; i = after(i)) {
    if (is_infix(kind(i))) return infix(range, i);
  }
  const size_t last = range.end - 1;
  const Range before = {range.begin, last};
  const bool is_plain = !before.empty() && !is_sum(before) && !has_function(before);
  if (kind(last) == TokenKind::kDegree && is_plain) {
    return signed_values(before, "deg");
  }
  if (auto angle = degree_fraction(range)) return angle;
  if (kind(last) == TokenKind::kPercent && is_plain) {
    return signed_values(before, "%");
  }
  const size_t word = first_word(range);
  const bool is_ordinal = ordinal_start(range) < range.end;
  if (word < range.end && !is_ordinal) return value_with_words(range, word);
  if (auto length = value_with_letters(range)) return length;
  return signed_values(range, {});
}

/// \frac{540^\circ}{7}: the unit is that of the whole.
std::optional<Answer> AnswerParser::degree_fraction(Range range) {
  const size_t at = range.begin + (is_sign(kind(range.begin)) ? 1 : 0);
  if (at + 2 >= range.end || kind(at) != TokenKind::kFraction || !is_group(at + 1)) {
    return std::nullopt;
  }
  const Range above = {at + 2, lexed_.partner[at + 1]};
  const Range below = {above.end + 1, range.end};
  if (above.end < above.begin + 2 || below.empty() || after(below.begin) != below.end) {
    return std::nullopt;
  }
  const Range degrees = {above.begin, above.end - 1};
  const bool is_number = kind(below.begin) == TokenKind::kNumber;
  if (kind(degrees.end) != TokenKind::kDegree || is_sum(degrees) || has_function(degrees) ||
      (!is_number && !is_group(below.begin))) {
    return std::nullopt;
  }
  for (size_t i = range.begin; i < range.end; ++i) {
    if (kind(i) == TokenKind::kDegree && i != degrees.end) return std::nullopt;
    if (kind(i) == TokenKind::kPlusMinus) return std::nullopt;
  }
  auto angle = plain_value(degrees, "deg");
  const auto divisor = plain_value(below, {});
  if (!angle || !divisor) return std::nullopt;
  angle->expression = quotient(angle->expression, divisor->expression);
  if (kind(range.begin) == TokenKind::kMinus) angle->expression = negated(angle->expression);
  angle->precision.reset();
  return angle;
}

/// n \choose k, a \over b, whose braces are gone.
std::optional<Answer> AnswerParser::infix(Range range, size_t middle) {
  auto first = plain_value({range.begin, middle}, {});
  const auto second = plain_value({middle + 1, range.end}, {});
  if (!first || !second) return std::nullopt;
  first->expression = infix_value(kind(middle), first->expression, second->expression);
  first->precision.reset();
  return first;
}

/// Where the letters of 9th and 9^{\text{th}} begin, or the end.
size_t AnswerParser::ordinal_start(Range range) const {
  size_t at = range.end - 1;
  const bool braced = kind(at) == TokenKind::kClose && token(at).text == "{";
  if (braced && at > range.begin) --at;
  const std::string& text = token(at).text;
  const bool is_ending = text == "th" || text == "st" || text == "nd" || text == "rd";
  if (!is_ending || kind(at) != TokenKind::kWord) return range.end;
  if (braced) {
    if (at < range.begin + 3 || kind(at - 2) != TokenKind::kPower) return range.end;
    at -= 2;
  } else if (at > range.begin && kind(at - 1) == TokenKind::kPower) {
    --at;
  }
  return at > range.begin && kind(at - 1) == TokenKind::kNumber ? at : range.end;
}

/// A sum outside of brackets, signs at the start not counted.
bool AnswerParser::is_sum(Range range) const {
  bool started = false;
  for (size_t i = range.begin; i < range.end; i = after(i)) {
    const bool sign = is_sign(kind(i)) || kind(i) == TokenKind::kPlusMinus;
    if (sign && started) return true;
    started = started || !sign;
  }
  return false;
}

/// \tan 15^\circ: the sign is the argument's.
bool AnswerParser::has_function(Range range) const {
  for (size_t i = range.begin; i < range.end; i = after(i)) {
    if (kind(i) == TokenKind::kFunction || kind(i) == TokenKind::kLogarithm) return true;
  }
  return false;
}

/// \$5, -\$5, 5\$. None where no money stands at an end.
std::optional<Answer> AnswerParser::money(Range range) {
  const NestingLevel level(budget_);
  if (level.is_too_deep()) return std::nullopt;
  size_t at = range.begin;
  bool minus = false;
  if (is_sign(kind(at)) && at + 1 < range.end) minus = kind(at++) == TokenKind::kMinus;
  std::optional<Answer> result;
  std::string unit;
  if (kind(at) == TokenKind::kCurrency && at + 1 < range.end) {
    unit = token(at).text;
    result = value({at + 1, range.end});
  } else if (kind(range.end - 1) == TokenKind::kCurrency && range.end - range.begin > 1) {
    unit = token(range.end - 1).text;
    minus = false;
    result = value({range.begin, range.end - 1});
  }
  if (!result || result->kind != AnswerKind::kValue) return std::nullopt;
  if (!result->unit.empty() && result->unit != unit) return std::nullopt;
  result->unit = unit;
  if (minus) result->expression = negated(result->expression);
  return result;
}

/// A1_{16}: digits above 9 are capitals, or else, beside written digits, all small.
std::optional<Answer> AnswerParser::lettered_digits(Range range) {
  std::string digits;
  size_t at = range.begin;
  bool has_letter = false;
  bool has_number = false;
  for (; at < range.end && kind(at) != TokenKind::kSubscript; ++at) {
    const Token& one = token(at);
    const bool is_number = one.kind == TokenKind::kNumber;
    const bool is_e = one.kind == TokenKind::kConstant && static_cast<Op>(one.detail) == Op::kE;
    if (!is_number && !is_e && one.kind != TokenKind::kWord && one.kind != TokenKind::kName) {
      return std::nullopt;
    }
    if (at > range.begin && one.spaced) return std::nullopt;
    has_letter = has_letter || !is_number;
    has_number = has_number || is_number;
    if (is_number) {
      const WrittenNumber& written = lexed_.numbers[static_cast<size_t>(one.detail)];
      if (written.has_point || written.has_exponent) return std::nullopt;
      digits += written.whole;
    } else {
      digits += is_e ? "e" : one.text;
    }
  }
  size_t end = range.end;
  if (at + 1 < end && kind(at + 1) == TokenKind::kOpen) {
    ++at;
    --end;
  }
  if (!has_letter || at + 2 != end || kind(at + 1) != TokenKind::kNumber) return std::nullopt;
  const auto has_between = [&](char low, char high) {
    return std::any_of(digits.begin(), digits.end(), [&](char c) { return c >= low && c <= high; });
  };
  const bool is_small = has_between('a', 'z');
  if (is_small && (has_between('A', 'Z') || !has_number)) return std::nullopt;
  const auto subscript =
      Rational::of_digits(lexed_.numbers[static_cast<size_t>(token(at + 1).detail)].whole);
  const auto base = subscript ? subscript->as_int64() : std::nullopt;
  // x_1 and AB_5 are symbols; up to base 10 no letter is a digit.
  if (!base || *base <= 10 || *base > 36 ||
      static_cast<int64_t>(digits.size()) > budget_.max_digits) {
    return std::nullopt;
  }
  const auto value = Rational::of_digits(digits, static_cast<int>(*base));
  if (!value || (is_small && !choose(Ambiguity::kDigits))) return std::nullopt;
  Answer result;
  result.kind = AnswerKind::kValue;
  result.expression = number(*value);
  return result;
}

/// One value, or with \pm the set of all that it stands for.
std::optional<Answer> AnswerParser::signed_values(Range range, const std::string& unit) {
  if (!range.empty()) range.end = ordinal_start(range);
  int num_signs = 0;
  bool linked = false;
  for (size_t i = range.begin; i < range.end; ++i) {
    if (kind(i) != TokenKind::kPlusMinus) continue;
    ++num_signs;
    linked = linked || token(i).detail < 0;
  }
  if (num_signs == 0) return plain_value(range, unit);
  linked = linked || num_signs > kMaxSigns;
  const uint32_t count = linked ? 2 : 1U << static_cast<uint32_t>(num_signs);
  Answer result;
  result.kind = AnswerKind::kSet;
  for (uint32_t signs = 0; signs < count; ++signs) {
    ExpressionParser parser(lexed_, budget_, {.minus_signs = signs, .linked_signs = linked});
    Answer part;
    part.kind = AnswerKind::kValue;
    part.expression = parser.parse(range.begin, range.end);
    part.unit = unit;
    if (part.expression == nullptr) return std::nullopt;
    result.parts.push_back(std::move(part));
  }
  return result;
}

std::optional<Answer> AnswerParser::plain_value(Range range, const std::string& unit) {
  const bool other = (others_ & (1U << static_cast<uint32_t>(Ambiguity::kQuotient))) != 0;
  ExpressionParser parser(lexed_, budget_, {.other_quotient = other});
  Answer result;
  result.kind = AnswerKind::kValue;
  result.expression = parser.parse(range.begin, range.end);
  if (result.expression == nullptr) return std::nullopt;
  if (parser.is_ambiguous()) choose(Ambiguity::kQuotient);
  result.unit = unit;
  add_precision_(result, range);
  return result;
}

/// Of one written number, a power of ten behind it included, which is folded in.
void AnswerParser::add_precision_(Answer& answer, Range range) const {
  size_t at = range.begin;
  while (at < range.end && is_sign(kind(at))) ++at;
  if (at >= range.end || kind(at) != TokenKind::kNumber) return;
  const WrittenNumber& written = lexed_.numbers[static_cast<size_t>(token(at).detail)];
  Precision precision = precision_of(written);
  if (at + 1 == range.end) {
    answer.precision = precision;
    return;
  }
  if (kind(at + 1) != TokenKind::kTimes) return;
  const auto folded = scientific(answer.expression);
  if (!folded) return;
  precision.is_decimal = true;
  precision.decimals -= static_cast<int32_t>(folded->exponent);
  answer.expression = folded->value;
  answer.precision = precision;
}

}  // namespace stratagram::math
