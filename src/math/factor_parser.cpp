// The factors of ExpressionParser that have a name or a bracket: symbols, functions, fractions.
#include <algorithm>
#include <string>
#include <utility>

#include "math/expression_parser.h"
#include "math/lexicon.h"
#include "math/words.h"

namespace stratagram::math {
namespace {

/// Letters that are functions when a bracket follows; any other letter is multiplied by it.
bool names_function(const std::string& name) {
  return name == "f" || name == "g" || name == "Gamma" || name.ends_with("^-1") ||
         name.starts_with("f'") || name.starts_with("g'") || name.starts_with("f_") ||
         name.starts_with("g_");
}

bool is_all_digits(const std::string& text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

Expression letters_product(const std::string& word) {
  std::vector<Expression> factors;
  for (const char c : word) {
    const auto meaning = name_meaning(std::string_view(&c, 1));
    factors.push_back(meaning && meaning->kind == TokenKind::kConstant
                          ? constant(static_cast<Op>(meaning->detail))
                          : symbol(std::string(1, c)));
  }
  return factors.size() == 1 ? factors.front() : make(Op::kMultiply, std::move(factors));
}

std::string token_spelling(const Lexed& lexed, const Token& token) {
  switch (token.kind) {
    case TokenKind::kNumber:
      return lexed.numbers[static_cast<size_t>(token.detail)].whole;
    case TokenKind::kFunction:
      return function_name(static_cast<Function>(token.detail));
    case TokenKind::kConstant:
      return to_text(constant(static_cast<Op>(token.detail)));
    case TokenKind::kPlus:
      return "+";
    case TokenKind::kMinus:
      return "-";
    case TokenKind::kComma:
      return ",";
    default:
      return token.text;
  }
}

}  // namespace

Expression ExpressionParser::name() {
  std::string text = peek().text;
  advance();
  if (const size_t mark = late_subscript(); mark > 0) {
    return power_before_subscript(text, mark);
  }
  std::string below;
  if (at(TokenKind::kSubscript)) {
    below = subscript();
    if (below.empty()) return nullptr;
    Expression chosen = selection(text, below);
    if (chosen != nullptr || budget_.too_long) return chosen;
    text += "_" + below;
  }
  while (at(TokenKind::kPrime)) {
    text += "'";
    advance();
  }
  if (names_function(text) && at(TokenKind::kPower) && is_inverse_mark()) {
    text += "^-1";
    at_ += 5;
  }
  if (at_open("(") && text == "C") {
    std::vector<Expression> arguments = call_arguments();
    if (arguments.size() == 2) return call(Function::kBinomial, std::move(arguments));
    if (arguments.size() != 1) return nullptr;
    return make(Op::kMultiply, {symbol(std::move(text)), std::move(arguments.front())});
  }
  // I(0) is no product, which would be 0.
  const bool of_number =
      at_open("(") && peek(1).kind == TokenKind::kNumber && peek(2).kind == TokenKind::kClose;
  if (of_number || (at_open("(") && names_function(text))) {
    std::vector<Expression> arguments = call_arguments();
    if (arguments.empty()) return nullptr;
    return call_other(std::move(text), std::move(arguments));
  }
  return symbol(std::move(text));
}

/// Where the subscript of x^2_1 stands, 0 for none: it belongs to the symbol, not to the exponent.
size_t ExpressionParser::late_subscript() const {
  if (!at(TokenKind::kPower) || peek().detail == 1 || at_ + 2 >= end_) return 0;
  const size_t above = at_ + 1;
  const size_t next = lexed_.partner[above] > above ? lexed_.partner[above] + 1 : above + 1;
  return next < end_ && lexed_.tokens[next].kind == TokenKind::kSubscript ? next : 0;
}

Expression ExpressionParser::power_before_subscript(const std::string& text, size_t mark) {
  const size_t power = std::exchange(at_, mark);
  const std::string below = subscript();
  if (below.empty()) return nullptr;
  const size_t after = std::exchange(at_, power);
  const size_t end = std::exchange(end_, mark);
  Expression value = selection(text, below);
  if (value == nullptr && !budget_.too_long) {
    advance();
    Expression above = exponent();
    if (above != nullptr) value = make(Op::kPower, {symbol(text + "_" + below), std::move(above)});
  }
  const bool complete = at_ == mark;
  end_ = end;
  at_ = after;
  return complete ? value : nullptr;
}

/// ^{-1}( stands here: the inverse of a function.
bool ExpressionParser::is_inverse_mark() const {
  return peek(1).kind == TokenKind::kOpen && peek(2).kind == TokenKind::kMinus &&
         peek(3).kind == TokenKind::kNumber && number_at(at_ + 3).whole == "1" &&
         peek(4).kind == TokenKind::kClose && peek(5).kind == TokenKind::kOpen &&
         peek(5).text == "(";
}

/// C_5^2 and A_5^2, P_5^2, as combinations and permutations are written in many schools.
Expression ExpressionParser::selection(const std::string& letter, const std::string& below) {
  if (letter != "C" && letter != "A" && letter != "P") return nullptr;
  if (!at(TokenKind::kPower)) return nullptr;
  const bool braced = peek(1).kind == TokenKind::kOpen;
  const Token& above = peek(braced ? 2 : 1);
  if (above.kind != TokenKind::kNumber || !is_all_digits(below)) return nullptr;
  const std::string digits = lexed_.numbers[static_cast<size_t>(above.detail)].whole;
  if (static_cast<int64_t>(below.size() + digits.size()) > budget_.max_digits) return nullptr;
  const auto of = Rational::of_digits(below);
  const auto taken = Rational::of_digits(digits);
  if (!of || !taken || *of < *taken) return nullptr;
  if (braced && peek(3).kind != TokenKind::kClose) return nullptr;
  at_ += braced ? 4 : 2;
  return call(letter == "C" ? Function::kBinomial : Function::kPermutations,
              {number(*of), number(*taken)});
}

/// The text of what stands below: x_1, x_{max}. Empty where nothing does.
std::string ExpressionParser::subscript() {
  advance();
  if (!at_open("{")) {
    std::string text = token_spelling(lexed_, peek());
    if (at(TokenKind::kOpen) || at(TokenKind::kEnd)) return {};
    advance();
    return text;
  }
  const size_t close = lexed_.partner[at_];
  std::string text;
  for (advance(); at_ < close; advance()) text += token_spelling(lexed_, peek());
  advance();
  return text;
}

Expression ExpressionParser::word() {
  const std::string text = peek().text;
  if (!is_letters()) {
    // SRMC = LRMC: a word may be a symbol where it is all there is.
    const bool alone = at_ == begin_ && at_ + 1 == end_;
    if (!alone || text.size() <= 3 || is_hedge(lower_case(text))) return nullptr;
    advance();
    return symbol(text);
  }
  advance();
  Expression value = letters_product(text);
  if (at(TokenKind::kSubscript)) {
    const std::string below = subscript();
    return below.empty() ? nullptr : symbol(text + "_" + below);
  }
  return value;
}

Expression ExpressionParser::constant_symbol() {
  const Op op = static_cast<Op>(peek().detail);
  advance();
  if (at(TokenKind::kSubscript)) {
    const std::string below = subscript();
    return below.empty() ? nullptr : symbol(to_text(constant(op)) + "_" + below);
  }
  return constant(op);
}

Expression ExpressionParser::bracket() {
  const size_t open = at_;
  const size_t close = lexed_.partner[open];
  if (close <= open || close >= end_) return nullptr;
  const std::string& sign = lexed_.tokens[open].text;
  if (sign == "\\{" || sign == "<" || sign == "]" || lexed_.tokens[close].text != sign)
    return nullptr;
  advance();
  if (sign == "{" && at_ == close) {
    const NestingLevel level(budget_);
    advance();
    return level.is_too_deep() ? nullptr : atom();
  }
  for (size_t i = at_; sign != "[" && i < close; ++i) {
    if (is_infix(lexed_.tokens[i].kind)) return infix(i, close);
    if (lexed_.partner[i] > i) i = lexed_.partner[i];
  }
  Expression value = inside(open);
  if (value == nullptr) return nullptr;
  if (sign == "|_") return call(Function::kFloor, {std::move(value)});
  if (sign == "|^") return call(Function::kCeiling, {std::move(value)});
  return value;
}

/// The sum from here to the partner of `open`, which is taken too.
Expression ExpressionParser::inside(size_t open) {
  const size_t close = lexed_.partner[open];
  const size_t end = std::exchange(end_, close);
  const int bars = std::exchange(bar_depth_, 0);
  Expression value = sum();
  const bool complete = at_ == close;
  end_ = end;
  bar_depth_ = bars;
  if (value == nullptr || !complete) return nullptr;
  advance();
  return value;
}

/// {a \over b}, {n \choose k}: all before the command, and all behind it.
Expression ExpressionParser::infix(size_t middle, size_t close) {
  const size_t end = std::exchange(end_, middle);
  const int bars = std::exchange(bar_depth_, 0);
  Expression first = sum();
  const bool complete = at_ == middle;
  end_ = close;
  if (first == nullptr || !complete) return nullptr;
  advance();
  Expression second = sum();
  end_ = end;
  bar_depth_ = bars;
  if (second == nullptr || at_ != close) return nullptr;
  advance();
  return infix_value(lexed_.tokens[middle].kind, std::move(first), std::move(second));
}

Expression ExpressionParser::absolute() {
  advance();
  ++bar_depth_;
  Expression value = sum();
  --bar_depth_;
  if (value == nullptr || !at(TokenKind::kBar)) return nullptr;
  advance();
  return call(Function::kAbs, {std::move(value)});
}

/// What a command takes: a group or one thing; of a number one digit where `one_digit`.
Expression ExpressionParser::argument(bool one_digit) {
  const NestingLevel level(budget_);
  if (level.is_too_deep()) return nullptr;
  const Counted inside(num_arguments_);
  if (one_digit && is_integer_token(at_)) {
    if (!spend()) return nullptr;
    const std::string& digits = lexed_.numbers[static_cast<size_t>(peek().detail)].whole;
    const Rational value = *Rational::of_digits(std::string_view(digits).substr(digit_, 1));
    ++digit_;
    if (digit_ == digits.size()) advance();
    return number(value);
  }
  return atom();
}

Expression ExpressionParser::fraction() {
  advance();
  if (is_derivative()) return derivative();
  Expression above = argument(true);
  if (above == nullptr) return nullptr;
  Expression below = argument(true);
  if (below == nullptr) return nullptr;
  return quotient(std::move(above), std::move(below));
}

/// {d x}{d t} stands here: below, d and one symbol, which may have a power.
bool ExpressionParser::is_derivative() const {
  if (!at_open("{")) return false;
  const size_t below = lexed_.partner[at_] + 1;
  if (below + 2 >= end_ || lexed_.tokens[below].text != "{") return false;
  const auto is_mark = [&](const Token& token) {
    return token.kind == TokenKind::kName && (token.text == "d" || token.text == "partial");
  };
  const size_t close = lexed_.partner[below];
  if (!is_mark(lexed_.tokens[at_ + 1]) || !is_mark(lexed_.tokens[below + 1]) ||
      close <= below + 2) {
    return false;
  }
  // No factor is ever called \partial, so that mixed derivatives are some too.
  if (lexed_.tokens[below + 1].text != "d") return true;
  if (lexed_.tokens[below + 2].kind != TokenKind::kName) return false;
  size_t next = below + 3;
  for (const TokenKind mark : {TokenKind::kSubscript, TokenKind::kPower}) {
    if (lexed_.tokens[next].kind != mark) continue;
    next = lexed_.partner[next + 1] > next + 1 ? lexed_.partner[next + 1] + 1 : next + 2;
  }
  return next == close;
}

/// No quotient of products, in which the two d would cancel. The order of d^2 y becomes a factor,
/// which tells it apart as well as anything.
Expression ExpressionParser::derivative() {
  const std::string mark = peek(1).text;
  std::vector<Expression> parts;
  for (int i = 0; i < 2; ++i) {
    const size_t open = at_;
    advance();
    advance();
    if (at(TokenKind::kPower)) advance();
    if (at_ == lexed_.partner[open]) {
      parts.push_back(number(1));
      advance();
    } else {
      parts.push_back(inside(open));
    }
    if (parts.back() == nullptr) return nullptr;
  }
  return call_other(mark == "d" ? "derivative" : "partialderivative", std::move(parts));
}

/// \sum and \prod, which are not worked out: what stands below counts as text, what stands behind
/// up to the next plus or minus as one term.
bool ExpressionParser::is_big_operator(const Token& token) {
  return token.kind == TokenKind::kOther && (token.text == "sum" || token.text == "prod");
}

Expression ExpressionParser::big_operator() {
  const NestingLevel level(budget_);
  if (level.is_too_deep()) return nullptr;
  const std::string name = peek().text;
  advance();
  std::string below;
  Expression above = number(0);
  for (int i = 0; i < 2; ++i) {
    if (at(TokenKind::kSubscript)) {
      below = subscript();
      if (below.empty()) return nullptr;
    } else if (at(TokenKind::kPower)) {
      advance();
      above = exponent();
      if (above == nullptr) return nullptr;
    }
  }
  Expression body = term();
  if (body == nullptr) return nullptr;
  return call_other(name, {symbol("_" + below), std::move(above), std::move(body)});
}

Expression ExpressionParser::square_root() {
  Expression index = number(peek().detail == 0 ? 2 : peek().detail);
  advance();
  if (at_open("[")) {
    const size_t open = at_;
    advance();
    index = inside(open);
    if (index == nullptr) return nullptr;
  }
  Expression radicand = argument(false);
  if (radicand == nullptr) return nullptr;
  return call(Function::kRoot, {std::move(radicand), std::move(index)});
}

Expression ExpressionParser::binomial() {
  advance();
  Expression of = argument(true);
  if (of == nullptr) return nullptr;
  Expression taken = argument(true);
  if (taken == nullptr) return nullptr;
  return call(Function::kBinomial, {std::move(of), std::move(taken)});
}

}  // namespace stratagram::math
