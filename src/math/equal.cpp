#include "math/equal.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "math/comparison.h"

namespace stratagram::math {

Equality compare(std::span<const Answer> gold,
                 std::span<const Answer> predicted,
                 const EqualityOptions& options) {
  Equality result;
  if (gold.empty() || predicted.empty()) {
    result.reason = "unreadable";
    return result;
  }
  Comparison comparison(options);
  // Better readings first, those of both sides alike.
  std::vector<std::pair<size_t, size_t>> pairs;
  for (size_t i = 0; i < gold.size(); ++i) {
    for (size_t j = 0; j < predicted.size(); ++j) pairs.emplace_back(i, j);
  }
  std::stable_sort(pairs.begin(), pairs.end(), [](const auto& a, const auto& b) {
    return a.first + a.second < b.first + b.second;
  });
  Verdict best;
  std::pair<size_t, size_t> decisive{0, 0};
  for (size_t i = 0; i < pairs.size(); ++i) {
    const Verdict verdict = comparison.compare(gold[pairs[i].first], predicted[pairs[i].second]);
    const bool is_better =
        i == 0 || verdict.is_same() ||
        (verdict.sameness == Sameness::kUnknown && best.sameness == Sameness::kDifferent);
    if (is_better) {
      best = verdict;
      decisive = pairs[i];
    }
    if (verdict.is_same()) break;
  }
  result.sameness = best.sameness;
  result.reason = best.reason;
  result.steps = comparison.budget().used();
  result.a_form = comparison.form(gold[decisive.first]);
  result.b_form = comparison.form(predicted[decisive.second]);
  return result;
}

Equality compare(const Answer& gold, const Answer& predicted, const EqualityOptions& options) {
  return compare(std::span(&gold, 1), std::span(&predicted, 1), options);
}

}  // namespace stratagram::math
