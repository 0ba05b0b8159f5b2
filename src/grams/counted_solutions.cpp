#include "grams/counted_solutions.h"

#include "core/interrupt.h"
#include "core/stream.h"

namespace stratagram::grams {
namespace {

constexpr int64_t kRowsBetweenChecks = 256;

}  // namespace

CountedSolutions::CountedSolutions(text::SolutionReader reader, bool only_correct)
    : reader_(std::move(reader)), only_correct_(only_correct) {}

// 128 bits: among 10^9 solutions two different ones meet with a probability below 1e-20.
CountedSolutions::Key CountedSolutions::key_of(const text::Solution& solution) const {
  const uint64_t problem = hash_name(text::problem_key(solution));
  Key key{longer_gram(1, problem), longer_gram(3, problem)};
  for (const WordHash word : words_) {
    // Breaks tell grams apart, not solutions: the same words with other full stops are the same.
    key.first = longer_gram(key.first, word);
    key.second = longer_gram(~key.second, word);
  }
  return key;
}

std::optional<text::Solution> CountedSolutions::next() {
  while (auto solution = reader_.next()) {
    if (num_rows_++ % kRowsBetweenChecks == 0) {
      throw_if_interrupted("stopped while solutions were read; run the command again");
    }
    if (only_correct_ && !solution->correct.value_or(false)) {
      ++num_wrong_;
      continue;
    }
    hash_words(solution->response, words_);
    if (!seen_.insert(key_of(*solution)).second) {
      ++num_duplicates_;
      continue;
    }
    ++num_documents_;
    digest_.update(solution->response);
    digest_.update(std::string_view("\0", 1));
    return solution;
  }
  return std::nullopt;
}

}  // namespace stratagram::grams
