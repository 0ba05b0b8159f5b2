#include "grams/word_hash.h"

#include "core/stream.h"
#include "grams/normaliser.h"

namespace stratagram::grams {

WordHash word_hash(std::string_view word) {
  const WordHash hash = longer_gram(0, hash_name(word)) & ~kBreakBit;
  return hash == kOpaqueHash ? ~kBreakBit : hash;
}

void hash_words(std::string_view text, std::vector<WordHash>& words) {
  words.clear();
  for_each_word(text, [&](const WordView& word) {
    const WordHash hash = word.opaque ? kOpaqueHash : word_hash(word.text);
    words.push_back(word.break_before ? hash | kBreakBit : hash);
  });
}

void hash_grams(std::span<const WordHash> words,
                GramLengths lengths,
                std::vector<HashedGram>& grams) {
  grams.clear();
  for (size_t first = 0; first < words.size(); ++first) {
    uint64_t hash = 0;
    for (size_t i = first; i < words.size() && i - first < lengths.max_words; ++i) {
      if ((words[i] | kBreakBit) == (kOpaqueHash | kBreakBit)) break;
      if (i > first && (words[i] & kBreakBit) != 0) break;
      hash = longer_gram(hash, words[i]);
      const size_t num_words = i - first + 1;
      if (num_words < lengths.min_words) continue;
      grams.push_back({.hash = hash,
                       .first_word = static_cast<uint32_t>(first),
                       .num_words = static_cast<uint32_t>(num_words)});
    }
  }
}

}  // namespace stratagram::grams
