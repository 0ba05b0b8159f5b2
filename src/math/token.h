// math/token.h -- the words of a written answer, LaTeX and plain spellings made alike.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "math/expression.h"

namespace stratagram::math {

enum class TokenKind : uint8_t {
  kEnd,
  kNumber,     ///< `detail`: its index in Lexed::numbers
  kName,       ///< a symbol: one letter or a Greek one
  kWord,       ///< letters that are no formula by themselves: "apples", "or", "cm"
  kFunction,   ///< `detail`: a Function
  kLogarithm,  ///< \log, \lg, \ln: `detail` is its base, 0 for a base that may follow
  kConstant,   ///< `detail`: an Op
  kAccent,     ///< \vec, \overline, ...: a named function of the next thing
  kPlus,
  kMinus,
  kPlusMinus,  ///< `detail`: 1, or -1 for \mp
  kTimes,
  kDivide,
  kModulo,
  kPower,  ///< `detail`: 1 for Python's two stars
  kSubscript,
  kFactorial,  ///< `detail`: 1 or 2
  kPrime,
  kDegree,
  kPercent,
  kCurrency,  ///< `text`: the unit
  kFraction,
  kSquareRoot,  ///< `detail`: 0, or the index that its sign has
  kBinomial,
  kChoose,  ///< {n \choose k}
  kOver,    ///< {a \over b}
  kOpen,    ///< `text`: one of ( [ { \{ < |_ |^
  kClose,
  kBar,
  kComma,
  kSemicolon,
  kColon,
  kFullStop,
  kEqual,
  kApproximately,
  kRelation,  ///< `detail`: a Relation
  kElement,
  kUnion,
  kIntersection,
  kSetMinus,
  kSuchThat,  ///< \mid
  kEmptySet,
  kNumbers,  ///< \mathbb{R}: `text` is the letter
  kBegin,    ///< of an environment: `text`
  kEndOf,
  kRow,
  kCell,
  kOther,  ///< a sign without a reading here
};

/// + or -; not both at once.
[[nodiscard]] constexpr bool is_sign(TokenKind kind) {
  return kind == TokenKind::kPlus || kind == TokenKind::kMinus;
}

struct Token {
  TokenKind kind = TokenKind::kEnd;
  bool spaced = false;     ///< white space stood before it
  bool from_text = false;  ///< inside \text{} and the like
  int32_t detail = 0;
  size_t begin = 0;  ///< its bytes in the text
  size_t end = 0;
  std::string text{};
};

/// A number as it was written.
struct WrittenNumber {
  std::string whole{};      ///< digits before the point
  std::string fraction{};   ///< after it
  std::string repeating{};  ///< under a bar, after `fraction`
  int64_t exponent = 0;
  bool has_point = false;
  bool has_exponent = false;
  bool is_grouped = false;  ///< 1,234: perhaps two numbers
};

struct Lexed {
  std::vector<Token> tokens{};  ///< the last one is kEnd
  std::vector<WrittenNumber> numbers{};
  /// Of each kOpen, kBegin and of its partner: the index of the other; its own index for the rest.
  std::vector<size_t> partner{};
  bool is_balanced = true;
  size_t depth = 0;  ///< of brackets, whether they are balanced or not
  bool is_latex = false;
  bool has_grouped = false;  ///< a number might be several
};

}  // namespace stratagram::math
