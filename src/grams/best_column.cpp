#include "grams/best_column.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "core/cpu_clones.h"
#include "core/error.h"

// This file is compiled without fused multiply-add (see CMakeLists.txt), so that every clone rounds
// alike.
namespace stratagram::grams {
namespace {

constexpr int64_t kLanes = 16;
constexpr int64_t kRows = 6;        // rows that share the loads of a panel
constexpr int64_t kBlockRows = 96;  // rows that stay in the second cache while panels pass
static_assert(kBlockRows % kRows == 0);

using Floats = float __attribute__((vector_size(kLanes * sizeof(float))));
using Ints = int32_t __attribute__((vector_size(kLanes * sizeof(int32_t))));

struct Task {
  const float* rows = nullptr;       // [num_rows, width]
  const int32_t* without = nullptr;  // [num_rows], or none
  const float* panels = nullptr;     // [num_panels, width, kLanes]
  const float* offsets = nullptr;    // [num_panels, kLanes]
  int32_t* best = nullptr;           // [num_rows]
  int64_t num_rows = 0;
  int64_t width = 0;
  int64_t num_panels = 0;
};

// The best score of each lane so far and the column that has it.
struct Leaders {
  Floats score;
  Ints column;
};

// By reference: how wide vectors are returned differs between processors.
STRATAGRAM_INLINE void load(Floats& x, const float* from) {
  std::memcpy(&x, from, sizeof x);
}

STRATAGRAM_INLINE void compete(const Floats& score, const Ints& columns, Leaders& leaders) {
  const Ints wins = score > leaders.score;
  leaders.score = wins ? score : leaders.score;
  leaders.column = wins ? columns : leaders.column;
}

// kRows rows against one panel. Rows behind the last are those before them once more.
STRATAGRAM_INLINE void pass_panel(const Task& task,
                                  int64_t panel,
                                  const int64_t* rows,
                                  Leaders* leaders) {
  const float* columns = task.panels + panel * task.width * kLanes;
  const float* x[kRows];
  for (int64_t r = 0; r < kRows; ++r) x[r] = task.rows + rows[r] * task.width;
  Floats sums[kRows] = {};
  for (int64_t j = 0; j < task.width; ++j) {
    Floats column;
    load(column, columns + j * kLanes);
#pragma GCC unroll 6
    for (int64_t r = 0; r < kRows; ++r) sums[r] += column * x[r][j];
  }
  Ints numbers;
  for (int64_t l = 0; l < kLanes; ++l) numbers[l] = static_cast<int32_t>(panel * kLanes + l);
  Floats offset;
  load(offset, task.offsets + panel * kLanes);
  for (int64_t r = 0; r < kRows; ++r) {
    Floats score = sums[r] - offset;
    if (task.without != nullptr) {
      const Ints is_own = numbers == task.without[rows[r]];
      score = is_own ? Floats{} - std::numeric_limits<float>::infinity() : score;
    }
    compete(score, numbers, leaders[r]);
  }
}

int32_t winner_of(const Leaders& leaders) {
  int64_t best = 0;
  for (int64_t l = 1; l < kLanes; ++l) {
    const bool wins =
        leaders.score[l] > leaders.score[best] ||
        (leaders.score[l] == leaders.score[best] && leaders.column[l] < leaders.column[best]);
    if (wins) best = l;
  }
  return leaders.column[best];
}

STRATAGRAM_CPU_CLONES void find_best(const Task& task, int64_t begin, int64_t end) {
  Leaders leaders[kBlockRows];
  const Floats lowest = Floats{} - std::numeric_limits<float>::infinity();
  for (Leaders& leader : leaders) leader = {.score = lowest, .column = Ints{}};
  int64_t rows[kBlockRows];
  const int64_t count = end - begin;
  const int64_t padded = (count + kRows - 1) / kRows * kRows;
  for (int64_t i = 0; i < padded; ++i) rows[i] = begin + (i < count ? i : count - 1);
  for (int64_t panel = 0; panel < task.num_panels; ++panel) {
    for (int64_t i = 0; i < padded; i += kRows) pass_panel(task, panel, rows + i, leaders + i);
  }
  for (int64_t i = 0; i < count; ++i) task.best[begin + i] = winner_of(leaders[i]);
}

STRATAGRAM_INLINE float distance_of(const float* a, const float* b, int64_t width) {
  Floats sums{};
  int64_t j = 0;
  for (; j + kLanes <= width; j += kLanes) {
    Floats from;
    Floats to;
    load(from, a + j);
    load(to, b + j);
    sums += (from - to) * (from - to);
  }
  for (int64_t l = 0; j < width; ++j, ++l) sums[l] += (a[j] - b[j]) * (a[j] - b[j]);
  for (int64_t half = kLanes / 2; half > 0; half /= 2) {
    for (int64_t l = 0; l < half; ++l) sums[l] += sums[l + half];
  }
  return sums[0];
}

STRATAGRAM_CPU_CLONES void find_distances(
    const float* rows, const float* point, int64_t num_rows, int64_t width, float* distances) {
  for (int64_t i = 0; i < num_rows; ++i) distances[i] = distance_of(rows + i * width, point, width);
}

}  // namespace

Columns::Columns(std::span<const float> centres, std::span<const float> offsets, int64_t width)
    : width_(width), num_columns_(static_cast<int64_t>(offsets.size())) {
  STRATAGRAM_CHECK(width >= 1 && !offsets.empty() &&
                       centres.size() == offsets.size() * static_cast<size_t>(width),
                   "Columns: wanted {} times {} numbers, got {}",
                   offsets.size(),
                   width,
                   centres.size());
  const int64_t num_panels = (num_columns_ + kLanes - 1) / kLanes;
  panels_.resize(static_cast<size_t>(num_panels * width * kLanes));
  offsets_.assign(static_cast<size_t>(num_panels * kLanes), std::numeric_limits<float>::infinity());
  std::ranges::copy(offsets, offsets_.begin());
  for (int64_t c = 0; c < num_columns_; ++c) {
    float* panel = panels_.data() + c / kLanes * width * kLanes + c % kLanes;
    for (int64_t j = 0; j < width; ++j) panel[j * kLanes] = centres[c * width + j];
  }
}

std::vector<int32_t> Columns::best(const Embeddings& rows, std::span<const int32_t> without) const {
  const int64_t num_rows = rows.num_rows();
  STRATAGRAM_CHECK(
      rows.width == width_ && (without.empty() || static_cast<int64_t>(without.size()) == num_rows),
      "Columns::best: wanted rows of width {}, got {}",
      width_,
      rows.width);
  std::vector<int32_t> best(static_cast<size_t>(num_rows));
  const Task task{.rows = rows.values.data(),
                  .without = without.empty() ? nullptr : without.data(),
                  .panels = panels_.data(),
                  .offsets = offsets_.data(),
                  .best = best.data(),
                  .num_rows = num_rows,
                  .width = width_,
                  .num_panels = static_cast<int64_t>(offsets_.size()) / kLanes};
#pragma omp parallel for schedule(static)
  for (int64_t begin = 0; begin < num_rows; begin += kBlockRows) {
    find_best(task, begin, std::min(num_rows, begin + kBlockRows));
  }
  return best;
}

void squared_distances(const Embeddings& rows,
                       std::span<const float> point,
                       std::span<float> distances) {
  const int64_t num_rows = rows.num_rows();
  STRATAGRAM_CHECK(static_cast<int64_t>(point.size()) == rows.width &&
                       static_cast<int64_t>(distances.size()) == num_rows,
                   "squared_distances: wanted a point of width {} and {} distances",
                   rows.width,
                   num_rows);
#pragma omp parallel for schedule(static)
  for (int64_t begin = 0; begin < num_rows; begin += kBlockRows) {
    find_distances(rows.values.data() + begin * rows.width,
                   point.data(),
                   std::min(kBlockRows, num_rows - begin),
                   rows.width,
                   distances.data() + begin);
  }
}

float squared_distance(std::span<const float> a, std::span<const float> b) {
  STRATAGRAM_CHECK(
      a.size() == b.size(), "squared_distance: wanted width {}, got {}", a.size(), b.size());
  return distance_of(a.data(), b.data(), static_cast<int64_t>(a.size()));
}

}  // namespace stratagram::grams
