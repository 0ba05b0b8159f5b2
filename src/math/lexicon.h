// math/lexicon.h -- what LaTeX commands, plain names and Unicode signs stand for.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "math/answer.h"
#include "math/token.h"

namespace stratagram::math {

/// What the lexer does with a LaTeX command.
enum class CommandAction : uint8_t {
  kEmit,        ///< a token
  kSkip,        ///< nothing: \left, \displaystyle
  kSpace,       ///< white space
  kSkipGroup,   ///< nothing, together with the group after it: \phantom{-}
  kText,        ///< the group after it holds words
  kRoman,       ///< the group after it holds upright letters, words or formula: \mathrm
  kBlackboard,  ///< \mathbb
  kBegin,
  kEndOf,
};

struct Meaning {
  CommandAction action = CommandAction::kEmit;
  TokenKind kind = TokenKind::kOther;
  int32_t detail = 0;
  std::string_view text{};
};

/// Of a LaTeX command, its name without the backslash.
[[nodiscard]] std::optional<Meaning> command_meaning(std::string_view name);

/// Of a run of letters outside of LaTeX commands: "sin", "pi", "arctan", "or". Names of one letter
/// that are no constant have none.
[[nodiscard]] std::optional<Meaning> name_meaning(std::string_view name);

/// How many letters of a run are a function's name with one or two letters behind it: 3 of "sinx";
/// 0 where there is none.
[[nodiscard]] size_t function_prefix(std::string_view run);

/// Of a character beyond ASCII that stands for one token.
[[nodiscard]] std::optional<Meaning> sign_meaning(char32_t sign);

/// The digits above and below of a sign like one half.
[[nodiscard]] std::optional<std::pair<char, char>> fraction_of_sign(char32_t sign);

/// Of a superscript or subscript digit; -1 for any other sign.
[[nodiscard]] int raised_digit(char32_t sign);

/// Dollar signs that do not pair are money.
[[nodiscard]] bool has_lone_dollar(std::string_view text);

/// What \text{} may hold though it is no text: "2x + 1", without words and with an operator.
[[nodiscard]] bool is_formula_text(std::string_view text);

/// Spaces, marks of direction and quotation marks beyond ASCII, which only part what they stand in.
[[nodiscard]] bool is_blank_sign(char32_t sign);

/// Of Python, whose functions are called through it: np.sqrt.
[[nodiscard]] bool is_module(std::string_view name);

/// Functions that people write as words: \text{sin}.
[[nodiscard]] bool is_spelled_function(std::string_view name);

/// Units, connectives, number words and the like: runs of two or three letters that are a word
/// rather than a product of symbols.
[[nodiscard]] bool is_short_word(std::string_view name);

}  // namespace stratagram::math
