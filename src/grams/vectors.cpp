#include "grams/vectors.h"

#include <cmath>

namespace stratagram::grams {

double dot(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += double{a[i]} * double{b[i]};
  return sum;
}

void scale_rows_(Embeddings& embeddings) {
  for (int64_t i = 0; i < embeddings.num_rows(); ++i) {
    const double length = std::sqrt(dot(embeddings.row(i), embeddings.row(i)));
    const double scale = length > 0 ? 1 / length : 0;
    for (int64_t k = 0; k < embeddings.width; ++k) {
      float& value = embeddings.values[static_cast<size_t>(i * embeddings.width + k)];
      value = static_cast<float>(value * scale);
    }
  }
}

}  // namespace stratagram::grams
