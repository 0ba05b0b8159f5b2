// grams/gram_text.h -- what may stand as a gram in a list: its normal form.
#pragma once

#include <cstddef>
#include <string>

namespace stratagram::grams {

inline constexpr size_t kMaxGramWords = 6;

/// Throws Error(kData) "WHERE: ..." unless `text` is 1 to 6 words in normal form (joined() of its
/// words) without a break or a formula between them, which no occurrence could match.
void check_gram_text(const std::string& text, const std::string& where);

}  // namespace stratagram::grams
