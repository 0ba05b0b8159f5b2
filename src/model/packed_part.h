// model/packed_part.h -- a run of packed tokens and what it sees.
#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/core/ivalue.h>

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace stratagram::model {

/// Packed tokens [begin, begin + length) that see themselves causally and, before them, a prompt.
struct PackedPart {
  int64_t begin = 0;
  int64_t length = 0;
  int64_t prompt_begin = 0;
  int64_t prompt_length = 0;  ///< 0: there is none
  /// [length, prompt_length + length], 0 where a token may look and -inf elsewhere, for kernels
  /// whose own causal mask begins at the first key. Undefined where they do without it, for other
  /// kernels, and where there is no prompt.
  at::Tensor mask{};
};

/// Scores that attention computes for a part and a query head, twice.
[[nodiscard]] inline int64_t twice_the_scores(const PackedPart& part) {
  return part.length * (2 * part.prompt_length + part.length);
}

/// Whether each query head of a part is work of its own: of long ones, which may be alone in a
/// pass. Does not look at the number of threads, as sums over heads are rounded by it; nor at the
/// prompt, whose many short continuations would each make its gradients once a query head.
[[nodiscard]] inline bool is_divided(const PackedPart& part) {
  return part.length >= 512;
}

/// What one thread does at a time: some query heads of a part.
struct PackedUnit {
  size_t part = 0;  ///< its place in their list
  int64_t first_head = 0;
  int64_t num_heads = 0;
};

/// Every query head of every part: `heads_of_unit` together, a divisor of `num_heads`, or each
/// alone where the part is divided. Those come first that the most scores are computed for, so that
/// no thread is left alone with a long one at the end.
[[nodiscard]] inline std::vector<PackedUnit> packed_units(const std::vector<PackedPart>& parts,
                                                          int64_t num_heads,
                                                          int64_t heads_of_unit) {
  std::vector<PackedUnit> units;
  for (size_t i = 0; i < parts.size(); ++i) {
    const int64_t together = is_divided(parts[i]) ? 1 : heads_of_unit;
    for (int64_t head = 0; head < num_heads; head += together) {
      units.push_back({.part = i, .first_head = head, .num_heads = together});
    }
  }
  const auto work = [&](const PackedUnit& unit) {
    return twice_the_scores(parts[unit.part]) * unit.num_heads;
  };
  std::stable_sort(units.begin(), units.end(), [&](const PackedUnit& a, const PackedUnit& b) {
    return work(a) > work(b);
  });
  return units;
}

/// Boxes parts for AutogradContext::saved_data, which holds IValues only.
struct PartsHolder : torch::CustomClassHolder {
  explicit PartsHolder(std::vector<PackedPart> given) : parts(std::move(given)) {}
  std::vector<PackedPart> parts;
};

}  // namespace stratagram::model
