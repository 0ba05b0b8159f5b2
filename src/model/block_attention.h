// model/block_attention.h -- the CPU kernels of attention in training: bfloat16, both ways, by
// products of blocks with float32 sums (Dao et al., arXiv 2205.14135: block by block, the
// probabilities made again on the way back). Probabilities and their gradients are rounded to
// bfloat16 where they are factors of a product.
//
// A unit is what one key head does for one run of tokens and all of its query heads, or some; it
// runs on one thread, inside a UsesTiles.
#pragma once

#include <cstdint>

#include "model/aligned.h"

namespace stratagram::model {

/// Rows of one head or of several in memory; T is float, or uint16_t for the bits of bfloat16.
template <typename T>
struct HeadRows {
  T* from = nullptr;
  int64_t token_stride = 0;
  int64_t head_stride = 0;

  [[nodiscard]] T* at(int64_t token, int64_t head) const {
    return from + token * token_stride + head * head_stride;
  }
};

/// `length` tokens, which see themselves causally and before them `prompt_length` others; `heads`
/// query heads of the key head are the unit's.
struct AttentionUnit {
  int64_t prompt_length = 0;
  int64_t length = 0;
  int64_t heads = 0;
  int64_t width = 0;  ///< of a head, a multiple of 32
  HeadRows<const uint16_t> queries;
  HeadRows<const uint16_t> keys;  ///< of the tokens themselves
  HeadRows<const uint16_t> prompt_keys;
  HeadRows<const uint16_t> values;
  HeadRows<const uint16_t> prompt_values;

  [[nodiscard]] int64_t num_seen() const { return prompt_length + length; }
};

/// Memory that a thread takes from unit to unit.
struct AttentionScratch {
  AlignedVector<uint16_t> keys, values, rows, pulls, turned_queries, turned_pulls;
  AlignedVector<uint32_t> key_columns, value_columns, seen_pairs, probs, score_pulls,
      score_pull_rows;
  AlignedVector<float> scores, prob_pulls, sums, highest, totals, normalisers, dots, query_pulls,
      key_pulls, value_pulls, upright;
};

/// Fills mixed values [length, heads] and the logarithm of each row's normaliser.
void attend_unit(const AttentionUnit& unit,
                 const HeadRows<uint16_t>& mixed,
                 const HeadRows<float>& normalisers,
                 AttentionScratch& scratch);

/// Where the gradients of keys or values go; what was there is overwritten.
struct SeenPull {
  HeadRows<uint16_t> own{};         ///< of the unit's tokens, rounded
  HeadRows<float> own_sums{};       ///< instead of those, where it is given
  HeadRows<float> prompt_shares{};  ///< this unit's part of its prompt's
};

/// What flows back into a unit, and where it goes.
struct AttentionPull {
  HeadRows<const uint16_t> gradient;  ///< of the mixed values
  HeadRows<const uint16_t> mixed;
  HeadRows<const float> normalisers;
  HeadRows<uint16_t> queries;
  SeenPull keys;
  SeenPull values;
};

/// Fills the gradients of a unit's queries, keys and values, and of the prompt's that it sees.
void attend_unit_backward(const AttentionUnit& unit,
                          const AttentionPull& pull,
                          AttentionScratch& scratch);

}  // namespace stratagram::model
