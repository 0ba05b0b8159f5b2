// grams/word_hash.h -- words and grams as 64-bit numbers, for counting more of them than memory
// holds as text. Two grams of a collection of n share a number with a probability of about
// n * n / 2^65: 3e-7 for three million, 0.03 for a thousand million.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace stratagram::grams {

/// Bit 0: no gram goes on from the word before (WordView::break_before). The others tell words
/// apart; the same on every machine.
using WordHash = uint64_t;

inline constexpr WordHash kBreakBit = 1;

/// Mathematics and code, which no gram contains; its bit 0 says nothing.
inline constexpr WordHash kOpaqueHash = 0;

/// Of a normalised word, without bit 0.
[[nodiscard]] WordHash word_hash(std::string_view word);

/// Replaces `words` by those of a text.
void hash_words(std::string_view text, std::vector<WordHash>& words);

/// The number of a gram that goes on with `word`; the empty gram is 0.
[[nodiscard]] inline uint64_t longer_gram(uint64_t gram, WordHash word) {
  uint64_t mixed = (gram + (word | kBreakBit)) * 0x9e3779b97f4a7c15U;
  mixed = (mixed ^ (mixed >> 32)) * 0xd6e8feb86659fd93U;
  return mixed ^ (mixed >> 32);
}

struct GramLengths {
  size_t min_words = 3;
  size_t max_words = 5;
};

struct HashedGram {
  uint64_t hash = 0;
  uint32_t first_word = 0;
  uint32_t num_words = 0;
};

/// Replaces `grams` by all that the words hold, from left to right, short ones first.
void hash_grams(std::span<const WordHash> words,
                GramLengths lengths,
                std::vector<HashedGram>& grams);

}  // namespace stratagram::grams
