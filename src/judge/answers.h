// judge/answers.h -- what a judge's words say, read strictly: a letter or JSON, and nothing is
// guessed from a sentence.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace stratagram::judge {

/// The places (0 for A) chosen for each of `num_items` questions with `num_options` options; all
/// none where the text is no answer. It may begin with a <think>...</think> block and stand in a
/// Markdown fence; then it must be
///   for one item    a letter as B, b, B. B) (B) **B**, or {"answer": "B"}, or {"1": "B"}
///   for several     an object with members "1" to "N" and letters as values; a member that is
///                   missing or no letter leaves its item without an answer
/// A letter beyond the options is none. An object with another member, or with one member twice, is
/// no answer. num_options is 1 to 26, else Error(kInternal).
[[nodiscard]] std::vector<std::optional<size_t>> read_answers(std::string_view text,
                                                              size_t num_items,
                                                              size_t num_options);

}  // namespace stratagram::judge
