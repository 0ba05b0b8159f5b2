// grams/labels.h -- grams that a person judged, for making a selector and for measuring any method.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "grams/catalogue.h"

namespace stratagram::grams {

struct Label {
  std::string text{};
  bool strategic = false;
  std::optional<Role> role{};  ///< of a strategic gram
  std::string half{};          ///< which part of the labels: "open", "kept"; may be empty
  /// Grams of the whole list that it stands for: its stratum's size over the number drawn from it.
  double weight = 1.0;
};

/// Rows {"gram": ..., "strategic": true, "role": ..., "half": ..., "weight": ...}; all but the
/// first two may be absent. Those of a half that is not among `halves` are left out; none takes
/// all. Throws Error(kData) "FILE:LINE: ..." for broken JSON, a gram that is not in normal form or
/// came before, an unknown role, a role without strategic, a weight that is not above 0, and a half
/// that the file holds no label of.
[[nodiscard]] std::vector<Label> load_labels(const std::filesystem::path& file,
                                             std::span<const std::string> halves);

}  // namespace stratagram::grams
