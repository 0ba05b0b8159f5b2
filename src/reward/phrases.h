// reward/phrases.h -- answers that a sentence announces: "the final answer is 5".
#pragma once

#include <optional>
#include <string_view>

#include "core/records.h"

namespace stratagram::reward {

enum class Announcement {
  kFinalAnswer,  ///< "final answer is", "Final Answer:", a heading "**Final Answer**"
  kAnswer,       ///< the same with "answer" alone, and "answers are"
};

struct Announced {
  Range bytes;            ///< of the text; not blank
  bool is_whole = false;  ///< the sentence, line or formula that holds it ends inside the text
};

/// What the last announcement of the text announces: the rest of its sentence or, where nothing
/// stands there, the next line or formula that is not blank. Words that only give reasons (", since
/// 2 + 3 = 5") are left out. Of a sentence in prose ("Answer: it takes her 5 days.") the only bold
/// part, or else its only number. "The answer is correct" announces nothing. Linear in the text.
[[nodiscard]] std::optional<Announced> find_announced(std::string_view text, Announcement kind);

}  // namespace stratagram::reward
