#include "model/block_attention.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "model/lanes.h"
#include "model/pair_layout.h"
#include "model/tile_product.h"

namespace stratagram::model {
namespace {

constexpr int64_t kStep = 32;   // that sizes of products are multiples of
constexpr int64_t kBlock = 64;  // keys that are laid out together, and queries on the way back
constexpr int64_t kPair = 2;
constexpr float kLog2E = 1.44269504088896341F;
constexpr float kInfinity = std::numeric_limits<float>::infinity();

// On the way forward: scores of so many queries and keys are at hand at once. Rows of theirs are a
// little longer, so that those of a tile do not meet in the same places of the cache.
constexpr int64_t kQueriesAtOnce = 32;
constexpr int64_t kKeysAtOnce = 256;
constexpr int64_t kScoreStride = kKeysAtOnce + kLanes;
constexpr int64_t kProbStride = kScoreStride / kPair;  // words

int64_t blocks_in(int64_t rows) {
  return (rows + kBlock - 1) / kBlock;
}
int64_t steps_up(int64_t count) {
  return (count + kStep - 1) / kStep * kStep;
}

// To bfloat16 in the upper halves, to the nearest, of two equally near the greater in size. For
// factors inside this file: a quarter of what ties to even take.
STRATAGRAM_INLINE LaneBits near_bits(Lanes x) {
  return std::bit_cast<LaneBits>(x) + 0x8000U;
}

STRATAGRAM_INLINE void store_words(uint32_t* to, LaneBits words) {
  std::memcpy(to, &words, sizeof words);
}

float scale_of(const AttentionUnit& unit) {
  return static_cast<float>(1.0 / std::sqrt(static_cast<double>(unit.width)));
}

void gather_rows(const HeadRows<const uint16_t>& x, int64_t count, int64_t width, uint16_t* to) {
  for (int64_t i = 0; i < count; ++i) {
    std::memcpy(to + i * width, x.at(i, 0), width * sizeof(uint16_t));
  }
}

// Rows of one key head, the prompt's first.
void gather_seen(const AttentionUnit& unit,
                 const HeadRows<const uint16_t>& prompt,
                 const HeadRows<const uint16_t>& own,
                 AlignedVector<uint16_t>& to) {
  to.resize(unit.num_seen() * unit.width);
  gather_rows(prompt, unit.prompt_length, unit.width, to.data());
  gather_rows(own, unit.length, unit.width, to.data() + unit.prompt_length * unit.width);
}

BfloatRows seen_rows(const AttentionUnit& unit,
                     const AlignedVector<uint16_t>& seen,
                     int64_t first,
                     int64_t count) {
  return {.from = seen.data() + first * unit.width,
          .stride = unit.width,
          .rows = std::min(count, unit.num_seen() - first),
          .columns = unit.width};
}

// Rows of a query head from a token on.
BfloatRows head_rows(const AttentionUnit& unit,
                     const HeadRows<const uint16_t>& x,
                     int64_t first,
                     int64_t head) {
  return {.from = x.at(first, head),
          .stride = x.token_stride,
          .rows = unit.length - first,
          .columns = unit.width};
}

// `count` rows: where they lie, or, of fewer, a copy that is filled up with zeros.
BfloatRows filled_up(const BfloatRows& x, int64_t count, AlignedVector<uint16_t>& memory) {
  if (x.rows >= count)
    return {.from = x.from, .stride = x.stride, .rows = count, .columns = x.columns};
  memory.assign(count * x.columns, 0);
  for (int64_t i = 0; i < x.rows; ++i) {
    std::memcpy(memory.data() + i * x.columns, x.from + i * x.stride, x.columns * sizeof(uint16_t));
  }
  return {.from = memory.data(), .stride = x.columns, .rows = count, .columns = x.columns};
}

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
    for (int64_t i = end; i < block.num_keys; i += kPairLanes)
      store_words(probs + i / kPair, LaneBits{});
    if (seen == 0) continue;
    for (int64_t i = seen; i < end; ++i) scores[i] = -kInfinity;
    Lanes top = Lanes{} - kInfinity;
    for (int64_t i = 0; i < end; i += kLanes) {
      const Lanes x = load_lanes(scores + i);
      top = x > top ? x : top;
    }
    const float before = running.highest[row];
    const float highest = std::max(before, highest_of(top));
    if (highest != before) {
      running.highest[row] = highest;
      if (before != -kInfinity)
        shrink_row(running, row, std::exp2((before - highest) * block.scale));
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

STRATAGRAM_CPU_CLONES float dot_of(const uint16_t* a, const uint16_t* b, int64_t width) {
  Lanes sum = {};
  for (int64_t i = 0; i < width; i += kPairLanes) {
    const LanePair x = load_pair(a + i);
    const LanePair y = load_pair(b + i);
    sum += x.half[0] * y.half[0] + x.half[1] * y.half[1];
  }
  return sum_of(sum);
}

STRATAGRAM_CPU_CLONES void round_row(const float* from, int64_t width, uint16_t* to) {
  for (int64_t i = 0; i < width; i += kLanes) store_lanes(to + i, load_lanes(from + i));
}

// Of sums with columns as pair_rows_apart() leaves them.
STRATAGRAM_CPU_CLONES void round_row_apart(const float* from, int64_t width, uint16_t* to) {
  for (int64_t i = 0; i < width; i += kPairLanes) store_pair(to + i, load_pair(from + i));
}

// Some queries (rows) and a block of keys, rows kBlock long.
struct BlockPull {
  const float* scores = nullptr;       // before scaling
  const float* prob_pulls = nullptr;   // gradients of the probabilities
  const float* normalisers = nullptr;  // of the queries, to the base of 2
  const float* dots = nullptr;         // gradient of the mixed values times these, by query
  float scale = 1;                     // of the scores
  int64_t num_queries = 0;             // a multiple of kStep
  int64_t num_keys = 0;                // a multiple of kStep
  int64_t seen = 0;                    // by the first query; each further one sees one more
};

// With p = exp(s - normaliser): ds = p (dp - dot), over the scale of the scores. Words of both hold
// two queries' for a key; those of `rows` two keys' for a query, as pair_rows_apart() wants them.
struct BlockFactors {
  uint32_t* probs = nullptr;        // [num_queries / 2, kBlock]
  uint32_t* score_pulls = nullptr;  // [num_queries / 2, kBlock]
  uint32_t* rows = nullptr;         // [num_queries, kBlock / 2]
};

STRATAGRAM_CPU_CLONES void pull_scores(const BlockPull& block, const BlockFactors& factors) {
  constexpr LaneInts kPlaces = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  const float scale = block.scale * kLog2E;
  for (int64_t query = 0; query < block.num_queries; query += kPair) {
    for (int64_t key = 0; key < block.num_keys; key += kPairLanes) {
      LaneBits probs[kPair][2];
      LaneBits pulls[kPair][2];
      for (int64_t q = 0; q < kPair; ++q) {
        const int64_t seen = block.seen + query + q - key;
        for (int64_t h = 0; h < 2; ++h) {
          const int64_t place = (query + q) * kBlock + key + h * kLanes;
          Lanes p =
              exp2_lanes(load_lanes(block.scores + place) * scale - block.normalisers[query + q]);
          if (seen < kPairLanes) {
            p = kPlaces < static_cast<int32_t>(seen - h * kLanes) ? p : Lanes{};
          }
          const Lanes pull = load_lanes(block.prob_pulls + place) - block.dots[query + q];
          probs[q][h] = near_bits(p);
          pulls[q][h] = near_bits(p * pull * block.scale);
        }
        store_words(factors.rows + (query + q) * kBlock / kPair + key / kPair,
                    upper_halves(pulls[q][0], pulls[q][1]));
      }
      for (int64_t h = 0; h < 2; ++h) {
        const int64_t place = query / kPair * kBlock + key + h * kLanes;
        store_words(factors.probs + place, upper_halves(probs[0][h], probs[1][h]));
        store_words(factors.score_pulls + place, upper_halves(pulls[0][h], pulls[1][h]));
      }
    }
  }
}

// The transposes of queries and of the gradients of their mixed values, of every head and block,
// and what the probabilities need.
void prepare_queries(const AttentionUnit& unit, const AttentionPull& pull, AttentionScratch& s) {
  const int64_t blocks = blocks_in(unit.length) * unit.heads;
  const int64_t block_numbers = kBlock * unit.width;
  s.turned_queries.resize(blocks * block_numbers);
  s.turned_pulls.resize(blocks * block_numbers);
  // Rows past the last one get probability 0.
  s.normalisers.assign(blocks * kBlock, kInfinity);
  s.dots.assign(blocks * kBlock, 0.0F);
  int64_t block = 0;
  for (int64_t head = 0; head < unit.heads; ++head) {
    for (int64_t first = 0; first < unit.length; first += kBlock, ++block) {
      transpose_rows(head_rows(unit, unit.queries, first, head),
                     kBlock,
                     s.turned_queries.data() + block * block_numbers,
                     kBlock);
      transpose_rows(head_rows(unit, pull.gradient, first, head),
                     kBlock,
                     s.turned_pulls.data() + block * block_numbers,
                     kBlock);
      for (int64_t i = 0; i < std::min(kBlock, unit.length - first); ++i) {
        s.normalisers[block * kBlock + i] = *pull.normalisers.at(first + i, head) * kLog2E;
        s.dots[block * kBlock + i] =
            dot_of(pull.gradient.at(first + i, head), pull.mixed.at(first + i, head), unit.width);
      }
    }
  }
}

// Sums of a block of keys, [width, kBlock], to where they belong.
void store_seen(const AttentionUnit& unit,
                int64_t first_key,
                const AlignedVector<float>& sums,
                const SeenPull& pull,
                AlignedVector<float>& upright) {
  upright.resize(kBlock * unit.width);
  transpose_floats(sums.data(), unit.width, kBlock, upright.data(), unit.width);
  const int64_t count = std::min(kBlock, unit.num_seen() - first_key);
  for (int64_t i = 0; i < count; ++i) {
    const int64_t token = first_key + i - unit.prompt_length;
    const float* row = upright.data() + i * unit.width;
    if (token >= 0 && pull.own_sums.from == nullptr) {
      round_row(row, unit.width, pull.own.at(token, 0));
      continue;
    }
    float* to = token < 0 ? pull.prompt_shares.at(first_key + i, 0) : pull.own_sums.at(token, 0);
    std::memcpy(to, row, unit.width * sizeof(float));
  }
}

// Of one head's block of queries with one of keys.
struct BlockPlace {
  int64_t head = 0;
  int64_t first_query = 0;
  int64_t first_key = 0;
  int64_t block = 0;  // of queries, over all heads
};

void pull_block(const AttentionUnit& unit,
                const AttentionPull& pull,
                const BlockPlace& place,
                AttentionScratch& s) {
  const int64_t width = unit.width;
  // Whole steps of queries that see nothing here, and of keys that none sees, are left out.
  const int64_t seen = unit.prompt_length + place.first_query + 1 - place.first_key;
  const int64_t skipped = std::max<int64_t>(0, 1 - seen) / kStep * kStep;
  const int64_t queries = std::min(kBlock, steps_up(unit.length - place.first_query)) - skipped;
  const int64_t keys =
      std::min({kBlock, steps_up(seen + kBlock - 1), steps_up(unit.num_seen() - place.first_key)});
  const auto rows_of = [&](const HeadRows<const uint16_t>& x, AlignedVector<uint16_t>& memory) {
    return filled_up(head_rows(unit, x, place.first_query + skipped, place.head), queries, memory);
  };
  const BfloatRows query_rows = rows_of(unit.queries, s.rows);
  const BfloatRows pull_rows = rows_of(pull.gradient, s.pulls);
  const auto with_columns = [&](const BfloatRows& rows) {
    return TileProduct{.m = queries,
                       .n = keys,
                       .k = width,
                       .a_stride = rows.stride,
                       .b_stride = kBlock,
                       .c_stride = kBlock};
  };
  with_columns(query_rows).run(query_rows.from, s.key_columns.data(), s.scores.data());
  with_columns(pull_rows).run(pull_rows.from, s.value_columns.data(), s.prob_pulls.data());
  pull_scores({.scores = s.scores.data(),
               .prob_pulls = s.prob_pulls.data(),
               .normalisers = s.normalisers.data() + place.block * kBlock + skipped,
               .dots = s.dots.data() + place.block * kBlock + skipped,
               .scale = scale_of(unit),
               .num_queries = queries,
               .num_keys = keys,
               .seen = seen + skipped},
              {.probs = s.probs.data(),
               .score_pulls = s.score_pulls.data(),
               .rows = s.score_pull_rows.data()});
  const TileProduct over_queries{.m = width,
                                 .n = keys,
                                 .k = queries,
                                 .a_stride = kBlock,
                                 .b_stride = kBlock,
                                 .c_stride = kBlock,
                                 .adds = true};
  const int64_t turned = place.block * kBlock * width + skipped;
  over_queries.run(s.turned_pulls.data() + turned, s.probs.data(), s.value_pulls.data());
  over_queries.run(s.turned_queries.data() + turned, s.score_pulls.data(), s.key_pulls.data());
  const TileProduct over_keys{.m = queries,
                              .n = width,
                              .k = keys,
                              .a_stride = kBlock,
                              .b_stride = width,
                              .c_stride = width,
                              .adds = true};
  over_keys.run(reinterpret_cast<const uint16_t*>(s.score_pull_rows.data()),
                s.seen_pairs.data(),
                s.query_pulls.data() + (place.block * kBlock + skipped) * width);
}

}  // namespace

void attend_unit(const AttentionUnit& unit,
                 const HeadRows<uint16_t>& mixed,
                 const HeadRows<float>& normalisers,
                 AttentionScratch& s) {
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
  s.scores.resize(kQueriesAtOnce * kScoreStride);
  s.probs.resize(kQueriesAtOnce * kProbStride);
  s.sums.resize(kQueriesAtOnce * width);
  const Running running{
      .sums = s.sums.data(), .highest = nullptr, .totals = nullptr, .width = width};
  for (int64_t first = 0; first < unit.length; first += kQueriesAtOnce) {
    const int64_t count = std::min(kQueriesAtOnce, unit.length - first);
    const int64_t num_seen = unit.prompt_length + first + count;  // by the last of them
    for (int64_t head = 0; head < unit.heads; ++head) {
      const BfloatRows rows =
          filled_up(head_rows(unit, unit.queries, first, head), kQueriesAtOnce, s.rows);
      s.totals.assign(kQueriesAtOnce * kLanes, 0.0F);
      s.highest.assign(kQueriesAtOnce, -kInfinity);
      Running here = running;
      here.highest = s.highest.data();
      here.totals = s.totals.data();
      for (int64_t begin = 0; begin < num_seen; begin += kKeysAtOnce) {
        const int64_t num_keys = std::min(kKeysAtOnce, steps_up(num_seen - begin));
        for (int64_t key = 0; key < num_keys; key += kBlock) {
          const TileProduct score{.m = kQueriesAtOnce,
                                  .n = std::min(kBlock, num_keys - key),
                                  .k = width,
                                  .a_stride = rows.stride,
                                  .b_stride = kBlock,
                                  .c_stride = kScoreStride};
          score.run(rows.from,
                    s.key_columns.data() + (begin + key) / kBlock * block_words,
                    s.scores.data() + key);
        }
        take_scores(here,
                    {.scores = s.scores.data(),
                     .probs = s.probs.data(),
                     .num_keys = num_keys,
                     .seen = unit.prompt_length + first + 1 - begin,
                     .scale = scale_of(unit) * kLog2E});
        const TileProduct mix{.m = kQueriesAtOnce,
                              .n = width,
                              .k = num_keys,
                              .a_stride = kScoreStride,
                              .b_stride = width,
                              .c_stride = width,
                              .adds = begin > 0};
        mix.run(reinterpret_cast<const uint16_t*>(s.probs.data()),
                s.seen_pairs.data() + begin / kPair * width,
                s.sums.data());
      }
      for (int64_t i = 0; i < count; ++i) {
        *normalisers.at(first + i, head) =
            finish_row(here, i, scale_of(unit), mixed.at(first + i, head));
      }
    }
  }
}

void attend_unit_backward(const AttentionUnit& unit,
                          const AttentionPull& pull,
                          AttentionScratch& s) {
  const int64_t width = unit.width;
  const int64_t block_words = kBlock / kPair * width;
  const int64_t query_blocks = blocks_in(unit.length);
  gather_seen(unit, unit.prompt_keys, unit.keys, s.keys);
  gather_seen(unit, unit.prompt_values, unit.values, s.values);
  prepare_queries(unit, pull, s);
  for (auto* words : {&s.key_columns, &s.value_columns, &s.seen_pairs}) words->resize(block_words);
  for (auto* numbers : {&s.scores, &s.prob_pulls}) numbers->resize(kBlock * kBlock);
  for (auto* words : {&s.probs, &s.score_pulls, &s.score_pull_rows}) {
    words->resize(kBlock * kBlock / kPair);
  }
  s.query_pulls.assign(unit.heads * query_blocks * kBlock * width, 0.0F);
  for (int64_t first_key = 0; first_key < unit.num_seen(); first_key += kBlock) {
    const BfloatRows keys = seen_rows(unit, s.keys, first_key, kBlock);
    pair_columns(keys, kBlock, s.key_columns.data(), kBlock);
    pair_rows_apart(keys, kBlock, s.seen_pairs.data(), width);
    pair_columns(
        seen_rows(unit, s.values, first_key, kBlock), kBlock, s.value_columns.data(), kBlock);
    s.key_pulls.assign(kBlock * width, 0.0F);
    s.value_pulls.assign(kBlock * width, 0.0F);
    // The first block with a query that sees the first key.
    const int64_t first_block = std::max<int64_t>(0, first_key - unit.prompt_length) / kBlock;
    for (int64_t head = 0; head < unit.heads; ++head) {
      for (int64_t q = first_block; q < query_blocks; ++q) {
        pull_block(unit,
                   pull,
                   {.head = head,
                    .first_query = q * kBlock,
                    .first_key = first_key,
                    .block = head * query_blocks + q},
                   s);
      }
    }
    store_seen(unit, first_key, s.key_pulls, pull.keys, s.upright);
    store_seen(unit, first_key, s.value_pulls, pull.values, s.upright);
  }
  for (int64_t head = 0; head < unit.heads; ++head) {
    const float* rows = s.query_pulls.data() + head * query_blocks * kBlock * width;
    for (int64_t i = 0; i < unit.length; ++i) {
      round_row_apart(rows + i * width, width, pull.queries.at(i, head));
    }
  }
}

}  // namespace stratagram::model
