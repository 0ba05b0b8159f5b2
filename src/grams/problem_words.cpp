#include "grams/problem_words.h"

#include <algorithm>

#include "grams/normaliser.h"
#include "grams/word_spool.h"

namespace stratagram::grams {

std::vector<WordHash> words_of_problem(std::string_view problem) {
  std::vector<WordHash> words;
  for_each_word(problem, [&](const WordView& word) {
    if (word.opaque) return;
    const bool number = std::ranges::any_of(word.text, [](char c) { return c >= '0' && c <= '9'; });
    words.push_back(number ? word_hash(word.text) | kNumberBit : word_hash(word.text));
  });
  std::ranges::sort(words);
  words.erase(std::unique(words.begin(), words.end()), words.end());
  return words;
}

void ProblemVocabulary::add(std::span<const WordHash> problem_words) {
  ++num_problems_;
  for (const WordHash word : problem_words) ++num_problems_of_[word];
}

void ProblemVocabulary::keep_own(std::vector<WordHash>& problem_words) const {
  const auto rare = std::max<uint32_t>(
      1, static_cast<uint32_t>(kOwnWordShare * static_cast<double>(num_problems_)));
  size_t kept = 0;
  for (const WordHash word : problem_words) {
    const auto found = num_problems_of_.find(word);
    const bool own =
        (word & kNumberBit) != 0 || (found != num_problems_of_.end() && found->second <= rare);
    problem_words[kept] = word & ~kNumberBit;
    kept += own ? 1 : 0;
  }
  problem_words.resize(kept);
}

}  // namespace stratagram::grams
