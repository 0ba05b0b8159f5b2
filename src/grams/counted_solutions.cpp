#include "grams/counted_solutions.h"

#include <utility>

#include "core/digest.h"
#include "grams/normaliser.h"

namespace stratagram::grams {
namespace {

std::string key_of(const text::Solution& solution) {
  Sha256 digest;
  digest.update(text::problem_key(solution));
  digest.update(std::string_view("\0", 1));
  for_each_word(solution.response, [&](const WordView& word) {
    digest.update(word.text);
    digest.update(" ");
  });
  return digest.finish();
}

}  // namespace

CountedSolutions::CountedSolutions(text::SolutionReader reader, bool only_correct)
    : reader_(std::move(reader)), only_correct_(only_correct) {}

std::optional<text::Solution> CountedSolutions::next() {
  while (auto solution = reader_.next()) {
    if (only_correct_ && !solution->correct.value_or(false)) {
      ++num_wrong_;
    } else if (!seen_.insert(key_of(*solution)).second) {
      ++num_duplicates_;
    } else {
      ++num_documents_;
      return solution;
    }
  }
  return std::nullopt;
}

}  // namespace stratagram::grams
