// math/expression_parser.h -- a range of tokens to one expression, by recursive descent without
// going back. Implicit products bind like written ones, but for what Style says.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "math/expression.h"
#include "math/token.h"

namespace stratagram::math {

/// What is left of the limits of one parse; shared by all its parts.
struct ParseBudget {
  int64_t nodes = 0;
  int depth = 0;
  int64_t max_digits = 0;
  bool too_long = false;
  bool too_deep = false;
};

/// Counts a level of nesting for as long as it lives.
class NestingLevel {
 public:
  explicit NestingLevel(ParseBudget& budget) : budget_(budget) { --budget_.depth; }
  NestingLevel(const NestingLevel&) = delete;
  NestingLevel& operator=(const NestingLevel&) = delete;
  ~NestingLevel() { ++budget_.depth; }
  [[nodiscard]] bool is_too_deep() const {
    if (budget_.depth < 0) budget_.too_deep = true;
    return budget_.too_deep;
  }

 private:
  ParseBudget& budget_;
};

/// Adds one to a count for as long as it lives.
class Counted {
 public:
  explicit Counted(int& count) : count_(count) { ++count_; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  ~Counted() { --count_; }

 private:
  int& count_;
};

struct Style {
  /// Turns the choice in a/bc and 1/2x, where the product or the quotient may come first.
  bool other_quotient = false;
  /// Bit i: the i-th \pm is a minus; a \mp the opposite.
  uint32_t minus_signs = 0;
  /// All \pm take bit 0: they belong together.
  bool linked_signs = false;
};

class ExpressionParser {
 public:
  ExpressionParser(const Lexed& lexed, ParseBudget& budget, const Style& style)
      : lexed_(lexed), budget_(budget), style_(style) {}

  /// The expression that the tokens [begin, end) spell, or null where they spell none.
  [[nodiscard]] Expression parse(size_t begin, size_t end);

  /// Whether other_quotient would have mattered.
  [[nodiscard]] bool is_ambiguous() const { return is_ambiguous_; }

 private:
  [[nodiscard]] const Token& peek(size_t ahead = 0) const;
  [[nodiscard]] bool at(TokenKind kind) const { return peek().kind == kind; }
  [[nodiscard]] bool at_open(const char* bracket) const;
  void advance();
  bool spend();

  Expression sum();
  Expression term();
  Expression denominator();
  Expression signed_power();
  Expression power();
  Expression exponent();
  Expression postfix();
  Expression degrees(Expression value);
  Expression atom();
  Expression written_number();
  Expression in_base(size_t index);
  [[nodiscard]] std::optional<int64_t> base_at(size_t index) const;
  Expression mixed_number();
  Expression name();
  Expression word();
  [[nodiscard]] size_t late_subscript() const;
  Expression power_before_subscript(const std::string& text, size_t mark);
  [[nodiscard]] bool is_inverse_mark() const;
  Expression selection(const std::string& letter, const std::string& below);
  Expression constant_symbol();
  std::string subscript();
  Expression bracket();
  Expression inside(size_t open);
  Expression infix(size_t middle, size_t close);
  Expression absolute();
  Expression fraction();
  [[nodiscard]] bool is_derivative() const;
  Expression derivative();
  [[nodiscard]] static bool is_big_operator(const Token& token);
  Expression big_operator();
  Expression square_root();
  Expression binomial();
  Expression argument(bool one_digit);
  Expression function();
  Expression inverse(Function function);
  Expression fixed_call(Function function);
  Expression logarithm();
  std::vector<Expression> call_arguments();
  Expression call_argument();
  Expression implicit_argument();
  Expression logarithm_base();
  bool sign_is_minus(const Token& token);
  [[nodiscard]] bool starts_factor() const;
  [[nodiscard]] bool is_letters() const;
  [[nodiscard]] const WrittenNumber& number_at(size_t index) const;
  [[nodiscard]] bool is_integer_token(size_t index) const;

  const Lexed& lexed_;
  ParseBudget& budget_;
  Style style_;
  size_t at_ = 0;
  size_t begin_ = 0;
  size_t end_ = 0;
  size_t digit_ = 0;  ///< digits of the number at at_ that are taken already: \frac12
  int bar_depth_ = 0;
  int num_arguments_ = 0;  ///< of functions, commands and powers that the parser is in
  uint32_t num_signs_ = 0;
  bool is_ambiguous_ = false;
};

/// The word at `index` is the product of its letters in spite of its looks: v_0 + at, at^2.
[[nodiscard]] bool may_be_product(const Token& token);
[[nodiscard]] bool is_product_word(const Lexed& lexed, size_t index);

/// Words that never stand for a product of their letters.
[[nodiscard]] bool is_plain_word(const std::string& word);

/// -x; of a number the number.
[[nodiscard]] Expression negated(Expression value);

/// a/b; of two integers the fraction.
[[nodiscard]] Expression quotient(Expression a, Expression b);

/// Of a command that stands between what it takes: \over, \choose.
[[nodiscard]] bool is_infix(TokenKind kind);
[[nodiscard]] Expression infix_value(TokenKind kind, Expression first, Expression second);

/// `value` degrees in radians.
[[nodiscard]] Expression radians(Expression value);

}  // namespace stratagram::math
