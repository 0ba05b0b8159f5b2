#include "grams/gram_text.h"

#include <vector>

#include "core/error.h"
#include "grams/normaliser.h"

namespace stratagram::grams {

void check_gram_text(const std::string& text, const std::string& where) {
  const std::vector<Word> words = normalise(text);
  if (words.empty() || words.size() > kMaxGramWords) {
    fail(ErrorKind::kData,
         "{}: '{}': wanted 1 to {} words, got {}",
         where,
         text,
         kMaxGramWords,
         words.size());
  }
  for (const Word& word : words) {
    if (word.opaque || (word.break_before && &word != &words.front())) {
      fail(ErrorKind::kData,
           "{}: '{}': holds a break or a formula, which no occurrence can match",
           where,
           text);
    }
  }
  const std::string normal = joined(words);
  if (normal != text) {
    fail(ErrorKind::kData, "{}: '{}' is not normalised; write '{}'", where, text, normal);
  }
}

}  // namespace stratagram::grams
