#include "grams/cluster.h"

#include <gtest/gtest.h>
#include <omp.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <set>

#include "core/stream.h"
#include "grams/best_column.h"
#include "tests/support/expect_error.h"
#include "tests/support/reference/plain_clusters.h"

namespace stratagram::grams {
namespace {

struct Planted {
  std::vector<std::string> texts;
  Embeddings vectors;
  std::vector<int> truth;
};

// Clusters of 20 texts around directions of their own, far apart beside their spread.
Planted planted(int num_clusters, int64_t width = 37, double spread = 0.05) {
  Planted made{.texts = {}, .vectors = {.values = {}, .width = width}, .truth = {}};
  for (int i = 0; i < 20 * num_clusters; ++i) {
    const int cluster = i % num_clusters;
    const Stream centre({.seed = 1, .purpose = "centre", .sample = static_cast<uint64_t>(cluster)});
    const Stream noise({.seed = 1, .purpose = "noise", .sample = static_cast<uint64_t>(i)});
    made.texts.push_back("text " + std::to_string(i));
    made.truth.push_back(cluster);
    for (int64_t j = 0; j < width; ++j) {
      made.vectors.values.push_back(
          static_cast<float>(centre.normal(j) + spread * noise.normal(j)));
    }
  }
  return made;
}

// The same partition, whatever the numbers of its clusters.
template <typename A, typename B>
bool same_partition(const A& a, const B& b) {
  std::map<int, int> to;
  std::map<int, int> from;
  for (size_t i = 0; i < a.size(); ++i) {
    if (to.emplace(a[i], b[i]).first->second != b[i]) return false;
    if (from.emplace(b[i], a[i]).first->second != a[i]) return false;
  }
  return true;
}

Embeddings random_rows(int64_t num_rows, int64_t width, uint64_t seed) {
  const Stream stream({.seed = seed, .purpose = "rows"});
  Embeddings rows{.values = {}, .width = width};
  for (int64_t i = 0; i < num_rows * width; ++i) {
    rows.values.push_back(static_cast<float>(stream.normal(static_cast<uint64_t>(i))));
  }
  return rows;
}

TEST(Columns, FindTheBestOfAPlainSearchForEverySizeOfRowsAndColumns) {
  for (const int64_t num_columns : {1, 15, 16, 17, 50}) {
    for (const int64_t num_rows : {1, 5, 6, 97, 200}) {
      const Embeddings rows = random_rows(num_rows, 21, 2);
      const Embeddings centres = random_rows(num_columns, 21, 3);
      const std::vector<float> offsets(static_cast<size_t>(num_columns), 0.5F);

      const auto best = Columns(centres.values, offsets, 21).best(rows);

      EXPECT_EQ(best, reference::plain_best<double>(rows, centres.values, offsets));
    }
  }
}

TEST(Columns, TakeTheLowestOfEqualOnesAndNeverOneThatDoesNotCompete) {
  const Embeddings rows{.values = {1, 0}, .width = 2};
  const std::vector<float> centres(2 * 40, 1.0F);
  const std::vector<float> offsets(40, 0.0F);
  const std::vector<int32_t> without = {0};

  EXPECT_EQ(Columns(centres, offsets, 2).best(rows).at(0), 0);
  EXPECT_EQ(Columns(centres, offsets, 2).best(rows, without).at(0), 1);
}

TEST(KMeans, OfFourPointsHasTheInertiaOfItsClosedForm) {
  const Embeddings rows{.values = {0, 0, 0, 2, 10, 0, 10, 4}, .width = 2};

  const Partition partition = k_means(rows, {.num_clusters = 2});

  EXPECT_EQ(partition.cluster_of, (std::vector<int32_t>{0, 0, 1, 1}));
  EXPECT_EQ(partition.inertia, 1 + 1 + 4 + 4);
  EXPECT_TRUE(partition.converged);
  EXPECT_EQ(cluster_means(rows, partition), (std::vector<float>{0, 1, 10, 2}));
}

TEST(KMeans, LeavesNoClusterEmptyWhileRowsDiffer) {
  const Embeddings rows = random_rows(60, 3, 4);
  for (const int64_t wanted : {1, 7, 59, 60, 90}) {
    const Partition partition = k_means(rows, {.num_clusters = wanted});

    const std::set<int32_t> used(partition.cluster_of.begin(), partition.cluster_of.end());
    EXPECT_EQ(static_cast<int64_t>(used.size()), std::min<int64_t>(wanted, 60));
    EXPECT_EQ(partition.num_clusters, std::min<int64_t>(wanted, 60));
  }
}

// Rows 0 to 4 lie on a line at clusters 0, 0, 0, 1, 1; cluster 2 and 3 have none.
TEST(KMeans, RefillsEmptyClustersWithTheFarthestRowsOfThoseThatKeepOne) {
  const Embeddings rows{.values = {0, 3, -3, 10, 12}, .width = 1};
  const std::vector<float> centres = {0, 10, 50, 60};
  Partition partition{.cluster_of = {0, 0, 0, 1, 1}, .num_clusters = 4};

  refill_empty_(rows, centres, partition);

  EXPECT_EQ(partition.cluster_of, (std::vector<int32_t>{0, 2, 3, 1, 1}));
}

TEST(KMeans, RefillsNoClusterWithARowThatIsAloneOrAtItsCentre) {
  const Embeddings rows{.values = {0, 0, 9}, .width = 1};
  const std::vector<float> centres = {0, 5, 70};
  Partition partition{.cluster_of = {0, 0, 1}, .num_clusters = 3};

  refill_empty_(rows, centres, partition);

  EXPECT_EQ(partition.cluster_of, (std::vector<int32_t>{0, 0, 1}));
}

TEST(KMeans, HasNoMoreClustersThanRowsDiffer) {
  const Embeddings rows{.values = {1, 2, 1, 2, 1}, .width = 1};

  EXPECT_EQ(k_means(rows, {.num_clusters = 4}).num_clusters, 2);
}

TEST(KMeans, EndsWithEveryRowAtItsNearestMean) {
  const Embeddings rows = random_rows(300, 8, 5);

  const Partition partition = k_means(rows, {.num_clusters = 12});

  ASSERT_TRUE(partition.converged);
  const std::vector<float> means = cluster_means(rows, partition);
  const auto distance = [&](int64_t row, int64_t cluster) {
    return squared_distance(rows.row(row), std::span(means).subspan(cluster * 8, 8));
  };
  for (int64_t i = 0; i < 300; ++i) {
    for (int64_t c = 0; c < 12; ++c) {
      // float32 products decide; a tie to their rounding may fall either way.
      EXPECT_LE(distance(i, partition.cluster_of[i]), distance(i, c) + 1e-4);
    }
  }
}

TEST(KMeans, IsTheSameForAnyNumberOfThreadsAndDiffersByItsKey) {
  const Embeddings rows = random_rows(500, 16, 6);
  const auto run = [&](int threads, uint64_t seed) {
    omp_set_num_threads(threads);
    Partition partition = k_means(rows, {.num_clusters = 40, .seed = seed, .num_tries = 1});
    omp_set_num_threads(1);
    return partition;
  };
  const Partition one = run(1, 3);

  for (const int threads : {2, 3, 8}) {
    const Partition many = run(threads, 3);
    EXPECT_EQ(many.cluster_of, one.cluster_of);
    EXPECT_EQ(many.inertia, one.inertia);
  }
  EXPECT_NE(run(1, 4).cluster_of, one.cluster_of);
}

TEST(ClusterTexts, FindsPlantedClustersWhenTheirNumberIsGiven) {
  const Planted made = planted(12);

  const Clusters clusters = cluster_texts(made.texts, made.vectors, {.num_clusters = 12});

  EXPECT_TRUE(same_partition(clusters.cluster_of, made.truth));
}

TEST(ClusterTexts, FindsTheNumberOfPlantedClusters) {
  for (const int number : {3, 12, 21}) {
    const Planted made = planted(number);

    const Clusters clusters = cluster_texts(made.texts, made.vectors, {});

    EXPECT_EQ(static_cast<int>(clusters.medoids.size()), number);
    EXPECT_FALSE(clusters.tried.empty());
  }
}

TEST(ClusterTexts, IsTheSamePartitionOfTextsInAnotherOrder) {
  const Planted made = planted(9, 16, 1.5);
  std::vector<size_t> order(made.texts.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  shuffle_(order, Stream({.seed = 8, .purpose = "order"}));
  Planted moved{.texts = {}, .vectors = {.values = {}, .width = 16}, .truth = {}};
  for (const size_t i : order) {
    moved.texts.push_back(made.texts[i]);
    const auto row = made.vectors.row(static_cast<int64_t>(i));
    moved.vectors.values.insert(moved.vectors.values.end(), row.begin(), row.end());
  }

  const Clusters here = cluster_texts(made.texts, made.vectors, {.num_clusters = 9});
  const Clusters there = cluster_texts(moved.texts, moved.vectors, {.num_clusters = 9});

  for (size_t i = 0; i < order.size(); ++i) {
    EXPECT_EQ(there.cluster_of[i], here.cluster_of[order[i]]);
  }
  EXPECT_EQ(there.inertia, here.inertia);
  for (size_t c = 0; c < here.medoids.size(); ++c) {
    EXPECT_EQ(moved.texts[there.medoids[c]], made.texts[here.medoids[c]]);
  }
}

TEST(ClusterTexts, NameAClusterByTheMemberWithTheLeastSumOfDistances) {
  const Planted made = planted(1, 5, 0.4);

  const Clusters clusters = cluster_texts(made.texts, made.vectors, {.num_clusters = 1});

  const auto unit = [&](int64_t i) {
    std::vector<double> row(made.vectors.row(i).begin(), made.vectors.row(i).end());
    double norm = 0;
    for (const double x : row) norm += x * x;
    for (double& x : row) x /= std::sqrt(norm);
    return row;
  };
  std::vector<double> sums(20, 0.0);
  for (int64_t a = 0; a < 20; ++a) {
    for (int64_t b = 0; b < 20; ++b) {
      for (int64_t j = 0; j < 5; ++j) sums[a] += std::pow(unit(a)[j] - unit(b)[j], 2);
    }
  }
  EXPECT_EQ(clusters.medoids.at(0), std::ranges::min_element(sums) - sums.begin());
}

TEST(ClusterTexts, WantsTwoTexts) {
  const std::vector<std::string> texts = {"alone"};
  expect_error([&] { (void)cluster_texts(texts, {.values = {1}, .width = 1}, {}); },
               ErrorKind::kConfig,
               "wanted 2 grams or more, got 1");
}

TEST(ClusterTexts, MakesTwoClustersOfTwoTexts) {
  const std::vector<std::string> texts = {"one", "other"};

  const Clusters clusters = cluster_texts(texts, {.values = {1, 0, 0, 1}, .width = 2}, {});

  EXPECT_NE(clusters.cluster_of[0], clusters.cluster_of[1]);
}

TEST(SphericalBic, IsTheDensityOfAMixtureLessWhatItsParametersCost) {
  const Embeddings rows = random_rows(40, 6, 9);
  const Partition partition = k_means(rows, {.num_clusters = 5});
  const std::vector<float> means = cluster_means(rows, partition);
  double squares = 0;
  std::vector<double> sizes(5, 0.0);
  for (int64_t i = 0; i < 40; ++i) {
    const int32_t own = partition.cluster_of[i];
    squares += squared_distance(rows.row(i), std::span(means).subspan(own * 6, 6));
    ++sizes[own];
  }
  const double variance = squares / (6 * (40 - 5));
  double likelihood = 0;
  for (int64_t i = 0; i < 40; ++i) {
    const int32_t own = partition.cluster_of[i];
    likelihood += std::log(sizes[own] / 40);
    for (int64_t j = 0; j < 6; ++j) {
      const double x = rows.row(i)[j] - means[own * 6 + j];
      likelihood -= 0.5 * std::log(2 * std::numbers::pi * variance) + x * x / (2 * variance);
    }
  }

  // 4 shares, 5 means of 6 numbers, a variance; means are rounded to float32.
  EXPECT_NEAR(spherical_bic(partition, 6), likelihood - 0.5 * (4 + 30 + 1) * std::log(40), 1e-3);
}

TEST(ClusterTexts, FindsNoMoreThanTwoClustersInOneCloud) {
  const Planted made = planted(1, 37, 0.4);

  EXPECT_EQ(cluster_texts(made.texts, made.vectors, {}).medoids.size(), 2U);
}

TEST(MeanSilhouette, IsThatOfAPlainSumOverPairs) {
  const Embeddings rows = random_rows(40, 6, 9);
  const Partition partition = k_means(rows, {.num_clusters = 5});
  double sum = 0;
  for (int64_t i = 0; i < 40; ++i) {
    std::vector<double> distances(5, 0.0);
    std::vector<double> sizes(5, 0.0);
    for (int64_t other = 0; other < 40; ++other) {
      if (other == i) continue;
      distances[partition.cluster_of[other]] += squared_distance(rows.row(i), rows.row(other));
      ++sizes[partition.cluster_of[other]];
    }
    const int32_t own = partition.cluster_of[i];
    if (sizes[own] == 0) continue;
    const double a = distances[own] / sizes[own];
    double b = 1e30;
    for (int32_t c = 0; c < 5; ++c) {
      if (c != own) b = std::min(b, distances[c] / sizes[c]);
    }
    sum += (b - a) / std::max(a, b);
  }

  // Means are rounded to float32.
  EXPECT_NEAR(mean_silhouette(rows, partition), sum / 40, 1e-5);
}

}  // namespace
}  // namespace stratagram::grams
