#include "math/expression_parser.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "math/lexicon.h"
#include "math/number_lexer.h"
#include "math/words.h"

namespace stratagram::math {
namespace {

/// Beyond it a power of ten stays a power.
constexpr int64_t kMaxFoldedExponent = 400;
constexpr int kRadix = 10;

Expression product(std::vector<Expression> factors) {
  if (factors.size() == 1) return std::move(factors.front());
  return make(Op::kMultiply, std::move(factors));
}

}  // namespace

bool is_plain_word(const std::string& word) {
  static const std::unordered_set<std::string> kWords = {
      "or",  "OR",  "Or",  "and", "AND", "the", "is",  "are", "it",  "if",  "of",  "to",   "on",
      "at",  "by",  "no",  "yes", "not", "an",  "as",  "be",  "we",  "for", "all", "any",  "one",
      "two", "six", "ten", "has", "was", "so",  "per", "day", "way", "odd", "red", "men",  "pie",
      "sum", "ans", "set", "box", "non", "nor", "but", "its", "let", "th",  "st",  "nd",   "rd",
      "Yes", "No",  "The", "It",  "One", "Two", "Six", "Ten", "NO",  "YES", "Ans", "days", "in"};
  const bool is_ascii = std::all_of(word.begin(), word.end(), [](char c) { return c >= 0; });
  return word.size() > 3 || !is_ascii || kWords.contains(word);
}

bool may_be_product(const Token& token) {
  const std::string& word = token.text;
  return !token.from_text && (word == "at" || word == "it" || word == "is" || word == "as" ||
                              word == "an" || word == "be");
}

bool is_product_word(const Lexed& lexed, size_t index) {
  const Token& word = lexed.tokens[index];
  if (word.kind != TokenKind::kWord || !may_be_product(word)) return false;
  if (lexed.tokens[index + 1].kind == TokenKind::kPower) return true;
  if (index == 0) return false;
  switch (lexed.tokens[index - 1].kind) {
    case TokenKind::kPlus:
    case TokenKind::kMinus:
    case TokenKind::kTimes:
    case TokenKind::kDivide:
    case TokenKind::kPower:
      return true;
    default:
      return false;
  }
}

Expression negated(Expression value) {
  if (value->op == Op::kNumber) return number(-value->value);
  return make(Op::kNegate, {std::move(value)});
}

Expression quotient(Expression a, Expression b) {
  const auto is_integer = [](const Expression& value) {
    return value->op == Op::kNumber && value->value.is_integer();
  };
  if (is_integer(a) && is_integer(b) && !b->value.is_zero()) return number(a->value / b->value);
  return make(Op::kDivide, {std::move(a), std::move(b)});
}

bool is_infix(TokenKind kind) {
  return kind == TokenKind::kOver || kind == TokenKind::kChoose;
}

Expression infix_value(TokenKind kind, Expression first, Expression second) {
  if (kind == TokenKind::kOver) return quotient(std::move(first), std::move(second));
  return call(Function::kBinomial, {std::move(first), std::move(second)});
}

Expression radians(Expression value) {
  const Expression degree = make(Op::kDivide, {constant(Op::kPi), number(180)});
  return make(Op::kMultiply, {std::move(value), degree});
}

Expression ExpressionParser::parse(size_t begin, size_t end) {
  at_ = begin;
  begin_ = begin;
  end_ = end;
  digit_ = 0;
  bar_depth_ = 0;
  num_signs_ = 0;
  if (begin >= end) return nullptr;
  Expression result = sum();
  if (result == nullptr || at_ != end_) return nullptr;
  return result;
}

const Token& ExpressionParser::peek(size_t ahead) const {
  return at_ + ahead < end_ ? lexed_.tokens[at_ + ahead] : lexed_.tokens.back();
}

bool ExpressionParser::at_open(const char* bracket) const {
  return at(TokenKind::kOpen) && peek().text == bracket;
}

void ExpressionParser::advance() {
  if (at_ < end_) ++at_;
  digit_ = 0;
}

bool ExpressionParser::spend() {
  if (--budget_.nodes < 0) budget_.too_long = true;
  return !budget_.too_long && !budget_.too_deep;
}

bool ExpressionParser::sign_is_minus(const Token& token) {
  const uint32_t bit = style_.linked_signs ? 0 : num_signs_;
  ++num_signs_;
  const bool minus = bit < 32 && ((style_.minus_signs >> bit) & 1U) != 0;
  return token.detail > 0 ? minus : !minus;
}

Expression ExpressionParser::sum() {
  const NestingLevel level(budget_);
  if (level.is_too_deep()) return nullptr;
  std::vector<Expression> terms;
  while (true) {
    bool minus = false;
    bool has_sign = false;
    while (at(TokenKind::kPlus) || at(TokenKind::kMinus) || at(TokenKind::kPlusMinus)) {
      has_sign = true;
      if (at(TokenKind::kMinus)) minus = !minus;
      if (at(TokenKind::kPlusMinus) && sign_is_minus(peek())) minus = !minus;
      advance();
    }
    if (!terms.empty() && !has_sign) break;
    Expression next = term();
    if (next == nullptr) return nullptr;
    const bool is_remainder = next->op == Op::kFunction && next->function == Function::kModulo;
    if (minus && terms.empty() && is_remainder) {
      // -7 mod 3 is the remainder of -7.
      next = call(Function::kModulo, {negated(next->arguments[0]), next->arguments[1]});
      minus = false;
    }
    terms.push_back(minus ? negated(std::move(next)) : std::move(next));
  }
  if (terms.size() == 1) return std::move(terms.front());
  return make(Op::kAdd, std::move(terms));
}

Expression ExpressionParser::term() {
  std::vector<Expression> factors;
  Expression first = mixed_number();
  if (first == nullptr) first = power();
  if (first == nullptr) return nullptr;
  factors.push_back(std::move(first));
  while (true) {
    if (at(TokenKind::kTimes)) {
      advance();
      factors.push_back(signed_power());
    } else if (at(TokenKind::kDivide)) {
      advance();
      Expression below = denominator();
      if (below == nullptr) return nullptr;
      Expression above = product(std::exchange(factors, {}));
      factors.push_back(quotient(std::move(above), std::move(below)));
    } else if (at(TokenKind::kModulo)) {
      advance();
      Expression modulus = signed_power();
      if (modulus == nullptr) return nullptr;
      Expression value = product(std::exchange(factors, {}));
      factors.push_back(call(Function::kModulo, {std::move(value), std::move(modulus)}));
    } else if (starts_factor()) {
      factors.push_back(power());
    } else {
      return product(std::move(factors));
    }
    if (factors.back() == nullptr) return nullptr;
  }
}

/// What is divided by: one factor, or the implicit product that starts with it.
Expression ExpressionParser::denominator() {
  const TokenKind first_kind = peek().kind;
  Expression first = signed_power();
  if (first == nullptr) return nullptr;
  const bool is_symbol = first_kind == TokenKind::kName || first_kind == TokenKind::kConstant;
  const bool is_number = first_kind == TokenKind::kNumber;
  if ((!is_symbol && !is_number) || !starts_factor() || at(TokenKind::kOpen)) return first;
  is_ambiguous_ = true;
  const bool usually = is_symbol && !peek().spaced;
  if (usually == style_.other_quotient) return first;
  std::vector<Expression> factors = {std::move(first)};
  while (starts_factor() && !at(TokenKind::kOpen)) {
    factors.push_back(power());
    if (factors.back() == nullptr) return nullptr;
  }
  return product(std::move(factors));
}

Expression ExpressionParser::signed_power() {
  bool minus = false;
  while (at(TokenKind::kPlus) || at(TokenKind::kMinus)) {
    if (at(TokenKind::kMinus)) minus = !minus;
    advance();
  }
  Expression value = power();
  if (value == nullptr || !minus) return value;
  return negated(std::move(value));
}

Expression ExpressionParser::power() {
  Expression base = postfix();
  if (base == nullptr || !at(TokenKind::kPower)) return base;
  advance();
  Expression above = exponent();
  if (above == nullptr) return nullptr;
  return make(Op::kPower, {std::move(base), std::move(above)});
}

Expression ExpressionParser::exponent() {
  const NestingLevel level(budget_);
  if (level.is_too_deep()) return nullptr;
  const Counted inside(num_arguments_);
  if (at_open("{")) {
    Expression value = bracket();
    if (value == nullptr || !at(TokenKind::kPower)) return value;
    advance();
    Expression above = exponent();
    if (above == nullptr) return nullptr;
    return make(Op::kPower, {std::move(value), std::move(above)});
  }
  return signed_power();
}

Expression ExpressionParser::postfix() {
  Expression value = atom();
  while (value != nullptr) {
    if (at(TokenKind::kFactorial)) {
      const bool is_double = peek().detail == 2;
      advance();
      value =
          call(is_double ? Function::kDoubleFactorial : Function::kFactorial, {std::move(value)});
    } else if (at(TokenKind::kDegree)) {
      value = degrees(std::move(value));
    } else if (at(TokenKind::kPercent)) {
      advance();
      value = quotient(std::move(value), number(100));
    } else {
      break;
    }
    if (!spend()) return nullptr;
  }
  return value;
}

/// 30^\circ, and 30^\circ 15' 20''.
Expression ExpressionParser::degrees(Expression value) {
  advance();
  for (const int64_t parts : {60, 3600}) {
    const TokenKind mark = peek(1).kind;
    const bool is_seconds = parts == 3600;
    if (!at(TokenKind::kNumber) || mark != TokenKind::kPrime ||
        (peek(2).kind == TokenKind::kPrime) != is_seconds) {
      continue;
    }
    Expression part = written_number();
    if (part == nullptr) return nullptr;
    advance();
    if (is_seconds) advance();
    value = make(Op::kAdd, {std::move(value), quotient(std::move(part), number(parts))});
  }
  return radians(std::move(value));
}

/// The word here is a product. What a function or an exponent takes has no English in it.
bool ExpressionParser::is_letters() const {
  const Token& token = peek();
  if (!is_plain_word(token.text)) return true;
  return num_arguments_ > 0 ? may_be_product(token) : is_product_word(lexed_, at_);
}

bool ExpressionParser::starts_factor() const {
  switch (peek().kind) {
    case TokenKind::kName:
    case TokenKind::kConstant:
    case TokenKind::kFunction:
    case TokenKind::kLogarithm:
    case TokenKind::kAccent:
    case TokenKind::kFraction:
    case TokenKind::kSquareRoot:
    case TokenKind::kBinomial:
      return true;
    case TokenKind::kOpen:
      return peek().text != "\\{" && peek().text != "<" && peek().text != "]";
    case TokenKind::kBar:
      return bar_depth_ == 0;
    case TokenKind::kNumber:
      // In \frac431 TeX sees a factor of 1, and whoever wrote it did not.
      if (digit_ > 0) return false;
      if (lexed_.tokens[at_ - 1].kind != TokenKind::kNumber) return true;
      return peek().spaced && at_ > begin_ + 2 && lexed_.tokens[at_ - 2].kind == TokenKind::kPower;
    case TokenKind::kWord:
      return is_letters();
    case TokenKind::kOther:
      return is_big_operator(peek());
    default:
      return false;
  }
}

Expression ExpressionParser::atom() {
  if (!spend()) return nullptr;
  switch (peek().kind) {
    case TokenKind::kNumber:
      return written_number();
    case TokenKind::kName:
      return name();
    case TokenKind::kWord:
      return word();
    case TokenKind::kConstant:
      return constant_symbol();
    case TokenKind::kNumbers: {
      Expression value = symbol(peek().text.empty() ? "set" : peek().text);
      advance();
      return value;
    }
    case TokenKind::kFunction:
      return function();
    case TokenKind::kLogarithm:
      return logarithm();
    case TokenKind::kAccent: {
      const std::string accent = peek().text;
      advance();
      Expression value = argument(false);
      if (value != nullptr && value->op == Op::kSymbol && at(TokenKind::kSubscript)) {
        value = symbol(value->name + "_" + subscript());
      }
      return value == nullptr ? nullptr : call_other(accent, {std::move(value)});
    }
    case TokenKind::kFraction:
      return fraction();
    case TokenKind::kSquareRoot:
      return square_root();
    case TokenKind::kBinomial:
      return binomial();
    case TokenKind::kOpen:
      return bracket();
    case TokenKind::kBar:
      return absolute();
    case TokenKind::kOther:
      return is_big_operator(peek()) ? big_operator() : nullptr;
    default:
      return nullptr;
  }
}

const WrittenNumber& ExpressionParser::number_at(size_t index) const {
  return lexed_.numbers[static_cast<size_t>(lexed_.tokens[index].detail)];
}

bool ExpressionParser::is_integer_token(size_t index) const {
  if (index >= end_ || lexed_.tokens[index].kind != TokenKind::kNumber) return false;
  const WrittenNumber& written = number_at(index);
  return !written.has_point && !written.has_exponent && !written.whole.empty();
}

Expression ExpressionParser::written_number() {
  WrittenNumber written = number_at(at_);
  written.whole.erase(0, digit_);
  const auto num_digits = static_cast<int64_t>(written.whole.size() + written.fraction.size() +
                                               written.repeating.size());
  if (num_digits > budget_.max_digits) {
    budget_.too_long = true;
    return nullptr;
  }
  if (peek(1).kind == TokenKind::kSubscript && digit_ == 0) return in_base(at_);
  advance();
  const Rational value = digits_value(written);
  if (!written.has_exponent || written.exponent == 0) return number(value);
  if (written.exponent > kMaxFoldedExponent || written.exponent < -kMaxFoldedExponent) {
    const Expression power = make(Op::kPower, {number(kRadix), number(written.exponent)});
    return make(Op::kMultiply, {number(value), power});
  }
  return number(value * Rational(kRadix).to_the(written.exponent));
}

std::optional<int64_t> ExpressionParser::base_at(size_t index) const {
  if (is_integer_token(index)) return Rational::of_digits(number_at(index).whole)->as_int64();
  const Token& token = lexed_.tokens[index];
  if (token.kind != TokenKind::kWord) return std::nullopt;
  const auto named = number_of_words({lower_case(token.text)});
  return named ? named->value.as_int64() : std::nullopt;
}

/// 1011_2, 123_{5}, 213_{\text{five}}
Expression ExpressionParser::in_base(size_t index) {
  const bool braced = peek(2).kind == TokenKind::kOpen && peek(2).text == "{";
  const size_t base_index = at_ + (braced ? 3 : 2);
  // In (x)^2_3 the digits below belong to what stands before the exponent.
  if (index > 0 && lexed_.tokens[index - 1].kind == TokenKind::kPower) return nullptr;
  if (!is_integer_token(index) || base_index >= end_) return nullptr;
  const auto base = base_at(base_index);
  if (!base || *base < 2 || *base > 36) return nullptr;
  const auto value = Rational::of_digits(number_at(index).whole, static_cast<int>(*base));
  if (!value) return nullptr;
  at_ = base_index + 1;
  if (braced) {
    if (!at(TokenKind::kClose)) return nullptr;
    advance();
  }
  return number(*value);
}

/// 2\frac13 or "2 1/3" where a term starts: the fraction is proper, and nothing goes on behind it.
/// Null, and nothing taken, where the tokens are no such number.
Expression ExpressionParser::mixed_number() {
  if (!is_integer_token(at_) || digit_ > 0) return nullptr;
  size_t above = 0;
  size_t below = 0;
  size_t next = 0;
  std::string numerator;
  std::string denominator;
  if (peek(1).kind == TokenKind::kFraction) {
    size_t i = at_ + 2;
    const auto take = [&](std::string& digits) {
      const bool braced = i < end_ && lexed_.tokens[i].kind == TokenKind::kOpen;
      if (braced) ++i;
      if (!is_integer_token(i)) return false;
      digits = number_at(i).whole;
      ++i;
      if (!braced) return digits.size() == 1;
      return i < end_ && lexed_.partner[i] + 2 == i && ++i > 0;
    };
    if (is_integer_token(i) && number_at(i).whole.size() == 2) {
      numerator = number_at(i).whole.substr(0, 1);
      denominator = number_at(i).whole.substr(1);
      ++i;
    } else if (!take(numerator) || !take(denominator)) {
      return nullptr;
    }
    next = i;
  } else {
    above = at_ + 1;
    below = at_ + 3;
    if (!is_integer_token(above) || !is_integer_token(below) || !lexed_.tokens[above].spaced ||
        peek(2).kind != TokenKind::kDivide) {
      return nullptr;
    }
    numerator = number_at(above).whole;
    denominator = number_at(below).whole;
    next = below + 1;
  }
  if (static_cast<int64_t>(numerator.size() + denominator.size()) > budget_.max_digits) {
    return nullptr;
  }
  const Rational top = *Rational::of_digits(numerator);
  const Rational bottom = *Rational::of_digits(denominator);
  if (bottom.is_zero() || !(top < bottom)) return nullptr;
  Expression whole = written_number();
  if (whole == nullptr || !spend()) return nullptr;
  at_ = next;
  return number(whole->value + top / bottom);
}

}  // namespace stratagram::math
