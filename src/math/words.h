// math/words.h -- English words in answers: hedges, number words, truth words, and the text that is
// left where an answer is no mathematics.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "math/rational.h"

namespace stratagram::math {

[[nodiscard]] std::string lower_case(std::string_view text);

/// Words that take an answer back or bound it: "maybe", "not", "least", "except", ...
[[nodiscard]] bool is_hedge(std::string_view word);

/// Words that may lead to an answer and say nothing: "the answer is", "approximately", "therefore".
[[nodiscard]] bool is_lead_in(std::string_view word);

/// "twenty-one", "two hundred and five", "one half": the value and how many words it took; empty
/// where the first word is no number. Takes lower case.
struct WordNumber {
  Rational value{};
  size_t num_words = 0;
};
[[nodiscard]] std::optional<WordNumber> number_of_words(const std::vector<std::string>& words);

/// 1000 of "thousand", 12 of "dozen".
[[nodiscard]] std::optional<Rational> multiplier_of(std::string_view word);

/// "true" or "false" of a lower-case text that is such a word.
[[nodiscard]] std::optional<std::string> truth_of(std::string_view text);

/// Case-folded words joined by one space: without LaTeX's commands for layout, dollar signs,
/// punctuation at ends of words and a leading article.
[[nodiscard]] std::string plain_words(std::string_view text);

}  // namespace stratagram::math
