#include <algorithm>
#include <cstring>

#include "model/block_attention.h"
#include "model/block_rows.h"
#include "model/lanes.h"
#include "model/pair_layout.h"
#include "model/tile_product.h"

namespace stratagram::model {
namespace {

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
          // What is not seen may be beyond exp2_lanes()'s range, and is anything until here.
          if (seen < kPairLanes) {
            p = where(kLanePlaces < static_cast<int32_t>(seen - h * kLanes), p, Lanes{});
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
