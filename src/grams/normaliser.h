// grams/normaliser.h -- a text as the sequence of words in which strategic grams are sought
// (definitions, section 2). The rule has a version; catalogues record it.
//
// Version 1. Words are runs of letters and digits with inner apostrophes, after NFKC and case
// folding. `. ? ! ; :` and blank lines are breaks. Mathematics ($..$, $$..$$, \(..\), \[..\], a
// LaTeX command with its arguments) and code fences are one opaque word. Everything else between
// words is skipped. `$` opens a formula when a non-space follows and a `$` closes it that stands
// after a non-space and before no digit, in the same paragraph; so "$5 and $7" is two prices.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/records.h"

namespace stratagram::grams {

inline constexpr int kNormaliserVersion = 1;

/// What stands for mathematics and code in a word sequence; no gram contains it.
inline constexpr std::string_view kOpaqueWord = "<math>";

struct WordView {
  std::string_view text;  ///< normalised; valid during the call that gets it
  Range bytes;            ///< of the original text
  bool opaque = false;
  bool break_before = false;  ///< no gram goes on from the word before
};

/// Calls `word` for each word, left to right. Time grows linearly with the text, whatever it is;
/// broken UTF-8 separates words.
void for_each_word(std::string_view text, const std::function<void(const WordView&)>& word);

struct Word {
  std::string text;
  Range bytes;
  bool opaque = false;
  bool break_before = false;
};

[[nodiscard]] std::vector<Word> normalise(std::string_view text);

/// Words with one space between them: the normal form that a catalogue writes a gram in.
[[nodiscard]] std::string joined(std::span<const Word> words);

}  // namespace stratagram::grams
