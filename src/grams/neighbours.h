// grams/neighbours.h -- how near grams are to grams that were judged, by the cosine of their
// vectors.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "grams/catalogue.h"
#include "grams/embedder.h"

namespace stratagram::grams {

struct Example {
  std::string text{};
  std::optional<Role> role{};  ///< of a seed
  friend bool operator==(const Example&, const Example&) = default;
};

/// Immutable.
class Neighbours {
 public:
  /// `embeddings` has a row for each example; rows are scaled to length 1 here. `num_nearest` >= 1.
  Neighbours(std::vector<Example> examples, const Embeddings& embeddings, int64_t num_nearest);

  /// Mean cosine, -1 to 1, of the nearest examples (fewer where there are fewer), the gram itself
  /// left out; 0 without examples. `vector` has the width of the embeddings, and any length above
  /// 0.
  [[nodiscard]] double nearness(const std::string& text, std::span<const float> vector) const;

  /// The role that most of the nearest have; among equals that of the nearest. None when no example
  /// has one.
  [[nodiscard]] std::optional<Role> role(const std::string& text,
                                         std::span<const float> vector) const;

 private:
  struct Near {
    double cosine = 0;
    size_t example = 0;
  };
  [[nodiscard]] std::vector<Near> nearest(const std::string& text,
                                          std::span<const float> vector) const;

  std::vector<Example> examples_;
  Embeddings vectors_;
  size_t num_nearest_;
};

}  // namespace stratagram::grams
