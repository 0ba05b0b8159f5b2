// Units and words behind a number, of AnswerParser.
#include <algorithm>
#include <utility>

#include "math/answer_parser.h"
#include "math/units.h"
#include "math/words.h"

namespace stratagram::math {
namespace {

constexpr size_t kMaxIdleWords = 8;

}  // namespace

/// The first word outside of brackets that is no subscript, or the end.
size_t AnswerParser::first_word(Range range) const {
  for (size_t i = range.begin; i < range.end; i = after(i)) {
    const bool below = i > range.begin && kind(i - 1) == TokenKind::kSubscript;
    if (kind(i) == TokenKind::kWord && !below && !is_product_word(lexed_, i)) return i;
    // 20^\circ C
    const bool scale = kind(i) == TokenKind::kDegree && i + 2 == range.end &&
                       (token(i + 1).text == "C" || token(i + 1).text == "F");
    if (scale && i > range.begin) return i;
  }
  return range.end;
}

std::optional<Answer> AnswerParser::value_with_words(Range range, size_t word) {
  if (auto sum = several_units(range)) return sum;
  const Range number_range = {range.begin, word};
  Range tail = {word, range.end};
  if (number_range.empty()) return signed_values(range, {});
  if (const auto unit = unit_of(tail)) return signed_values(number_range, *unit);
  const bool is_formula = std::none_of(
      lexed_.tokens.begin() + static_cast<std::ptrdiff_t>(tail.begin),
      lexed_.tokens.begin() + static_cast<std::ptrdiff_t>(tail.end),
      [](const Token& one) { return one.kind == TokenKind::kWord && is_plain_word(one.text); });
  if (is_formula && !token(word).from_text) return signed_values(range, {});
  // 15th day
  const bool is_ordinal = word > range.begin && kind(word - 1) == TokenKind::kNumber &&
                          !token(word).spaced && ordinal_start({range.begin, word + 1}) == word;
  if (is_ordinal && are_idle_words({word + 1, range.end})) return signed_values(number_range, {});
  const auto factor = multiplier_of(lower_case(token(word).text));
  if (factor) tail.begin = word + 1;
  std::string unit;
  if (!tail.empty()) {
    const auto named = unit_of(tail);
    if (!named && !are_idle_words(tail)) return std::nullopt;
    unit = named.value_or("");
  }
  auto result = signed_values(number_range, unit);
  if (factor && result && result->kind == AnswerKind::kValue) {
    const bool is_number = result->expression->op == Op::kNumber;
    result->expression = is_number ? number(result->expression->value * *factor)
                                   : make(Op::kMultiply, {result->expression, number(*factor)});
    result->precision.reset();
  }
  return result;
}

/// "apples", "is the answer": nothing that takes back or changes the number before it.
bool AnswerParser::are_idle_words(Range range) const {
  size_t num_words = 0;
  for (size_t i = range.begin; i < range.end; ++i) {
    const Token& one = token(i);
    if (one.kind == TokenKind::kFullStop || one.kind == TokenKind::kPrime) continue;
    if (one.kind != TokenKind::kWord && one.kind != TokenKind::kName) return false;
    const std::string word = lower_case(one.text);
    // "5 to the third", "5 to 7"
    if (i == range.begin && word == "to") return false;
    if (is_hedge(word) || multiplier_of(word) || number_of_words({word})) return false;
    // "a day": any other letter is a symbol.
    if (one.kind == TokenKind::kName && (word != "a" || !one.spaced)) return false;
    ++num_words;
  }
  return num_words <= kMaxIdleWords;
}

/// 5 m, 9.8 m/s^2 in plain text: symbols or units, and a quotient of units is rarely meant else.
std::optional<Answer> AnswerParser::value_with_letters(Range range) {
  size_t at = range.begin;
  while (at < range.end && (is_sign(kind(at)) || kind(at) == TokenKind::kNumber ||
                            kind(at) == TokenKind::kTimes || kind(at) == TokenKind::kPower)) {
    ++at;
  }
  if (at == range.begin || at == range.end || !token(at).spaced ||
      kind(at - 1) != TokenKind::kNumber) {
    return std::nullopt;
  }
  const bool is_fraction = kind(at) == TokenKind::kFraction;
  if (!is_fraction && (lexed_.is_latex || kind(at) != TokenKind::kName)) return std::nullopt;
  const auto unit = is_fraction ? unit_fraction({at + 1, range.end}) : unit_of({at, range.end});
  if (!unit) return std::nullopt;
  // In LaTeX, units are upright.
  const bool likely = unit->find('/') != std::string::npos && !is_fraction;
  if (choose(Ambiguity::kUnit) == likely) return std::nullopt;
  return signed_values({range.begin, at}, *unit);
}

/// {m}{s^2} behind \frac.
std::optional<std::string> AnswerParser::unit_fraction(Range range) const {
  const size_t below = after(range.begin);
  if (below >= range.end || after(below) != range.end) return std::nullopt;
  const auto above_unit = unit_of({range.begin, below});
  const auto below_unit = unit_of({below, range.end});
  if (!above_unit || !below_unit || above_unit->empty() || below_unit->empty() ||
      above_unit->find('/') != std::string::npos || below_unit->find('/') != std::string::npos) {
    return std::nullopt;
  }
  std::string quotient = *above_unit;
  for (const char c : "*" + *below_unit) quotient += c == '*' ? '/' : c;
  return quotient;
}

/// 5 feet 6 inches: numbers and units in turn.
std::optional<Answer> AnswerParser::several_units(Range range) {
  std::vector<Answer> parts;
  size_t begin = range.begin;
  bool in_unit = false;
  for (size_t i = range.begin; i <= range.end; ++i) {
    const bool is_number = i < range.end && kind(i) == TokenKind::kNumber;
    if (i < range.end && !is_number && kind(i) != TokenKind::kWord) return std::nullopt;
    if ((is_number && in_unit) || (i == range.end && !parts.empty())) {
      const size_t word = first_word({begin, i});
      const auto unit = unit_of({word, i});
      if (!unit || word == begin) return std::nullopt;
      auto part = signed_values({begin, word}, *unit);
      if (!part) return std::nullopt;
      parts.push_back(std::move(*part));
      begin = i;
    }
    in_unit = !is_number;
  }
  return sum_of_units(parts);
}

std::optional<std::string> AnswerParser::unit_of(Range range) const {
  std::vector<UnitWord> words;
  for (size_t i = range.begin; i < range.end; ++i) {
    const Token& one = token(i);
    switch (one.kind) {
      case TokenKind::kWord:
      case TokenKind::kName: {
        const std::string lower = lower_case(one.text);
        if (lower == "per") {
          words.push_back({UnitWord::Kind::kPer, {}, 1});
        } else if (!words.empty() && words.back().text == "deg" &&
                   (lower == "c" || lower == "f" || lower == "celsius" || lower == "fahrenheit")) {
          words.back().text = lower.front() == 'c' ? "degC" : "degF";
        } else {
          const bool is_degree = lower == "degree" || lower == "degrees";
          words.push_back({UnitWord::Kind::kWord, is_degree ? "deg" : one.text, 1});
        }
        break;
      }
      case TokenKind::kDegree:
        words.push_back({UnitWord::Kind::kWord, "deg", 1});
        break;
      case TokenKind::kPercent:
        words.push_back({UnitWord::Kind::kWord, "%", 1});
        break;
      case TokenKind::kDivide:
        words.push_back({UnitWord::Kind::kPer, {}, 1});
        break;
      case TokenKind::kTimes:
        words.push_back({UnitWord::Kind::kTimes, {}, 1});
        break;
      case TokenKind::kPower: {
        size_t at = i + 1;
        const bool braced = at < range.end && kind(at) == TokenKind::kOpen;
        if (braced) ++at;
        const bool minus = at < range.end && kind(at) == TokenKind::kMinus;
        if (minus) ++at;
        if (at >= range.end || kind(at) != TokenKind::kNumber) return std::nullopt;
        const std::string& digits = lexed_.numbers[static_cast<size_t>(token(at).detail)].whole;
        if (digits.size() != 1) return std::nullopt;
        if (braced && (at + 1 >= range.end || kind(at + 1) != TokenKind::kClose)) {
          return std::nullopt;
        }
        words.push_back({UnitWord::Kind::kExponent, {}, (minus ? -1 : 1) * (digits.front() - '0')});
        i = at + (braced ? 1 : 0);
        break;
      }
      case TokenKind::kFullStop:
      case TokenKind::kOpen:
      case TokenKind::kClose:
        break;
      default:
        return std::nullopt;
    }
  }
  return canonical_unit(words);
}

}  // namespace stratagram::math
