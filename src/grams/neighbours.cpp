#include "grams/neighbours.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "core/error.h"
#include "grams/vectors.h"

namespace stratagram::grams {
Neighbours::Neighbours(std::vector<Example> examples,
                       const Embeddings& embeddings,
                       int64_t num_nearest)
    : examples_(std::move(examples)),
      vectors_(embeddings),
      num_nearest_(static_cast<size_t>(num_nearest)) {
  STRATAGRAM_CHECK(
      embeddings.num_rows() == static_cast<int64_t>(examples_.size()) && num_nearest >= 1,
      "{} examples, {} vectors, {} nearest",
      examples_.size(),
      embeddings.num_rows(),
      num_nearest);
  scale_rows_(vectors_);
}

std::vector<Neighbours::Near> Neighbours::nearest(const std::string& text,
                                                  std::span<const float> vector) const {
  const double length = std::sqrt(dot(vector, vector));
  std::vector<Near> near;
  for (size_t i = 0; i < examples_.size(); ++i) {
    // A gram that is an example itself would be its own neighbour, and sure of its label.
    if (examples_[i].text == text) continue;
    const double product = dot(vectors_.row(static_cast<int64_t>(i)), vector);
    near.push_back({.cosine = length == 0 ? 0 : product / length, .example = i});
  }
  const size_t kept = std::min(num_nearest_, near.size());
  std::ranges::partial_sort(
      near, near.begin() + static_cast<std::ptrdiff_t>(kept), [](const Near& a, const Near& b) {
        return a.cosine != b.cosine ? a.cosine > b.cosine : a.example < b.example;
      });
  near.resize(kept);
  return near;
}

double Neighbours::nearness(const std::string& text, std::span<const float> vector) const {
  const std::vector<Near> near = nearest(text, vector);
  double sum = 0;
  for (const Near& one : near) sum += one.cosine;
  return near.empty() ? 0 : sum / static_cast<double>(near.size());
}

std::optional<Role> Neighbours::role(const std::string& text, std::span<const float> vector) const {
  std::array<int64_t, 4> votes{};
  std::optional<Role> best;
  const std::vector<Near> near = nearest(text, vector);
  for (const Near& one : near) {
    if (const auto role = examples_[one.example].role) ++votes[static_cast<size_t>(*role)];
  }
  for (const Near& one : near) {
    const auto role = examples_[one.example].role;
    if (!role) continue;
    if (!best || votes[static_cast<size_t>(*role)] > votes[static_cast<size_t>(*best)]) best = role;
  }
  return best;
}

}  // namespace stratagram::grams
