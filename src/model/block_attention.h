// model/block_attention.h -- the CPU kernels of attention in training: bfloat16, both ways, by
// block products with float32 sums (Dao et al., arXiv 2205.14135: block by block, the probabilities
// made again on the way back). Probabilities and their gradients are rounded to bfloat16 where they
// are factors of a product.
//
// A unit is what one key head does for one run of tokens; it runs on one thread.
#pragma once

#include <cstdint>
#include <vector>

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
/// query heads share the key head.
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
};

/// Memory that a thread takes from unit to unit.
struct AttentionScratch {
  std::vector<uint16_t> keys, values, queries, pulls, probs, score_pulls, turned;
  std::vector<uint32_t> key_pairs, value_pairs, query_columns, query_rows, pull_columns, pull_rows;
  std::vector<float> scores, prob_pulls, sums, highest, totals, normalisers, dots, query_pulls,
      key_pulls, value_pulls;
};

/// Fills mixed values [length, heads] and the logarithm of each row's normaliser.
void attend_unit(const AttentionUnit& unit,
                 const HeadRows<uint16_t>& mixed,
                 const HeadRows<float>& normalisers,
                 AttentionScratch& scratch);

/// What flows back into a unit, and where it goes. The float32 sums are overwritten.
struct AttentionPull {
  HeadRows<const uint16_t> gradient;  ///< of the mixed values
  HeadRows<const uint16_t> mixed;
  HeadRows<const float> normalisers;
  HeadRows<uint16_t> queries;
  HeadRows<float> keys, prompt_keys;
  HeadRows<float> values, prompt_values;
};

/// Fills the gradients of a unit's queries, rounded, and of the keys and values it sees: those of
/// its own tokens, and its share of its prompt's.
void attend_unit_backward(const AttentionUnit& unit,
                          const AttentionPull& pull,
                          AttentionScratch& scratch);

}  // namespace stratagram::model
