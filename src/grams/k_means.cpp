#include "grams/k_means.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include "core/error.h"
#include "core/interrupt.h"
#include "core/stream.h"
#include "grams/best_column.h"

namespace stratagram::grams {
namespace {

// Row number `draw` of the weights, in the order of the rows.
int64_t weighted_pick(std::span<const float> weights, double draw) {
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  double left = draw * total;
  int64_t last = -1;
  for (size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] <= 0) continue;
    last = static_cast<int64_t>(i);
    left -= weights[i];
    if (left < 0) break;
  }
  return last;  // rounding may leave a rest behind the last one
}

// k-means++: each seed in proportion to its squared distance from the nearest seed before it. Fewer
// seeds than wanted when no row is left that differs from all of them.
std::vector<int64_t> draw_seeds(const Embeddings& rows, int64_t wanted, const Stream& stream) {
  const int64_t num_rows = rows.num_rows();
  std::vector<int64_t> seeds{static_cast<int64_t>(stream.below(num_rows, 0))};
  std::vector<float> nearest(static_cast<size_t>(num_rows), std::numeric_limits<float>::max());
  std::vector<float> distances(nearest.size());
  while (static_cast<int64_t>(seeds.size()) < wanted) {
    throw_if_interrupted("stopped while clustering; nothing was written, so run the command again");
    squared_distances(rows, rows.row(seeds.back()), distances);
    for (size_t i = 0; i < nearest.size(); ++i) nearest[i] = std::min(nearest[i], distances[i]);
    const int64_t next = weighted_pick(nearest, stream.uniform(seeds.size()));
    if (next < 0) break;
    seeds.push_back(next);
  }
  return seeds;
}

std::vector<float> half_square_norms(std::span<const float> centres, int64_t width) {
  std::vector<float> halves;
  for (size_t begin = 0; begin < centres.size(); begin += static_cast<size_t>(width)) {
    double sum = 0;
    for (const float x : centres.subspan(begin, static_cast<size_t>(width))) {
      sum += static_cast<double>(x) * x;
    }
    halves.push_back(static_cast<float>(sum / 2));
  }
  return halves;
}

std::span<const float> centre_of(std::span<const float> centres, int64_t cluster, int64_t width) {
  return centres.subspan(static_cast<size_t>(cluster * width), static_cast<size_t>(width));
}

// Numbers from 0 without a gap, by the first row of each cluster.
void renumber_(Partition& partition) {
  std::vector<int32_t> number(static_cast<size_t>(partition.num_clusters), -1);
  int32_t next = 0;
  for (int32_t& cluster : partition.cluster_of) {
    if (number[cluster] < 0) number[cluster] = next++;
    cluster = number[cluster];
  }
  partition.num_clusters = next;
}

double inertia_of(const Embeddings& rows, const Partition& partition) {
  const std::vector<float> means = cluster_means(rows, partition);
  double sum = 0;
  for (int64_t i = 0; i < rows.num_rows(); ++i) {
    sum += squared_distance(rows.row(i), centre_of(means, partition.cluster_of[i], rows.width));
  }
  return sum;
}

Partition one_try(const Embeddings& rows, const KMeansOptions& options, uint64_t number) {
  const Stream stream({.seed = options.seed,
                       .purpose = "k-means",
                       .problem = static_cast<uint64_t>(options.num_clusters),
                       .sample = number});
  std::vector<float> centres;
  for (const int64_t seed : draw_seeds(rows, options.num_clusters, stream)) {
    const auto row = rows.row(seed);
    centres.insert(centres.end(), row.begin(), row.end());
  }
  Partition partition{.num_clusters = static_cast<int64_t>(centres.size()) / rows.width};
  while (partition.num_rounds < options.max_rounds && !partition.converged) {
    throw_if_interrupted("stopped while clustering; nothing was written, so run the command again");
    const Columns columns(centres, half_square_norms(centres, rows.width), rows.width);
    const std::vector<int32_t> before = std::exchange(partition.cluster_of, columns.best(rows));
    refill_empty_(rows, centres, partition);
    partition.converged = partition.cluster_of == before;
    if (!partition.converged) centres = cluster_means(rows, partition);
    ++partition.num_rounds;
  }
  renumber_(partition);
  partition.inertia = inertia_of(rows, partition);
  return partition;
}

}  // namespace

void refill_empty_(const Embeddings& rows, std::span<const float> centres, Partition& partition) {
  std::vector<int64_t> sizes(static_cast<size_t>(partition.num_clusters), 0);
  for (const int32_t cluster : partition.cluster_of) ++sizes[cluster];
  if (std::ranges::find(sizes, 0) == sizes.end()) return;
  std::vector<std::pair<float, int64_t>> by_distance;  // negated, so that the farthest is first
  for (int64_t i = 0; i < rows.num_rows(); ++i) {
    const int32_t cluster = partition.cluster_of[i];
    const float distance = squared_distance(rows.row(i), centre_of(centres, cluster, rows.width));
    if (distance > 0) by_distance.emplace_back(-distance, i);
  }
  std::ranges::sort(by_distance);
  auto next = by_distance.begin();
  for (size_t empty = 0; empty < sizes.size(); ++empty) {
    if (sizes[empty] > 0) continue;
    while (next != by_distance.end() && sizes[partition.cluster_of[next->second]] < 2) ++next;
    if (next == by_distance.end()) return;
    --sizes[partition.cluster_of[next->second]];
    partition.cluster_of[next->second] = static_cast<int32_t>(empty);
    ++sizes[empty];
    ++next;
  }
}

std::vector<float> cluster_means(const Embeddings& rows, const Partition& partition) {
  const int64_t width = rows.width;
  std::vector<double> sums(static_cast<size_t>(partition.num_clusters * width), 0.0);
  std::vector<int64_t> sizes(static_cast<size_t>(partition.num_clusters), 0);
  for (int64_t i = 0; i < rows.num_rows(); ++i) {
    const int32_t cluster = partition.cluster_of[i];
    ++sizes[cluster];
    double* sum = sums.data() + cluster * width;
    const auto row = rows.row(i);
    for (int64_t j = 0; j < width; ++j) sum[j] += row[j];
  }
  std::vector<float> means(sums.size());
  for (size_t i = 0; i < sums.size(); ++i) {
    const auto size = static_cast<double>(std::max<int64_t>(1, sizes[i / width]));
    means[i] = static_cast<float>(sums[i] / size);
  }
  return means;
}

Partition k_means(const Embeddings& rows, const KMeansOptions& options) {
  STRATAGRAM_CHECK(rows.num_rows() >= 1 && options.num_clusters >= 1 && options.num_tries >= 1 &&
                       options.max_rounds >= 1,
                   "k_means: wanted rows, clusters, tries and rounds, got {}, {}, {} and {}",
                   rows.num_rows(),
                   options.num_clusters,
                   options.num_tries,
                   options.max_rounds);
  Partition best;
  for (int64_t number = 0; number < options.num_tries; ++number) {
    Partition found = one_try(rows, options, static_cast<uint64_t>(number));
    if (number == 0 || found.inertia < best.inertia) best = std::move(found);
  }
  return best;
}

}  // namespace stratagram::grams
