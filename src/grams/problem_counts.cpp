#include "grams/problem_counts.h"

#include <algorithm>

namespace stratagram::grams {

ProblemCounts::ProblemCounts(size_t num_grams, uint32_t num_problems, uint64_t max_bytes)
    : num_problems_(num_problems), max_bytes_(max_bytes), counts_(num_grams), sets_(num_grams) {}

void ProblemCounts::add(size_t gram, uint32_t problem) {
  if (gram < begin_ || gram - begin_ >= sets_.size()) return;
  IdSet& set = sets_[gram - begin_];
  num_bytes_ -= set.num_bytes();
  set.insert(problem, num_problems_);
  num_bytes_ += set.num_bytes();
  while (num_bytes_ > max_bytes_ && sets_.size() > 1) put_off();
}

// A quarter of the grams of this round wait for the next.
void ProblemCounts::put_off() {
  const size_t stay = std::max<size_t>(1, sets_.size() / 4 * 3);
  for (size_t i = stay; i < sets_.size(); ++i) num_bytes_ -= sets_[i].num_bytes();
  sets_.resize(stay);
}

bool ProblemCounts::next_round() {
  for (const IdSet& set : sets_) counts_[begin_++] = static_cast<uint32_t>(set.size());
  // As many as went well: grams come in no order of frequency, so they take about as much.
  const size_t next = std::min(counts_.size() - begin_, sets_.size());
  sets_ = std::vector<IdSet>(next);
  num_bytes_ = 0;
  return next > 0;
}

}  // namespace stratagram::grams
