#include "model/cached_kernel.h"

#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "model/elements.h"
#include "model/lanes.h"
#include "model/share_out.h"

namespace stratagram::model {
namespace {

// Rows of one sequence that a task takes together, so that they share each key and value it loads.
constexpr int64_t kRowsOfTask = 8;
// Queries whose sums are held in registers at once.
constexpr int64_t kQueriesAtOnce = 4;

// Consecutive rows of one sequence.
struct Run {
  int64_t first_row = 0;
  int64_t num_rows = 0;
  const CacheRow* rows = nullptr;
  const int32_t* blocks = nullptr;
};

// Up to 16 tokens of one block: the unit that all loops go by.
template <typename T>
struct Tile {
  const T* keys = nullptr;    // [H, stride block_tokens]
  const T* values = nullptr;  // [count, H]
  int64_t first_token = 0;
  int64_t count = 0;
  int64_t num_readable = 0;  // keys side by side in memory: 16, or count; no score of others stays
};

// One key head's share of one run: every query head that reads it, of every row.
template <typename T>
struct HeadTask {
  const float* queries = nullptr;  // [num_queries, H], scaled; row by row, `group` heads each
  float* scores = nullptr;         // [num_queries, tiles, 16]
  float* sums = nullptr;           // [num_queries, H]
  const Tile<T>* tiles = nullptr;
  int64_t num_tiles = 0;
  int64_t num_queries = 0;
  int64_t width = 0;
  int64_t block_tokens = 0;

