// math/answer_parser.h -- a range of tokens to one Answer: lists, relations, brackets, intervals,
// matrices, units; what is left are expressions.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "math/answer.h"
#include "math/expression_parser.h"
#include "math/token.h"

namespace stratagram::math {

/// Places where one text has two meanings. As a set: bit (1 << place).
enum class Ambiguity : uint8_t {
  kQuotient,  ///< 1/2x
  kPair,      ///< (1, 2): a point, or else an open interval; [1, 2]: an interval, or else a list
  kEquation,  ///< y = 2x: the value of y, or else an equation
  kUnit,      ///< 5 m: a product, or else a length; m/s^2 the other way round
  kTime,      ///< 2:30: a ratio, or else a time of day
  kProduct,   ///< \text{ab}: a word, or else a product
  kDigits,    ///< 2a_{16}: a product, or else digits to the base 16
  kGroups,    ///< 1, 2; 3, 4: points, or else a list
};

class AnswerParser {
 public:
  /// `others` holds a bit for each Ambiguity that is to be read the other way.
  AnswerParser(const Lexed& lexed, ParseBudget& budget, uint32_t others)
      : lexed_(lexed), budget_(budget), others_(others) {}

  /// What the tokens [begin, end) say; none where they say nothing mathematical.
  [[nodiscard]] std::optional<Answer> parse(size_t begin, size_t end);

  /// Bits of the ambiguities that were met.
  [[nodiscard]] uint32_t ambiguities() const { return met_; }

 private:
  /// A stretch of tokens, and what stands in it outside of all brackets.
  struct Range {
    size_t begin = 0;
    size_t end = 0;
    [[nodiscard]] bool empty() const { return begin >= end; }
  };
  struct Seams {
    std::vector<size_t> separators{};  ///< commas, semicolons, "and", "or"
    std::vector<size_t> relations{};   ///< equality signs too
    std::vector<size_t> unions{};
    std::vector<size_t> colons{};
    std::optional<size_t> element{};
    std::optional<size_t> set_minus{};
    std::optional<size_t> such_that{};
    bool has_or = false;
    bool has_and = false;
    bool has_intersection = false;
  };

  [[nodiscard]] const Token& token(size_t index) const { return lexed_.tokens[index]; }
  [[nodiscard]] TokenKind kind(size_t index) const { return lexed_.tokens[index].kind; }
  [[nodiscard]] size_t after(size_t index) const;
  /// Braces open at `index`.
  [[nodiscard]] bool is_group(size_t index) const {
    return kind(index) == TokenKind::kOpen && token(index).text == "{";
  }
  bool choose(Ambiguity ambiguity);
  [[nodiscard]] Range trimmed(Range range) const;
  [[nodiscard]] Seams seams_of(Range range) const;
  [[nodiscard]] bool is_union_letter(size_t index, Range range) const;
  [[nodiscard]] bool is_bracketed(Range range, const char* bracket) const;
  [[nodiscard]] bool is_number_set(Range range) const;

  std::optional<Answer> answer(Range range);
  std::optional<Answer> alternatives(Range first, Range aside);
  [[nodiscard]] bool is_remark(Range range) const;
  [[nodiscard]] bool is_condition(Range range) const;
  std::optional<Answer> structured(Range range, const Seams& seams);
  std::optional<std::vector<Answer>> list_parts(Range range, const Seams& seams);
  std::optional<Answer> list(Range range, const Seams& seams);
  std::optional<Answer> groups(Range range, const Seams& seams);
  std::optional<Answer> relations(Range range, const Seams& seams);
  std::optional<Answer> equation(const std::vector<Range>& sides);
  std::optional<Answer> labelled(Range label, Range value);
  std::optional<Answer> inequality(const std::vector<Range>& sides, const Seams& seams);
  std::optional<Answer> element(Range range, size_t at);
  std::optional<Answer> union_of(Range range, const Seams& seams);
  std::optional<Answer> set_minus(Range range, size_t at);
  std::optional<Answer> bracketed(Range range);
  std::optional<Answer> signed_tuples(Range inner, const std::vector<Answer>& parts);
  std::optional<Answer> pair_or_tuple(Range range, std::vector<Answer> parts);
  std::optional<Answer> set(Range range);
  std::optional<Answer> environment(Range range);
  std::optional<Answer> matrix_sum(Range range);
  std::optional<Answer> matrix_product(Range range);
  std::optional<Answer> multiplied(const Answer& a, const Answer& b);
  Expression matrix_factor(Range range);
  std::optional<Answer> matrix(Range range);
  std::optional<Answer> ratio(Range range, const Seams& seams);
  std::optional<std::string> label_of(Range range);
  [[nodiscard]] bool is_segment(Range range) const;
  [[nodiscard]] std::optional<std::string> segment_label(Range range) const;
  [[nodiscard]] bool is_computation(Range range) const;

  std::optional<Answer> value(Range range);
  std::optional<Answer> signed_values(Range range, const std::string& unit);
  std::optional<Answer> plain_value(Range range, const std::string& unit);
  std::optional<Answer> money(Range range);
  std::optional<Answer> value_with_words(Range range, size_t first_word);
  std::optional<Answer> value_with_letters(Range range);
  std::optional<Answer> several_units(Range range);
  std::optional<Answer> lettered_digits(Range range);
  [[nodiscard]] std::optional<std::string> unit_of(Range range) const;
  [[nodiscard]] std::optional<std::string> unit_fraction(Range range) const;
  [[nodiscard]] bool are_idle_words(Range range) const;
  std::optional<Answer> degree_fraction(Range range);
  std::optional<Answer> infix(Range range, size_t middle);
  [[nodiscard]] size_t ordinal_start(Range range) const;
  [[nodiscard]] bool is_sum(Range range) const;
  [[nodiscard]] bool has_function(Range range) const;
  [[nodiscard]] size_t first_word(Range range) const;
  void add_precision_(Answer& answer, Range range) const;

  const Lexed& lexed_;
  ParseBudget& budget_;
  uint32_t others_;
  uint32_t met_ = 0;
  /// What a pair in brackets is read as.
  enum class Context : uint8_t {
    kAlone,   ///< either
    kUnion,   ///< an interval
    kList,    ///< a point, in square brackets an interval
    kNested,  ///< a list
  };
  Context context_ = Context::kAlone;
};

/// 2 hours and 30 minutes: values of one dimension, the larger unit first, as one value in the
/// smallest unit. None where the parts are anything else.
[[nodiscard]] std::optional<Answer> sum_of_units(const std::vector<Answer>& parts);

}  // namespace stratagram::math
