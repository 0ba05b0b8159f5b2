// grams/gram_context.h -- the words around a gram, for people and judges.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "core/records.h"
#include "grams/candidates.h"

namespace stratagram::grams {

inline constexpr size_t kContextWords = 12;
inline constexpr size_t kContextBytes = 160;

/// Up to kContextWords whole words and kContextBytes bytes on either side, as the text spells them.
/// `words` are the places of those of the text; [first, first + num_words) is within them.
[[nodiscard]] Context context_of(std::string_view text,
                                 std::span<const Range> words,
                                 size_t first,
                                 size_t num_words);

}  // namespace stratagram::grams
