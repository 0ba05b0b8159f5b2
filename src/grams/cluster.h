// grams/cluster.h -- grams in clusters of like meaning, each named by its medoid.
//
// Vectors are scaled to length 1, then k_means() runs over them in the order of their texts, so the
// same texts in another order are the same clusters. Where the number of clusters is not given, it
// is the one with the highest spherical_bic() on a ladder of numbers that grow by the root of 2.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "grams/embedder.h"
#include "grams/k_means.h"

namespace stratagram::grams {

struct ClusterOptions {
  int64_t num_clusters = 0;  ///< 0: chosen
  uint64_t seed = 0;
};

/// What one number of clusters gave.
struct Rung {
  int64_t num_clusters = 0;
  double bic = 0;
};

struct Clusters {
  std::vector<int32_t> cluster_of{};  ///< by text; numbers from 0, by the first text in order
  std::vector<int64_t> medoids{};     ///< by cluster: the text with the least sum of distances
  double inertia = 0;
  double bic = 0;
  double silhouette = 0;      ///< how far apart they lie; decides nothing
  std::vector<Rung> tried{};  ///< by number; empty when the number was given
};

/// Texts differ from each other; vectors are parallel to them. `progress` is told what goes on.
/// Throws Error: kConfig when there are fewer than 2 texts; like k_means().
[[nodiscard]] Clusters cluster_texts(std::span<const std::string> texts,
                                     const Embeddings& vectors,
                                     const ClusterOptions& options,
                                     const std::function<void(const Rung&)>& progress = {});

/// Bayesian information criterion, in nats, of the partition as a mixture of Gaussians of one
/// variance that is the same in all directions and clusters (Pelleg and Moore 2000): higher is
/// better. Twice the width doubles what it gains and what it pays, so that the width hardly
/// decides; more rows pay for more clusters. Throws Error(kInternal) unless there are more rows
/// than clusters.
[[nodiscard]] double spherical_bic(const Partition& partition, int64_t width);

/// Mean over the rows of (b - a) / max(a, b): a is the mean squared distance to the others of the
/// row's cluster, b the least mean squared distance to the rows of another one. 0 for rows alone in
/// their cluster, and for a single cluster.
[[nodiscard]] double mean_silhouette(const Embeddings& rows, const Partition& partition);

}  // namespace stratagram::grams
