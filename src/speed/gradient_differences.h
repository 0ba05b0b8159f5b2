// speed/gradient_differences.h -- how far the gradients of two passes over the same weights are
// from each other.
#pragma once

#include <map>
#include <string>

#include "model/transformer.h"

namespace stratagram::speed {

/// 2-norms of a gradient: of the wanted one, and of what another differs by.
struct GradientNorms {
  double wanted = 0;
  double off = 0;  ///< infinite when only one side has a gradient or one is not finite
};

/// A weight's name each, without those that have no gradient on either side.
using GradientDifferences = std::map<std::string, GradientNorms>;

[[nodiscard]] GradientDifferences gradient_differences(const model::Weights& got,
                                                       const model::Weights& wanted);

/// The gradients of all layers as one: a kind of weight each, its name with `*` for the layer.
[[nodiscard]] GradientDifferences of_kinds(const GradientDifferences& differences);

struct LargestDifference {
  double relative = 0;  ///< `off` over `wanted`
  std::string name{};
};

/// Gradients far smaller than the largest count by a thousandth of that, because some are zero but
/// for rounding, as those of key biases.
[[nodiscard]] LargestDifference largest_difference(const GradientDifferences& differences);

/// By how much rounding moves gradients, as 2-norms: a weight's name each.
using RoundingNorms = std::map<std::string, double>;

/// With an `off` of 0 where it is at most ten times what rounding moves that gradient by.
[[nodiscard]] GradientDifferences without_rounding(GradientDifferences differences,
                                                   const RoundingNorms& rounding);

}  // namespace stratagram::speed
