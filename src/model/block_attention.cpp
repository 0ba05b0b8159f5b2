#include "model/block_attention.h"

#include <algorithm>
#include <cmath>

#include "model/block_rows.h"
#include "model/lanes.h"
#include "model/pair_layout.h"
#include "model/tile_product.h"

namespace stratagram::model {
namespace {

// Scores of so many queries and keys are at hand at once. Rows of theirs are a little longer, so
// that those of a tile do not meet in the same places of the cache.
constexpr int64_t kQueriesAtOnce = 32;
constexpr int64_t kKeysAtOnce = 256;
constexpr int64_t kScoreStride = kKeysAtOnce + kLanes;
constexpr int64_t kProbStride = kKeysAtOnce / kPair + kLanes;  // words
static_assert(kKeysAtOnce % kBlock == 0 && kBlock % kStep == 0 && kQueriesAtOnce == kStep);

// What one query head has summed up for some of its tokens, over the keys so far.
struct Running {
  float* sums = nullptr;     // [kQueriesAtOnce, width], columns as pair_rows_apart() leaves them
  float* highest = nullptr;  // [kQueriesAtOnce], of the scores before scaling
  float* totals = nullptr;   // [kQueriesAtOnce, kLanes], to be added up
  int64_t width = 0;
};

STRATAGRAM_INLINE void shrink_row(const Running& running, int64_t row, float by) {
  float* totals = running.totals + row * kLanes;
  store_lanes(totals, load_lanes(totals) * by);
  float* sums = running.sums + row * running.width;
  for (int64_t i = 0; i < running.width; i += kLanes) {
    store_lanes(sums + i, load_lanes(sums + i) * by);
  }
}

struct ScoreBlock {
  float* scores = nullptr;    // [kQueriesAtOnce, kScoreStride]; what is not seen is overwritten
  uint32_t* probs = nullptr;  // [kQueriesAtOnce, kProbStride], keys as pair_rows_apart() wants them
  int64_t num_keys = 0;       // a multiple of kStep
  int64_t seen = 0;           // by the first row, may be negative; each further row sees one more
  float scale = 1;            // of scores to logarithms to the base of 2
};

// Scores to exponentials below the highest so far.
STRATAGRAM_CPU_CLONES void take_scores(const Running& running, const ScoreBlock& block) {
  for (int64_t row = 0; row < kQueriesAtOnce; ++row) {
    float* scores = block.scores + row * kScoreStride;
    uint32_t* probs = block.probs + row * kProbStride;
    const int64_t seen = std::clamp<int64_t>(block.seen + row, 0, block.num_keys);
    const int64_t end = (seen + kPairLanes - 1) / kPairLanes * kPairLanes;
    for (int64_t i = end; i < block.num_keys; i += kPairLanes) {
      store_words(probs + i / kPair, LaneBits{});
    }
    if (seen == 0) continue;
    for (int64_t i = seen; i < end; ++i) scores[i] = -kInfinity;
    Lanes top = Lanes{} - kInfinity;
    for (int64_t i = 0; i < end; i += kLanes) {
      const Lanes x = load_lanes(scores + i);
      top = where(x > top, x, top);
    }
    const float before = running.highest[row];
    const float highest = std::max(before, highest_of(top));
    if (highest != before) {
      running.highest[row] = highest;
      if (before != -kInfinity) {
        shrink_row(running, row, std::exp2((before - highest) * block.scale));
      }
    }
    const float shift = highest * block.scale;
    Lanes total = load_lanes(running.totals + row * kLanes);
    for (int64_t i = 0; i < end; i += kPairLanes) {
      const Lanes first = exp2_lanes(load_lanes(scores + i) * block.scale - shift);
      const Lanes second = exp2_lanes(load_lanes(scores + i + kLanes) * block.scale - shift);
      total += first + second;
      store_words(probs + i / kPair, upper_halves(near_bits(first), near_bits(second)));
    }
    store_lanes(running.totals + row * kLanes, total);
  }
}

// Returns the natural logarithm of the normaliser.
STRATAGRAM_CPU_CLONES float finish_row(const Running& running,
                                       int64_t row,
                                       float scale,
                                       uint16_t* mixed) {
  const float total = sum_of(load_lanes(running.totals + row * kLanes));
  const float* sums = running.sums + row * running.width;
  for (int64_t i = 0; i < running.width; i += kPairLanes) {
    LanePair x = load_pair(sums + i);
    for (Lanes& half : x.half) half *= 1.0F / total;
    store_pair(mixed + i, x);
  }
  return running.highest[row] * scale + std::log(total);
}

// Keys by columns, in blocks, and values by rows, of all that the unit sees.
void lay_out_seen(const AttentionUnit& unit, AttentionScratch& s) {
  const int64_t width = unit.width;
  const int64_t block_words = kBlock / kPair * width;
  const int64_t key_blocks = blocks_in(unit.num_seen());
  gather_seen(unit, unit.prompt_keys, unit.keys, s.keys);
  gather_seen(unit, unit.prompt_values, unit.values, s.values);
  s.key_columns.resize(key_blocks * block_words);
  for (int64_t b = 0; b < key_blocks; ++b) {
    pair_columns(seen_rows(unit, s.keys, b * kBlock, kBlock),
                 kBlock,
                 s.key_columns.data() + b * block_words,
                 kBlock);
  }
  s.seen_pairs.resize(key_blocks * block_words);
  pair_rows_apart(seen_rows(unit, s.values, 0, unit.num_seen()),
                  key_blocks * kBlock,
                  s.seen_pairs.data(),
                  width);
}

// Some queries of one head.
struct QueryBlock {
  int64_t first = 0;
  int64_t count = 0;
  int64_t head = 0;
};

// All that they see, kKeysAtOnce at a time.
void attend_block(const AttentionUnit& unit,
                  const QueryBlock& queries,
                  const Running& running,
                  AttentionScratch& s) {
  const int64_t width = unit.width;
  const BfloatRows rows =
      filled_up(head_rows(unit, unit.queries, queries.first, queries.head), kQueriesAtOnce, s.rows);
  const int64_t num_seen = unit.prompt_length + queries.first + queries.count;  // by the last one
  for (int64_t begin = 0; begin < num_seen; begin += kKeysAtOnce) {
    const int64_t num_keys = std::min(kKeysAtOnce, steps_up(num_seen - begin));
    for (int64_t key = 0; key < num_keys; key += kBlock) {
      const TileProduct score{.m = kQueriesAtOnce,
                              .n = std::min(kBlock, num_keys - key),
                              .k = width,
                              .a_stride = rows.stride,
                              .b_stride = kBlock,
                              .c_stride = kScoreStride};
      score.run(
          rows.from, s.key_columns.data() + (begin + key) / kPair * width, s.scores.data() + key);
    }
    take_scores(running,
                {.scores = s.scores.data(),
                 .probs = s.probs.data(),
                 .num_keys = num_keys,
                 .seen = unit.prompt_length + queries.first + 1 - begin,
                 .scale = scale_of(unit) * kLog2E});
    const TileProduct mix{.m = kQueriesAtOnce,
                          .n = width,
                          .k = num_keys,
                          .a_stride = kPair * kProbStride,
                          .b_stride = width,
                          .c_stride = width,
                          .adds = begin > 0};
    mix.run(reinterpret_cast<const uint16_t*>(s.probs.data()),
            s.seen_pairs.data() + begin / kPair * width,
            s.sums.data());
  }
}

}  // namespace

void attend_unit(const AttentionUnit& unit,
                 const HeadRows<uint16_t>& mixed,
                 const HeadRows<float>& normalisers,
                 AttentionScratch& s) {
  lay_out_seen(unit, s);
  s.scores.resize(kQueriesAtOnce * kScoreStride);
  s.probs.resize(kQueriesAtOnce * kProbStride);
  s.sums.resize(kQueriesAtOnce * unit.width);
  for (int64_t first = 0; first < unit.length; first += kQueriesAtOnce) {
    const int64_t count = std::min(kQueriesAtOnce, unit.length - first);
    for (int64_t head = 0; head < unit.heads; ++head) {
      s.totals.assign(kQueriesAtOnce * kLanes, 0.0F);
      s.highest.assign(kQueriesAtOnce, -kInfinity);
      const Running running{.sums = s.sums.data(),
                            .highest = s.highest.data(),
                            .totals = s.totals.data(),
                            .width = unit.width};
      attend_block(unit, {.first = first, .count = count, .head = head}, running, s);
      for (int64_t i = 0; i < count; ++i) {
        *normalisers.at(first + i, head) =
            finish_row(running, i, scale_of(unit), mixed.at(first + i, head));
      }
    }
  }
}

}  // namespace stratagram::model