  [[nodiscard]] int64_t score_stride() const { return num_tiles * kLanes; }
};

// Sums alternate between two registers: two short chains of additions instead of a long one. V is
// the machine's vector; lane by lane, either adds alike.
template <typename V, int64_t kQueries, typename T>
STRATAGRAM_INLINE void score_tile(const HeadTask<T>& task, int64_t first, int64_t tile_index) {
  const Tile<T>& tile = task.tiles[tile_index];
  const float* queries = task.queries + first * task.width;
  for (int64_t l = 0; l < tile.count; l += kLanesOf<V>) {
    const int64_t lanes = std::min(kLanesOf<V>, tile.num_readable - l);
    const T* keys = tile.keys + l;
    V even[kQueries] = {};
    V odd[kQueries] = {};
    int64_t h = 0;
    for (; h + 2 <= task.width; h += 2) {
      const V key0 = load_as<V>(keys + h * task.block_tokens, lanes);
      const V key1 = load_as<V>(keys + (h + 1) * task.block_tokens, lanes);
      for (int64_t q = 0; q < kQueries; ++q) {
        even[q] += queries[q * task.width + h] * key0;
        odd[q] += queries[q * task.width + h + 1] * key1;
      }
    }
    if (h < task.width) {
      const V key = load_as<V>(keys + h * task.block_tokens, lanes);
      for (int64_t q = 0; q < kQueries; ++q) even[q] += queries[q * task.width + h] * key;
    }
    float* scores = task.scores + first * task.score_stride() + tile_index * kLanes + l;
    for (int64_t q = 0; q < kQueries; ++q) {
      const V sum = even[q] + odd[q];
      std::memcpy(scores + q * task.score_stride(), &sum, sizeof sum);
    }
  }
}

// Scores to probabilities; what lies behind the row's context gets 0.
template <typename T>
STRATAGRAM_INLINE void normalise(const HeadTask<T>& task, float* scores, int64_t context) {
  const Lanes nothing = Lanes{} - std::numeric_limits<float>::infinity();
  Lanes highest = nothing;
  for (int64_t i = 0; i < task.num_tiles; ++i) {
    const Tile<T>& tile = task.tiles[i];
    const auto seen = static_cast<int32_t>(std::min(tile.count, context - tile.first_token));
    const Lanes x = load_lanes(scores + i * kLanes);
    const Lanes kept = where(kLanePlaces < seen, x, nothing);
    store_lanes(scores + i * kLanes, kept);
    highest = where(kept > highest, kept, highest);
  }
  const float top = highest_of(highest);
  Lanes total = {};
  for (int64_t i = 0; i < task.num_tiles; ++i) {
    const Lanes x = exp_lanes(load_lanes(scores + i * kLanes) - top);
    store_lanes(scores + i * kLanes, x);
    total += x;
  }
  const float scale = 1.0F / sum_of(total);
  for (int64_t i = 0; i < task.num_tiles; ++i) {
    store_lanes(scores + i * kLanes, load_lanes(scores + i * kLanes) * scale);
  }
}

// Columns of the mixed values from `begin` on, as many as V has lanes.
template <typename V, int64_t kQueries, typename T>
STRATAGRAM_INLINE void mix_columns(const HeadTask<T>& task, int64_t first, int64_t begin) {
  const int64_t columns = std::min(kLanesOf<V>, task.width - begin);
  const float* probs = task.scores + first * task.score_stride();
  V even[kQueries] = {};
  V odd[kQueries] = {};
  for (int64_t i = 0; i < task.num_tiles; ++i) {
    const Tile<T>& tile = task.tiles[i];
    const T* values = tile.values + begin;
    const float* weights = probs + i * kLanes;
    int64_t t = 0;
    for (; t + 2 <= tile.count; t += 2) {
      const V value0 = load_as<V>(values + t * task.width, columns);
      const V value1 = load_as<V>(values + (t + 1) * task.width, columns);
      for (int64_t q = 0; q < kQueries; ++q) {
        even[q] += weights[q * task.score_stride() + t] * value0;
        odd[q] += weights[q * task.score_stride() + t + 1] * value1;
      }
    }
    if (t < tile.count) {
      const V value = load_as<V>(values + t * task.width, columns);
      for (int64_t q = 0; q < kQueries; ++q) {
        even[q] += weights[q * task.score_stride() + t] * value;
      }
    }
  }
  for (int64_t q = 0; q < kQueries; ++q) {
    const V sum = even[q] + odd[q];
    std::memcpy(task.sums + (first + q) * task.width + begin, &sum, columns * sizeof(float));
  }
}

template <typename V, int64_t kQueries, typename T>
STRATAGRAM_INLINE void score_queries(const HeadTask<T>& task, int64_t first) {
  for (int64_t i = 0; i < task.num_tiles; ++i) score_tile<V, kQueries>(task, first, i);
}

template <typename V, int64_t kQueries, typename T>
STRATAGRAM_INLINE void mix_queries(const HeadTask<T>& task, int64_t first) {
  for (int64_t h = 0; h < task.width; h += kLanesOf<V>) mix_columns<V, kQueries>(task, first, h);
}

template <typename V, typename T>
STRATAGRAM_INLINE void attend_head(const HeadTask<T>& task, const CacheRow* rows, int64_t group) {
  const int64_t whole = task.num_queries / kQueriesAtOnce * kQueriesAtOnce;
  const int64_t rest = task.num_queries - whole;
  for (int64_t q = 0; q < whole; q += kQueriesAtOnce) score_queries<V, kQueriesAtOnce>(task, q);
  if (rest == 1) score_queries<V, 1>(task, whole);
  if (rest == 2) score_queries<V, 2>(task, whole);
  if (rest == 3) score_queries<V, 3>(task, whole);
  for (int64_t q = 0; q < task.num_queries; ++q) {
    normalise(task, task.scores + q * task.score_stride(), rows[q / group].context);
  }
  for (int64_t q = 0; q < whole; q += kQueriesAtOnce) mix_queries<V, kQueriesAtOnce>(task, q);
  if (rest == 1) mix_queries<V, 1>(task, whole);
  if (rest == 2) mix_queries<V, 2>(task, whole);
  if (rest == 3) mix_queries<V, 3>(task, whole);
}

// Sizes and pointers of one call, the same for every task.
template <typename T>
struct Call {
  const T* queries = nullptr;  // [N, Q, H]
  T* mixed = nullptr;          // [N, Q, H]
  const T* keys = nullptr;     // [B, K, H, T]
  const T* values = nullptr;   // [B, K, T, H]
  int64_t num_heads = 0;
  int64_t num_kv_heads = 0;
  int64_t width = 0;
  int64_t block_tokens = 0;

