// grams/quality.h -- how well a method finds strategic grams: its calls against labels.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "grams/labels.h"

namespace stratagram::grams {

/// A figure, and the 2.5th and 97.5th percentile of it over resampled labels.
struct QualityFigure {
  double value = 0;
  double low = 0;
  double high = 0;
};

/// Of the whole list that the labels were drawn from, estimated by their weights. Undefined figures
/// (no call, no strategic label) are absent.
struct Quality {
  int64_t num_labels = 0;
  int64_t num_strategic = 0;                 ///< labels
  int64_t num_called = 0;                    ///< labels that the method calls strategic
  std::optional<QualityFigure> precision{};  ///< strategic among those called, 0 to 1
  std::optional<QualityFigure> recall{};     ///< called among the strategic, 0 to 1
  std::optional<QualityFigure> kappa{};      ///< Cohen 1960: agreement beyond chance, -1 to 1
};

/// `called` says whether the method calls a gram strategic. Labels are resampled `num_draws` times
/// with replacement, inside each stratum (labels of one weight) by itself, keyed by `seed`; a draw
/// in which a figure is undefined does not count for it.
[[nodiscard]] Quality quality_of(const std::vector<Label>& labels,
                                 const std::function<bool(const std::string&)>& called,
                                 int64_t num_draws,
                                 uint64_t seed);

}  // namespace stratagram::grams
