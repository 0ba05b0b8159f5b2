// grams/k_means.h -- k-means (Lloyd 1957) over vectors, keyed and reproducible.
//
// Plain, not spherical: squared Euclidean distance, centres are means. Over vectors of length 1 the
// distance is twice one minus the cosine. Seeds are drawn by k-means++ (Arthur and Vassilvitskii
// 2007) and the whole is tried several times with keys of their own; the partition with the
// smallest sum of squared distances stays, the first of equal ones.
//
// The result is the same to the bit for any number of threads: what threads share out is
// independent row by row, and sums run in the order of the rows, in double.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "grams/embedder.h"

namespace stratagram::grams {

struct KMeansOptions {
  int64_t num_clusters = 0;  ///< at least 1; may exceed the number of rows
  uint64_t seed = 0;
  int64_t num_tries = 4;  ///< at least 1
  int64_t max_rounds = 100;
};

struct Partition {
  /// By row. Numbers run from 0 without a gap, by the first row of each cluster.
  std::vector<int32_t> cluster_of{};
  int64_t num_clusters = 0;  ///< none empty; fewer than wanted when fewer rows differ
  double inertia = 0;        ///< sum of squared distances to the mean of the row's cluster
  int64_t num_rounds = 0;    ///< of the try that stayed
  bool converged = false;    ///< its last round changed nothing
};

/// A row goes to its nearest centre, the lowest of equally near ones; then refill_empty_().
/// Throws Error: kInternal for no rows and counts below 1; kInterrupted between rounds after a
/// signal.
[[nodiscard]] Partition k_means(const Embeddings& rows, const KMeansOptions& options);

/// Gives each cluster without rows, in order, the row that is farthest from the centre of its own
/// cluster, the first of equally far ones; never a row that lies at its centre or is alone.
/// `centres` are row-major, by cluster. Clusters stay empty when no such row is left.
void refill_empty_(const Embeddings& rows, std::span<const float> centres, Partition& partition);

/// Means of the clusters, row-major; sums in the order of the rows, in double.
[[nodiscard]] std::vector<float> cluster_means(const Embeddings& rows, const Partition& partition);

}  // namespace stratagram::grams
