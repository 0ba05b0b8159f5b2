// reward/sentence.h -- the sentence that announces an answer: where it ends, and which part of it
// is the answer.
#pragma once

#include <cstddef>
#include <string_view>

namespace stratagram::reward {

/// Half-open bytes of a text.
struct Piece {
  size_t begin = 0;
  size_t end = 0;
  [[nodiscard]] bool blank() const { return begin >= end; }
  [[nodiscard]] std::string_view of(std::string_view text) const {
    return text.substr(begin, end - begin);
  }
};

/// Without white space, marks of Markdown and a full stop at its ends.
[[nodiscard]] Piece trimmed(std::string_view text, Piece piece);

/// From `begin` to the end of the sentence or line, a full stop inside a number being none. A
/// displayed formula at `begin` is taken whole, with what follows on its line and with further ones
/// that "or" and "and" join to it.
[[nodiscard]] Piece sentence_from(std::string_view text, size_t begin);

/// A sentence in prose ("it takes her 5 days") narrowed to its only bold part, or else its only
/// number, or else what its last "is" says. Any other, and one that denies or doubts, as it is.
[[nodiscard]] Piece without_prose(std::string_view text, Piece sentence);

/// Whether the clause or sentence around a part of the text takes it back, doubts it or sets
/// another number beside it: "it is not 5", "5 or 6", "maybe 5?", "5 boys and 6 girls". Looks at no
/// more than some hundred bytes on either side.
[[nodiscard]] bool is_doubted(std::string_view text, Piece part);

/// Whether a text is a sentence or more, in which an answer would have to be sought, and no bare
/// answer: words with a verb, a small word ("of", "then") or a formula among them, or over several
/// sentences or lines, or behind a thought.
[[nodiscard]] bool is_prose(std::string_view text);

}  // namespace stratagram::reward
