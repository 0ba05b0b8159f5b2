// model/packed_part.h -- a run of packed tokens and what it sees.
#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/core/ivalue.h>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

namespace stratagram::model {

/// Packed tokens [begin, begin + length) that see themselves causally and, before them, a prompt.
struct PackedPart {
  int64_t begin = 0;
  int64_t length = 0;
  int64_t prompt_begin = 0;
  int64_t prompt_length = 0;  ///< 0: there is none
  /// For the flash kernels, whose own causal mask begins at the first key: float32 [length,
  /// prompt_length + length], 0 where a token may look and -inf elsewhere. Undefined where there is
  /// no prompt, and for other kernels.
  at::Tensor mask{};
};

/// The parts' places in their list, those first that attention computes the most scores for.
[[nodiscard]] inline std::vector<size_t> longest_first(const std::vector<PackedPart>& parts) {
  const auto twice_the_scores = [&](size_t i) {
    return parts[i].length * (2 * parts[i].prompt_length + parts[i].length);
  };
  std::vector<size_t> order(parts.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return twice_the_scores(a) > twice_the_scores(b);
  });
  return order;
}

/// Boxes parts for AutogradContext::saved_data, which holds IValues only.
struct PartsHolder : torch::CustomClassHolder {
  explicit PartsHolder(std::vector<PackedPart> given) : parts(std::move(given)) {}
  std::vector<PackedPart> parts;
};

}  // namespace stratagram::model
