// nice cmake --build --preset release --target bench_clusters && build/release/bench_clusters
//
// Clustering speed at the size of a large list: 100,000 vectors of width 384, of length 1, drawn
// around 1,000 directions. `nearest` gives each its centre among 1,000, the inner loop of a round
// of k-means; `nearest-plain` does so by a plain loop for the first 500 vectors. What counts is the
// ratio of their products a second of processor time, all threads together. `k-means` is a whole
// try, seeds and five rounds, with 100 centres. Before anything is timed, both loops are compared.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cmath>
#include <iostream>

#include "bench/run_main.h"
#include "core/error.h"
#include "core/stream.h"
#include "grams/best_column.h"
#include "grams/k_means.h"
#include "tests/support/reference/plain_clusters.h"

namespace stratagram::bench {
namespace {

constexpr int64_t kRows = 100000;
constexpr int64_t kCentres = 1000;
constexpr int64_t kWidth = 384;
constexpr int64_t kPlainRows = 500;
constexpr double kNoise = 0.5;  // beside a direction whose numbers have a spread of 1

grams::Embeddings unit_vectors(int64_t count,
                               const char* purpose,
                               const grams::Embeddings* around) {
  grams::Embeddings made{.values = {}, .width = kWidth};
  made.values.reserve(static_cast<size_t>(count * kWidth));
  for (int64_t i = 0; i < count; ++i) {
    const Stream stream({.seed = 1, .purpose = purpose, .sample = static_cast<uint64_t>(i)});
    const size_t begin = made.values.size();
    double squares = 0;
    for (int64_t j = 0; j < kWidth; ++j) {
      // Of one spread as the normal distribution has it, and cheaper to draw.
      double x = (stream.uniform(static_cast<uint64_t>(j)) - 0.5) * std::sqrt(12.0);
      if (around != nullptr) {
        x = kNoise * x + around->row(i % around->num_rows())[j] * std::sqrt(double{kWidth});
      }
      made.values.push_back(static_cast<float>(x));
      squares += x * x;
    }
    for (size_t at = begin; at < made.values.size(); ++at) {
      made.values[at] = static_cast<float>(made.values[at] / std::sqrt(squares));
    }
  }
  return made;
}

void report(benchmark::State& state, int64_t num_rows) {
  state.counters["products"] = benchmark::Counter(
      static_cast<double>(state.iterations() * num_rows * kCentres), benchmark::Counter::kIsRate);
}

int run(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  const grams::Embeddings centres = unit_vectors(kCentres, "centres", nullptr);
  const grams::Embeddings rows = unit_vectors(kRows, "rows", &centres);
  const grams::Embeddings few{
      .values = {rows.values.begin(), rows.values.begin() + kPlainRows * kWidth}, .width = kWidth};
  const std::vector<float> offsets(kCentres, 0.5F);
  const grams::Columns columns(centres.values, offsets, kWidth);
  if (columns.best(few) != reference::plain_best<float>(few, centres.values, offsets)) {
    fail(ErrorKind::kInternal, "other centres than those of a plain search");
  }
  std::cout << fmt::format(
      "{} of {} vectors verified against {} centres\n", kPlainRows, kRows, kCentres);

  benchmark::RegisterBenchmark("nearest", [&](benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(columns.best(rows).data());
    report(state, kRows);
  })->MeasureProcessCPUTime();
  benchmark::RegisterBenchmark("nearest-plain", [&](benchmark::State& state) {
    for (auto _ : state) {
      benchmark::DoNotOptimize(reference::plain_best<float>(few, centres.values, offsets).data());
    }
    report(state, kPlainRows);
  })->MeasureProcessCPUTime();
  benchmark::RegisterBenchmark("k-means",
                               [&](benchmark::State& state) {
                                 for (auto _ : state) {
                                   const grams::KMeansOptions options{
                                       .num_clusters = 100, .num_tries = 1, .max_rounds = 5};
                                   benchmark::DoNotOptimize(grams::k_means(rows, options).inertia);
                                 }
                               })
      ->MeasureProcessCPUTime()
      ->Unit(benchmark::kSecond);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

}  // namespace
}  // namespace stratagram::bench

int main(int argc, char** argv) {
  return stratagram::bench::run_main(stratagram::bench::run, argc, argv);
}