  [[nodiscard]] int64_t group() const { return num_heads / num_kv_heads; }
};

// Kept between the tasks of a thread.
template <typename T>
struct Scratch {
  std::vector<float> queries, scores, sums;
  std::vector<Tile<T>> tiles;
};

template <typename T>
STRATAGRAM_INLINE void fill_tiles(const Call<T>& call,
                                  const Run& run,
                                  int64_t head,
                                  Scratch<T>& scratch) {
  const int64_t context = run.rows[run.num_rows - 1].context;
  const int64_t head_size = call.width * call.block_tokens;
  scratch.tiles.clear();
  for (int64_t begin = 0; begin < context; begin += call.block_tokens) {
    const int64_t block = run.blocks[begin / call.block_tokens];
    const int64_t place = (block * call.num_kv_heads + head) * head_size;
    const int64_t tokens = std::min(call.block_tokens, context - begin);
    for (int64_t t = 0; t < tokens; t += kLanes) {
      const int64_t count = std::min(kLanes, tokens - t);
      scratch.tiles.push_back({.keys = call.keys + place + t,
                               .values = call.values + place + t * call.width,
                               .first_token = begin + t,
                               .count = count,
                               .num_readable = call.block_tokens - t < kLanes ? count : kLanes});
    }
  }
}

template <typename V, typename T>
STRATAGRAM_CPU_CLONES void attend_run(const Call<T>& call,
                                      const Run& run,
                                      int64_t head,
                                      Scratch<T>& scratch) {
  const int64_t group = call.group();
  const int64_t num_queries = run.num_rows * group;
  fill_tiles(call, run, head, scratch);
  scratch.queries.resize(num_queries * call.width);
  scratch.sums.resize(num_queries * call.width);
  scratch.scores.resize(num_queries * scratch.tiles.size() * kLanes);
  const auto place_of = [&](int64_t row, int64_t g) {
    return ((run.first_row + row) * call.num_heads + head * group + g) * call.width;
  };
  const auto scale = static_cast<float>(1.0 / std::sqrt(static_cast<double>(call.width)));
  for (int64_t q = 0; q < num_queries; ++q) {
    const T* from = call.queries + place_of(q / group, q % group);
    for (int64_t h = 0; h < call.width; h += kLanes) {
      const int64_t count = std::min(kLanes, call.width - h);
      store_lanes(
          scratch.queries.data() + q * call.width + h, load_lanes(from + h, count) * scale, count);
    }
  }
  const HeadTask<T> task{.queries = scratch.queries.data(),
                         .scores = scratch.scores.data(),
                         .sums = scratch.sums.data(),
                         .tiles = scratch.tiles.data(),
                         .num_tiles = static_cast<int64_t>(scratch.tiles.size()),
                         .num_queries = num_queries,
                         .width = call.width,
                         .block_tokens = call.block_tokens};
  attend_head<V>(task, run.rows, group);
  for (int64_t q = 0; q < num_queries; ++q) {
    T* to = call.mixed + place_of(q / group, q % group);
    for (int64_t h = 0; h < call.width; h += kLanes) {
      const int64_t count = std::min(kLanes, call.width - h);
      store_lanes(to + h, load_lanes(scratch.sums.data() + q * call.width + h, count), count);
    }
  }
}

std::vector<Run> runs_of(const CacheBatch& batch) {
  std::vector<Run> runs;
  for (size_t n = 0; n < batch.rows.size(); ++n) {
    const CacheRow& row = batch.rows[n];
    if (row.sequence < 0) continue;
    const bool goes_on = !runs.empty() && n > 0 && batch.rows[n - 1].sequence == row.sequence &&
                         runs.back().num_rows < kRowsOfTask;
    if (goes_on) {
      ++runs.back().num_rows;
    } else {
      runs.push_back({.first_row = static_cast<int64_t>(n),
                      .num_rows = 1,
                      .rows = &row,
                      .blocks = batch.blocks[row.sequence].data()});
    }
  }
  return runs;
}

}  // namespace

at::Tensor attend_cached_cpu(const KvCache& cache,
                             const CacheBatch& batch,
                             int64_t layer,
                             const at::Tensor& q_NQH) {
  const at::Tensor queries_NQH = q_NQH.contiguous();
  const at::Tensor mixed_NQH = at::zeros(queries_NQH.sizes(), queries_NQH.options());
  const std::vector<Run> runs = runs_of(batch);
  with_element_type(queries_NQH, [&](auto type) {
    using T = typename decltype(type)::type;
    const Call<T> call{.queries = elements<T>(queries_NQH),
                       .mixed = mutable_elements<T>(mixed_NQH),
                       .keys = elements<T>(cache.keys(layer)),
                       .values = elements<T>(cache.values(layer)),
                       .num_heads = queries_NQH.size(1),
                       .num_kv_heads = cache.shape().num_kv_heads,
                       .width = queries_NQH.size(2),
                       .block_tokens = cache.shape().block_tokens};
    const auto num_tasks = static_cast<int64_t>(runs.size()) * call.num_kv_heads;
    share_out(num_tasks, [&](Pieces& tasks) {
      Scratch<T> scratch;
      while (const auto task = tasks.take_()) {
        const Run& run = runs[*task / call.num_kv_heads];
        const int64_t head = *task % call.num_kv_heads;
        if (has_avx2_alone()) {
          attend_run<Lanes8>(call, run, head, scratch);
        } else {
          attend_run<Lanes>(call, run, head, scratch);
        }
      }
    });
  });
  return mixed_NQH;
}

}  // namespace stratagram::model
