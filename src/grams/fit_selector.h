// grams/fit_selector.h -- makes a selector from labels.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "grams/selector.h"

namespace stratagram::grams {

struct FitOptions {
  std::string name{};
  std::vector<std::string> features{};  ///< names of feature_names()
  int64_t num_nearest = 3;
  double ridge = 1.0;      ///< above 0, on standardised features
  int64_t num_folds = 10;  ///< of the cross-validation, 2 or more
  uint64_t seed = 0;       ///< keys the folds
};

/// Fits with every label that is a candidate. The strategic ones become the seeds, the others the
/// counter-examples; no gram is its own neighbour. The threshold is the one with the highest
/// F1 of the strategic grams in the list, estimated by the labels' weights, in a cross-validation
/// whose folds also hide their labels from the seeds. `fit` of the result holds precision and
/// recall of that cross-validation. Throws Error: kConfig for an unknown feature, a label of which
/// the candidates hold fewer than `num_folds` of either kind, and evidence that a feature needs and
/// that is absent.
[[nodiscard]] Selector fit_selector(const std::vector<Label>& labels,
                                    const Evidence& evidence,
                                    const FitOptions& options);

}  // namespace stratagram::grams
