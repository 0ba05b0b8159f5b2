#include "model/block_attention.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include "model/block_products.h"
#include "model/lanes.h"
#include "model/pair_layout.h"

namespace stratagram::model {
namespace {

// Queries and keys of a block: one kernel for every product of two blocks.
constexpr int64_t kBlock = 64;
constexpr int64_t kBlockLanes = kBlock / kLanes;
constexpr int64_t kPair = 2;
constexpr LaneInts kPlaces = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

int64_t num_blocks(int64_t rows) {
  return (rows + kBlock - 1) / kBlock;
}

// The greater of each lane and the one kApart places away.
template <int kApart, int... kPlace>
STRATAGRAM_INLINE Lanes greater_of_pairs(Lanes x,
                                         std::integer_sequence<int, kPlace...> /*places*/) {
  const Lanes other = __builtin_shufflevector(x, x, (kPlace ^ kApart)...);
  return x > other ? x : other;
}

STRATAGRAM_INLINE float highest_of(Lanes x) {
  constexpr auto kAll = std::make_integer_sequence<int, kLanes>();
  x = greater_of_pairs<8>(x, kAll);
  x = greater_of_pairs<4>(x, kAll);
  x = greater_of_pairs<2>(x, kAll);
  return greater_of_pairs<1>(x, kAll)[0];
}

// Some rows of one head, from a token on, side by side.
void gather_rows(const uint16_t* from, int64_t stride, int64_t count, int64_t width, uint16_t* to) {
  for (int64_t i = 0; i < count; ++i) {
    std::memcpy(to + i * width, from + i * stride, width * sizeof(uint16_t));
  }
}

// Rows of one key head; the last block is filled up with zeros.
void gather_seen(const AttentionUnit& unit,
                 const HeadRows<const uint16_t>& prompt,
                 const HeadRows<const uint16_t>& own,
                 std::vector<uint16_t>& to) {
  const int64_t seen = unit.prompt_length + unit.length;
  to.assign(num_blocks(seen) * kBlock * unit.width, 0);
  gather_rows(prompt.from, prompt.token_stride, unit.prompt_length, unit.width, to.data());
  gather_rows(own.from,
              own.token_stride,
              unit.length,
              unit.width,
              to.data() + unit.prompt_length * unit.width);
}

// A block of one query head, filled up with zeros.
void gather_block(const AttentionUnit& unit,
                  const HeadRows<const uint16_t>& x,
                  int64_t first,
                  int64_t head,
                  uint16_t* to) {
  const int64_t count = std::min(kBlock, unit.length - first);
  gather_rows(x.at(first, head), x.token_stride, count, unit.width, to);
  std::fill(to + count * unit.width, to + kBlock * unit.width, uint16_t{0});
}

BfloatRows block_rows(const uint16_t* from, int64_t width) {
  return {.from = from, .stride = width, .rows = kBlock, .columns = width};
}

// Two blocks of rows with each other: [kBlock, kBlock].
BlockProduct scores_product(int64_t width) {
  return {.m = kBlock,
          .n = kBlock,
          .k = width,
          .a_stride = width,
          .b_stride = kBlock,
          .c_stride = kBlock};
}

// Adds rows weighted by a block of numbers: [kBlock, width].
BlockProduct mix_product(int64_t width) {
  return {.m = kBlock,
          .n = width,
          .k = kBlock,
          .a_stride = kBlock,
          .b_stride = width,
          .c_stride = width,
          .adds = true};
}

// What one query head has summed up for a block of its tokens.
struct Running {
  float* sums = nullptr;     // [kBlock, width]
  float* highest = nullptr;  // [kBlock], of the scaled scores
  float* totals = nullptr;   // [kBlock, kLanes], to be added up
  int64_t width = 0;
};

// Scores to exponentials below the highest so far. `seen`: how many keys of the block the first row
// sees; each further row sees one more.
STRATAGRAM_CPU_CLONES void take_scores(
    const Running& running, const float* scores, int64_t seen, float scale, uint16_t* probs) {
  const Lanes nothing = Lanes{} - std::numeric_limits<float>::infinity();
  for (int64_t row = 0; row < kBlock; ++row, ++seen) {
    Lanes x[kBlockLanes];
    Lanes top = nothing;
    for (int64_t l = 0; l < kBlockLanes; ++l) {
      x[l] = load_lanes(scores + row * kBlock + l * kLanes) * scale;
      if (seen < kBlock) x[l] = kPlaces < static_cast<int32_t>(seen - l * kLanes) ? x[l] : nothing;
      top = x[l] > top ? x[l] : top;
    }
    const float before = running.highest[row];
    const float highest = std::max(before, highest_of(top));
    Lanes total = load_lanes(running.totals + row * kLanes);
    if (highest != before) {
      running.highest[row] = highest;
      const Lanes shrink = exp_lanes(Lanes{} + (before - highest));
      total *= shrink;
      float* sums = running.sums + row * running.width;
      for (int64_t i = 0; i < running.width; i += kLanes) {
        store_lanes(sums + i, load_lanes(sums + i) * shrink);
      }
    }
    for (int64_t l = 0; l < kBlockLanes; ++l) {
      const Lanes p = exp_lanes(x[l] - highest);
      total += p;
      store_lanes(probs + row * kBlock + l * kLanes, p);
    }
    store_lanes(running.totals + row * kLanes, total);
  }
}

STRATAGRAM_CPU_CLONES void finish_row(const Running& running, int64_t row, uint16_t* mixed) {
  const float scale = 1.0F / sum_of(load_lanes(running.totals + row * kLanes));
  const float* sums = running.sums + row * running.width;
  for (int64_t i = 0; i < running.width; i += kLanes) {
    store_lanes(mixed + i, load_lanes(sums + i) * scale);
  }
}

STRATAGRAM_CPU_CLONES float dot_of(const uint16_t* a, const uint16_t* b, int64_t width) {
  Lanes sum = {};
  for (int64_t i = 0; i < width; i += kLanes) sum += load_lanes(a + i) * load_lanes(b + i);
  return sum_of(sum);
}

STRATAGRAM_CPU_CLONES void round_row(const float* from, int64_t width, uint16_t* to) {
  for (int64_t i = 0; i < width; i += kLanes) store_lanes(to + i, load_lanes(from + i));
}

// One block of keys (rows) and one of queries (lanes).
struct BlockPull {
  float scale = 1;
  const float* scores = nullptr;       // before scaling
  const float* prob_pulls = nullptr;   // gradients of the probabilities
  const float* normalisers = nullptr;  // of the queries
  const float* dots = nullptr;         // gradient of the mixed values times these, by query
  int64_t first_seeing = 0;            // the first query that sees the first key; may be negative
};

// With p = exp(s - normaliser): ds = p (dp - dot), over the scale of the scores.
STRATAGRAM_CPU_CLONES void pull_scores(const BlockPull& block,
                                       uint16_t* probs,
                                       uint16_t* score_pulls) {
  for (int64_t row = 0; row < kBlock; ++row) {
    const int64_t first = block.first_seeing + row;
    for (int64_t l = 0; l < kBlockLanes; ++l) {
      const int64_t place = row * kBlock + l * kLanes;
      Lanes p = exp_lanes(load_lanes(block.scores + place) * block.scale -
                          load_lanes(block.normalisers + l * kLanes));
      if (first > 0) p = kPlaces < static_cast<int32_t>(first - l * kLanes) ? Lanes{} : p;
      const Lanes pull = load_lanes(block.prob_pulls + place) - load_lanes(block.dots + l * kLanes);
      store_lanes(probs + place, p);
      store_lanes(score_pulls + place, p * pull * block.scale);
    }
  }
}

float scale_of(const AttentionUnit& unit) {
  return static_cast<float>(1.0 / std::sqrt(static_cast<double>(unit.width)));
}

// Queries and the gradients of their mixed values, of every head and block, in the orders of the
// products, and what the probabilities need.
void prepare_queries(const AttentionUnit& unit, const AttentionPull& pull, AttentionScratch& s) {
  const int64_t blocks = num_blocks(unit.length) * unit.heads;
  const int64_t block_words = kBlock / kPair * unit.width;
  for (auto* words : {&s.query_columns, &s.query_rows, &s.pull_columns, &s.pull_rows}) {
    words->resize(blocks * block_words);
  }
  s.queries.resize(kBlock * unit.width);
  s.pulls.resize(kBlock * unit.width);
  // Rows past the last one get probability 0.
  s.normalisers.assign(blocks * kBlock, std::numeric_limits<float>::infinity());
  s.dots.assign(blocks * kBlock, 0.0F);
  int64_t block = 0;
  for (int64_t head = 0; head < unit.heads; ++head) {
    for (int64_t first = 0; first < unit.length; first += kBlock, ++block) {
      const auto lay_out = [&](const HeadRows<const uint16_t>& x,
                               std::vector<uint16_t>& rows,
                               std::vector<uint32_t>& columns_words,
                               std::vector<uint32_t>& rows_words) {
        gather_block(unit, x, first, head, rows.data());
        const BfloatRows all = block_rows(rows.data(), unit.width);
        pair_columns(all, kBlock, columns_words.data() + block * block_words, kBlock);
        pair_rows(all, kBlock, rows_words.data() + block * block_words, unit.width);
      };
      lay_out(unit.queries, s.queries, s.query_columns, s.query_rows);
      lay_out(pull.gradient, s.pulls, s.pull_columns, s.pull_rows);
      for (int64_t i = 0; i < std::min(kBlock, unit.length - first); ++i) {
        s.normalisers[block * kBlock + i] = *pull.normalisers.at(first + i, head);
        s.dots[block * kBlock + i] =
            dot_of(pull.gradient.at(first + i, head), pull.mixed.at(first + i, head), unit.width);
      }
    }
  }
}

// Sums of a block of keys to where they belong.
void store_seen(const AttentionUnit& unit,
                int64_t first_key,
                const std::vector<float>& sums,
                const HeadRows<float>& prompt,
                const HeadRows<float>& own) {
  const int64_t count = std::min(kBlock, unit.prompt_length + unit.length - first_key);
  for (int64_t i = 0; i < count; ++i) {
    const int64_t key = first_key + i;
    float* to = key < unit.prompt_length ? prompt.at(key, 0) : own.at(key - unit.prompt_length, 0);
    std::memcpy(to, sums.data() + i * unit.width, unit.width * sizeof(float));
  }
}

}  // namespace

void attend_unit(const AttentionUnit& unit,
                 const HeadRows<uint16_t>& mixed,
                 const HeadRows<float>& normalisers,
                 AttentionScratch& s) {
  const int64_t width = unit.width;
  const int64_t block_words = kBlock / kPair * width;
  const int64_t key_blocks = num_blocks(unit.prompt_length + unit.length);
  gather_seen(unit, unit.prompt_keys, unit.keys, s.keys);
  gather_seen(unit, unit.prompt_values, unit.values, s.values);
  s.key_pairs.resize(key_blocks * block_words);
  s.value_pairs.resize(key_blocks * block_words);
  for (int64_t b = 0; b < key_blocks; ++b) {
    pair_columns(block_rows(s.keys.data() + b * kBlock * width, width),
                 kBlock,
                 s.key_pairs.data() + b * block_words,
                 kBlock);
    pair_rows(block_rows(s.values.data() + b * kBlock * width, width),
              kBlock,
              s.value_pairs.data() + b * block_words,
              width);
  }
  s.queries.resize(kBlock * width);
  s.scores.resize(kBlock * kBlock);
  s.probs.resize(kBlock * kBlock);
  const BlockProduct score = scores_product(width);
  const BlockProduct mix = mix_product(width);
  for (int64_t first = 0; first < unit.length; first += kBlock) {
    const int64_t count = std::min(kBlock, unit.length - first);
    for (int64_t head = 0; head < unit.heads; ++head) {
      gather_block(unit, unit.queries, first, head, s.queries.data());
      s.sums.assign(kBlock * width, 0.0F);
      s.totals.assign(kBlock * kLanes, 0.0F);
      s.highest.assign(kBlock, -std::numeric_limits<float>::infinity());
      const Running running{.sums = s.sums.data(),
                            .highest = s.highest.data(),
                            .totals = s.totals.data(),
                            .width = width};
      const int64_t last_seen = unit.prompt_length + first + count - 1;
      for (int64_t b = 0; b * kBlock <= last_seen; ++b) {
        score.run(s.queries.data(), s.key_pairs.data() + b * block_words, s.scores.data());
        take_scores(running,
                    s.scores.data(),
                    unit.prompt_length + first + 1 - b * kBlock,
                    scale_of(unit),
                    s.probs.data());
        mix.run(s.probs.data(), s.value_pairs.data() + b * block_words, s.sums.data());
      }
      for (int64_t i = 0; i < count; ++i) {
        finish_row(running, i, mixed.at(first + i, head));
        float total = 0;
        for (int64_t l = 0; l < kLanes; ++l) total += s.totals[i * kLanes + l];
        *normalisers.at(first + i, head) = s.highest[i] + std::log(total);
      }
    }
  }
}

void attend_unit_backward(const AttentionUnit& unit,
                          const AttentionPull& pull,
                          AttentionScratch& s) {
  const int64_t width = unit.width;
  const int64_t block_words = kBlock / kPair * width;
  const int64_t query_blocks = num_blocks(unit.length);
  gather_seen(unit, unit.prompt_keys, unit.keys, s.keys);
  gather_seen(unit, unit.prompt_values, unit.values, s.values);
  prepare_queries(unit, pull, s);
  s.key_pairs.resize(block_words);
  s.scores.resize(kBlock * kBlock);
  s.prob_pulls.resize(kBlock * kBlock);
  s.probs.resize(kBlock * kBlock);
  s.score_pulls.resize(kBlock * kBlock);
  s.turned.resize(kBlock * kBlock);
  s.query_pulls.assign(unit.heads * query_blocks * kBlock * width, 0.0F);
  const BlockProduct score = scores_product(width);
  const BlockProduct mix = mix_product(width);
  for (int64_t first_key = 0; first_key < unit.prompt_length + unit.length; first_key += kBlock) {
    const uint16_t* keys = s.keys.data() + first_key * width;
    const uint16_t* values = s.values.data() + first_key * width;
    pair_rows(block_rows(keys, width), kBlock, s.key_pairs.data(), width);
    s.key_pulls.assign(kBlock * width, 0.0F);
    s.value_pulls.assign(kBlock * width, 0.0F);
    // The first block with a query that sees the first key.
    const int64_t first_block = std::max<int64_t>(0, first_key - unit.prompt_length) / kBlock;
    for (int64_t head = 0; head < unit.heads; ++head) {
      for (int64_t q = first_block; q < query_blocks; ++q) {
        const int64_t block = head * query_blocks + q;
        // Products of one shape one after the other: a change costs the matrix unit a new set-up.
        score.run(keys, s.query_columns.data() + block * block_words, s.scores.data());
        score.run(values, s.pull_columns.data() + block * block_words, s.prob_pulls.data());
        pull_scores({.scale = scale_of(unit),
                     .scores = s.scores.data(),
                     .prob_pulls = s.prob_pulls.data(),
                     .normalisers = s.normalisers.data() + block * kBlock,
                     .dots = s.dots.data() + block * kBlock,
                     .first_seeing = first_key - unit.prompt_length - q * kBlock},
                    s.probs.data(),
                    s.score_pulls.data());
        transpose_rows(
            {.from = s.score_pulls.data(), .stride = kBlock, .rows = kBlock, .columns = kBlock},
            kBlock,
            s.turned.data(),
            kBlock);
        mix.run(s.probs.data(), s.pull_rows.data() + block * block_words, s.value_pulls.data());
        mix.run(
            s.score_pulls.data(), s.query_rows.data() + block * block_words, s.key_pulls.data());
        mix.run(s.turned.data(), s.key_pairs.data(), s.query_pulls.data() + block * kBlock * width);
      }
    }
    store_seen(unit, first_key, s.key_pulls, pull.prompt_keys, pull.keys);
    store_seen(unit, first_key, s.value_pulls, pull.prompt_values, pull.values);
  }
  for (int64_t head = 0; head < unit.heads; ++head) {
    const float* rows = s.query_pulls.data() + head * query_blocks * kBlock * width;
    for (int64_t i = 0; i < unit.length; ++i) {
      round_row(rows + i * width, width, pull.queries.at(i, head));
    }
  }
}

}  // namespace stratagram::model
