// math/phrases.h -- answers that are no formula: letters of a multiple choice, dates, times of day,
// numbers in words.
#pragma once

#include <optional>
#include <string_view>

#include "math/answer.h"
#include "math/token.h"

namespace stratagram::math {

struct ChoicePhrase {
  Answer choice{};
  /// Index of the first token behind the letter, where more stands there: (A) 5.
  std::optional<size_t> rest{};
};

/// A, (A), B., "Option C", "A, D", (A) 5.
[[nodiscard]] std::optional<ChoicePhrase> choice_of(std::string_view text, const Lexed& lexed);

/// b, (b), AC: a small letter, or two to five capitals in order, none of which says by itself
/// that it is a choice.
[[nodiscard]] std::optional<Answer> unmarked_choice_of(const Lexed& lexed);

/// 3 to 4
[[nodiscard]] std::optional<Answer> ratio_in_words(const Lexed& lexed);

/// "June 20", "20 June 2024", "2024-06-20".
[[nodiscard]] std::optional<Answer> date_of(const Lexed& lexed);

struct TimePhrase {
  Answer time{};
  bool is_certain = false;  ///< with a.m. or p.m.; 2:30 alone may be a ratio
};

/// "2:30 p.m.", "14:30", "3 pm", "12:00 noon", "midnight".
[[nodiscard]] std::optional<TimePhrase> time_of(const Lexed& lexed);

/// "five", "twenty-one apples", "two thirds".
[[nodiscard]] std::optional<Answer> number_in_words(const Lexed& lexed);

/// "for all", "for every", ... stands at `index`, which is not that of the last token.
[[nodiscard]] bool is_quantifier(const Lexed& lexed, size_t index);

/// Index of the first token that is not of a phrase like "the answer is".
[[nodiscard]] size_t behind_lead_in(const Lexed& lexed);

}  // namespace stratagram::math
