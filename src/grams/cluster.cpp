#include "grams/cluster.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <utility>

#include "core/error.h"
#include "grams/best_column.h"
#include "grams/vectors.h"

namespace stratagram::grams {
namespace {

// What finds a number of clusters: as many tries as k_means() makes, since one alone may miss a
// cluster that stands apart, but few rounds, after which the partitions hardly improve.
constexpr int64_t kRungTries = 4;
constexpr int64_t kRungRounds = 10;

std::span<const float> mean_of(std::span<const float> means, int64_t cluster, int64_t width) {
  return means.subspan(static_cast<size_t>(cluster * width), static_cast<size_t>(width));
}

std::vector<int64_t> order_of(std::span<const std::string> texts) {
  std::vector<int64_t> order(texts.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::sort(order, [&](int64_t a, int64_t b) { return texts[a] < texts[b]; });
  return order;
}

// Rows in this order, each of length 1.
Embeddings unit_rows(const Embeddings& vectors, std::span<const int64_t> order) {
  Embeddings rows{.values = {}, .width = vectors.width};
  rows.values.reserve(vectors.values.size());
  for (const int64_t index : order) {
    const auto row = vectors.row(index);
    rows.values.insert(rows.values.end(), row.begin(), row.end());
  }
  scale_rows_(rows);
  return rows;
}

// The member nearest to the mean has the least sum of squared distances to the others.
std::vector<int64_t> medoids_of(const Embeddings& rows, const Partition& partition) {
  const std::vector<float> means = cluster_means(rows, partition);
  std::vector<int64_t> medoids(static_cast<size_t>(partition.num_clusters), -1);
  std::vector<float> least(medoids.size());
  for (int64_t i = 0; i < rows.num_rows(); ++i) {
    const int32_t cluster = partition.cluster_of[i];
    const float distance = squared_distance(rows.row(i), mean_of(means, cluster, rows.width));
    if (medoids[cluster] >= 0 && distance >= least[cluster]) continue;
    medoids[cluster] = i;
    least[cluster] = distance;
  }
  return medoids;
}

// Climbs by the root of 2, to half the rows or until two numbers in a row do worse than the best
// one before them.
template <typename Try>
void climb(int64_t num_rows, const Try& bic_of) {
  const int64_t most = std::max<int64_t>(2, num_rows / 2);
  double best = -std::numeric_limits<double>::infinity();
  int64_t num_worse = 0;
  for (int64_t half_steps = 2; num_worse < 2; ++half_steps) {
    const int64_t k = std::llround(std::pow(2.0, static_cast<double>(half_steps) / 2));
    if (k > most) return;
    const double bic = bic_of(k);
    num_worse = bic > best ? 0 : num_worse + 1;
    best = std::max(best, bic);
  }
}

// Climbs, then halves the gaps beside the best number until they are a twentieth of it.
std::vector<Rung> tried_rungs(const Embeddings& rows,
                              uint64_t seed,
                              const std::function<void(const Rung&)>& progress) {
  std::vector<Rung> tried;
  const auto bic_of = [&](int64_t k) {
    const KMeansOptions options{
        .num_clusters = k, .seed = seed, .num_tries = kRungTries, .max_rounds = kRungRounds};
    const Rung rung{.num_clusters = k, .bic = spherical_bic(k_means(rows, options), rows.width)};
    tried.push_back(rung);
    if (progress) progress(rung);
    std::ranges::sort(tried, {}, &Rung::num_clusters);
    return rung.bic;
  };
  climb(rows.num_rows(), bic_of);
  while (true) {
    const auto best = std::ranges::max_element(tried, {}, &Rung::bic);
    const int64_t k = best->num_clusters;
    const int64_t gap = std::max<int64_t>(1, k / 20);
    std::vector<int64_t> between;
    if (best != tried.begin() && k - std::prev(best)->num_clusters > gap) {
      between.push_back((k + std::prev(best)->num_clusters) / 2);
    }
    if (std::next(best) != tried.end() && std::next(best)->num_clusters - k > gap) {
      between.push_back((k + std::next(best)->num_clusters) / 2);
    }
    if (between.empty()) return tried;
    for (const int64_t middle : between) bic_of(middle);
  }
}

}  // namespace

double spherical_bic(const Partition& partition, int64_t width) {
  const auto n = static_cast<double>(partition.cluster_of.size());
  const auto k = static_cast<double>(partition.num_clusters);
  const auto d = static_cast<double>(width);
  STRATAGRAM_CHECK(n > k, "spherical_bic: wanted more rows than clusters, got {} and {}", n, k);
  std::vector<int64_t> sizes(static_cast<size_t>(partition.num_clusters), 0);
  for (const int32_t cluster : partition.cluster_of) ++sizes[cluster];
  // Rows that do not differ have no variance; float32 tells none smaller apart.
  constexpr double kLeastVariance = 1e-14;
  const double variance = std::max(kLeastVariance, partition.inertia / (d * (n - k)));
  double likelihood = -0.5 * d * (n * std::log(2 * std::numbers::pi * variance) + n - k);
  for (const int64_t size : sizes) {
    const auto members = static_cast<double>(size);
    likelihood += members * std::log(members / n);
  }
  const double num_parameters = (k - 1) + k * d + 1;
  return likelihood - 0.5 * num_parameters * std::log(n);
}

double mean_silhouette(const Embeddings& rows, const Partition& partition) {
  if (partition.num_clusters < 2) return 0;
  const std::vector<float> means = cluster_means(rows, partition);
  std::vector<int64_t> sizes(static_cast<size_t>(partition.num_clusters), 0);
  std::vector<double> squares(sizes.size(), 0.0);  // mean squared length of the members
  for (int64_t i = 0; i < rows.num_rows(); ++i) {
    const int32_t cluster = partition.cluster_of[i];
    ++sizes[cluster];
    squares[cluster] += dot(rows.row(i), rows.row(i));
  }
  std::vector<float> halves(sizes.size());
  for (size_t c = 0; c < sizes.size(); ++c) {
    squares[c] /= static_cast<double>(sizes[c]);
    halves[c] = static_cast<float>(squares[c] / 2);
  }
  const std::vector<int32_t> others =
      Columns(means, halves, rows.width).best(rows, partition.cluster_of);
  double sum = 0;
  for (int64_t i = 0; i < rows.num_rows(); ++i) {
    const int32_t own = partition.cluster_of[i];
    if (sizes[own] < 2) continue;
    const auto row = rows.row(i);
    const auto mean_distance = [&](int32_t cluster) {
      return dot(row, row) - 2 * dot(row, mean_of(means, cluster, rows.width)) + squares[cluster];
    };
    const auto size = static_cast<double>(sizes[own]);
    const double a = std::max(0.0, mean_distance(own) * size / (size - 1));
    const double b = std::max(0.0, mean_distance(others[i]));
    if (std::max(a, b) > 0) sum += (b - a) / std::max(a, b);
  }
  return sum / static_cast<double>(rows.num_rows());
}

Clusters cluster_texts(std::span<const std::string> texts,
                       const Embeddings& vectors,
                       const ClusterOptions& options,
                       const std::function<void(const Rung&)>& progress) {
  if (texts.size() < 2) {
    fail(ErrorKind::kConfig,
         "clusters: wanted 2 grams or more, got {}; lower --min-documents or mine more",
         texts.size());
  }
  STRATAGRAM_CHECK(vectors.num_rows() == static_cast<int64_t>(texts.size()),
                   "cluster_texts: wanted a vector a text, got {} and {}",
                   vectors.num_rows(),
                   texts.size());
  const std::vector<int64_t> order = order_of(texts);
  const Embeddings rows = unit_rows(vectors, order);
  Clusters clusters;
  int64_t wanted = options.num_clusters;
  if (wanted == 0 && rows.num_rows() == 2) wanted = 2;  // no number is less, so none to weigh
  if (wanted == 0) {
    clusters.tried = tried_rungs(rows, options.seed, progress);
    wanted = std::ranges::max_element(clusters.tried, {}, &Rung::bic)->num_clusters;
  }
  const Partition partition = k_means(rows, {.num_clusters = wanted, .seed = options.seed});
  clusters.inertia = partition.inertia;
  clusters.bic =
      partition.num_clusters < rows.num_rows() ? spherical_bic(partition, rows.width) : 0;
  clusters.silhouette = mean_silhouette(rows, partition);
  clusters.cluster_of.resize(texts.size());
  for (size_t i = 0; i < order.size(); ++i) {
    clusters.cluster_of[order[i]] = partition.cluster_of[i];
  }
  for (const int64_t row : medoids_of(rows, partition)) clusters.medoids.push_back(order[row]);
  return clusters;
}

}  // namespace stratagram::grams
