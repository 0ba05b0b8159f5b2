#include "model/kv_cache.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "core/error.h"
#include "model/cached_attention.h"
#include "model/cached_kernel.h"
#include "model/head.h"
#include "tests/support/tiny_model.h"

namespace stratagram::model {
namespace {

using ::testing::HasSubstr;

KvCache make_cache(const Transformer& model, int64_t num_slots) {
  const ModelConfig& config = model.config();
  return KvCache({.num_layers = config.num_layers,
                  .num_blocks = num_slots / 4,
                  .block_tokens = 4,
                  .num_kv_heads = config.num_kv_heads,
                  .head_width = config.head_width},
                 at::TensorOptions().dtype(model.dtype()));
}

// Logits of some new tokens of one sequence that already holds `context` tokens.
at::Tensor step_logits(const Transformer& model,
                       KvCache& cache,
                       const std::vector<int64_t>& ids,
                       int64_t context,
                       const std::vector<int32_t>& blocks) {
  CacheBatch batch{.rows = {}, .blocks = {blocks}};
  std::vector<int64_t> positions;
  for (size_t i = 0; i < ids.size(); ++i) {
    positions.push_back(context + static_cast<int64_t>(i));
    batch.rows.push_back({.sequence = 0, .context = positions.back() + 1});
  }
  CachedAttention attention(cache, batch);
  const at::Tensor hidden_ND = model.forward(ids_tensor(ids), ids_tensor(positions), attention);
  return model.head_logits(hidden_ND);
}

// One model, two paths. If they part, rollout and trainer score tokens with different policies and
// every importance ratio is wrong, with nothing else to show for it.
TEST(KvCacheParity, DecodeLogitsEqualFullPassAtEveryPosition) {
  for (const Family family : {Family::kLlama, Family::kQwen2, Family::kQwen3}) {
    const Transformer model = tiny_model({.family = family});
    const std::vector<int64_t> ids{3, 1, 4, 1, 5, 9, 2, 6, 5};
    const at::Tensor full_TV = full_pass_logits(model, ids);

    KvCache cache = make_cache(model, 32);
    for (size_t t = 0; t < ids.size(); ++t) {
      const at::Tensor step_1V =
          step_logits(model, cache, {ids[t]}, static_cast<int64_t>(t), {5, 2, 7});

      // float32, two layers, logits of size 10: the sums differ only in order.
      EXPECT_LT(max_difference(step_1V, full_TV.narrow(0, static_cast<int64_t>(t), 1)), 2e-5)
          << "at position " << t;
    }
  }
}

TEST(KvCacheParity, ChunkedPrefillEqualsFullPass) {
  const Transformer model = tiny_model();
  const std::vector<int64_t> ids{3, 1, 4, 1, 5, 9, 2, 6, 5};
  const at::Tensor full_TV = full_pass_logits(model, ids);

  KvCache cache = make_cache(model, 32);
  const at::Tensor first = step_logits(model, cache, {3, 1, 4, 1, 5}, 0, {5, 2, 7});
  const at::Tensor second = step_logits(model, cache, {9, 2, 6, 5}, 5, {5, 2, 7});

  EXPECT_LT(max_difference(first, full_TV.narrow(0, 0, 5)), 2e-5);
  EXPECT_LT(max_difference(second, full_TV.narrow(0, 5, 4)), 2e-5);
}

struct KernelCase {
  int64_t head_width, num_heads, num_kv_heads, block_tokens;
};

// Rows of several sequences over shuffled blocks: one row, several, more than a task takes,
// padding.
CacheBatch ragged_batch(int64_t block_tokens,
                        int64_t num_blocks,
                        const std::vector<int64_t>& order) {
  const std::vector<std::pair<int64_t, int64_t>> first_and_last = {
      {1, 1}, {41, 41}, {3, 13}, {0, -1}, {16, 16}, {17, 18}, {32, 49}};
  CacheBatch batch;
  int64_t next = 0;
  for (const auto& [first, last] : first_and_last) {
    if (last < 0) {
      batch.rows.push_back({.sequence = -1, .context = 0});
      continue;
    }
    std::vector<int32_t> blocks;
    for (int64_t t = 0; t < last; t += block_tokens) {
      blocks.push_back(static_cast<int32_t>(order[next++ % num_blocks]));
    }
    for (int64_t context = first; context <= last; ++context) {
      batch.rows.push_back(
          {.sequence = static_cast<int64_t>(batch.blocks.size()), .context = context});
    }
    batch.blocks.push_back(blocks);
  }
  return batch;
}

TEST(CachedKernel, EqualsTheReferenceOnRaggedRows) {
  for (const KernelCase& c : {KernelCase{64, 9, 3, 16},
                              KernelCase{19, 4, 2, 8},
                              KernelCase{16, 7, 1, 32},
                              KernelCase{128, 4, 4, 16},
                              KernelCase{7, 5, 1, 1},
                              KernelCase{33, 12, 2, 24}}) {
    for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16}) {
      const int64_t num_blocks = 128 / c.block_tokens;
      KvCache cache({.num_layers = 1,
                     .num_blocks = num_blocks,
                     .block_tokens = c.block_tokens,
                     .num_kv_heads = c.num_kv_heads,
                     .head_width = c.head_width},
                    at::TensorOptions().dtype(dtype));
      const int64_t num_slots = cache.shape().num_slots();
      // Any smooth values will do.
      const auto values = [&](const std::vector<int64_t>& shape, double pace) {
        return wave(shape, pace).mul(2.0).to(dtype);
      };
      std::vector<int64_t> slots(num_slots), order(num_blocks);
      for (int64_t i = 0; i < num_slots; ++i) slots[i] = i;
      for (int64_t i = 0; i < num_blocks; ++i) order[i] = (i * 37 + 11) % num_blocks;
      cache.write(0,
                  ids_tensor(slots),
                  values({num_slots, c.num_kv_heads, c.head_width}, 0.7),
                  values({num_slots, c.num_kv_heads, c.head_width}, 1.3));
      const CacheBatch batch = ragged_batch(c.block_tokens, num_blocks, order);
      const at::Tensor q_NQH =
          values({static_cast<int64_t>(batch.rows.size()), c.num_heads, c.head_width}, 0.31);

      const at::Tensor fast = attend_cached_cpu(cache, batch, 0, q_NQH);
      const at::Tensor plain = attend_cached_reference(cache, batch, 0, q_NQH);

      // bfloat16 results carry 8 bits; both sum in float32.
      EXPECT_LT(max_difference(fast, plain), dtype == at::kFloat ? 3e-6 : 1.6e-2)
          << "head width " << c.head_width << ", blocks of " << c.block_tokens << ", " << dtype;
      EXPECT_EQ(fast[13].abs().max().item<double>(), 0.0) << "a padding row got values";
    }
  }
}

// The engine promises that a response does not depend on what else is in its batch.
TEST(CachedKernel, GivesARowTheSameBitsInEveryCompany) {
  KvCache cache(
      {.num_layers = 1, .num_blocks = 4, .block_tokens = 16, .num_kv_heads = 2, .head_width = 40},
      at::kFloat);
  std::vector<int64_t> slots(64);
  for (int64_t i = 0; i < 64; ++i) slots[i] = i;
  const at::Tensor memory = at::arange(64 * 2 * 40).to(at::kFloat).sin().view({64, 2, 40});
  cache.write(0, ids_tensor(slots), memory, memory * 1.7);
  CacheBatch together{.rows = {}, .blocks = {{3, 0, 2}}};
  for (int64_t context = 20; context <= 33; ++context) {
    together.rows.push_back({.sequence = 0, .context = context});
  }
  const at::Tensor q_NQH = (at::arange(14 * 6 * 40).to(at::kFloat) * 0.37).sin().view({14, 6, 40});

  const at::Tensor all = attend_cached_cpu(cache, together, 0, q_NQH);

  for (int64_t n = 0; n < 14; ++n) {
    const CacheBatch alone{.rows = {together.rows[n]}, .blocks = together.blocks};
    const at::Tensor one = attend_cached_cpu(cache, alone, 0, q_NQH.narrow(0, n, 1));
    EXPECT_EQ(max_difference(one, all.narrow(0, n, 1)), 0.0) << "row " << n;
  }
}

// What lies in a block behind a context is another response's, spent: it may be anything.
TEST(CachedKernel, TakesNothingFromBehindTheContext) {
  for (const int64_t block_tokens : {8, 16, 24}) {
    KvCache cache({.num_layers = 1,
                   .num_blocks = 3,
                   .block_tokens = block_tokens,
                   .num_kv_heads = 2,
                   .head_width = 40},
                  at::kFloat);
    const int64_t num_slots = cache.shape().num_slots();
    std::vector<int64_t> all(num_slots);
    for (int64_t i = 0; i < num_slots; ++i) all[i] = i;
    const at::Tensor memory = wave({num_slots, 2, 40}, 0.7, at::kFloat);
    cache.write(0, ids_tensor(all), memory, memory * 1.7);
    const int64_t context = num_slots - 3;
    const CacheBatch batch{.rows = {{.sequence = 0, .context = context}}, .blocks = {{0, 1, 2}}};
    const at::Tensor q_NQH = wave({1, 6, 40}, 0.37, at::kFloat);
    const at::Tensor before = attend_cached_cpu(cache, batch, 0, q_NQH);

    const at::Tensor nan =
        at::full({3, 2, 40}, std::numeric_limits<float>::quiet_NaN(), at::kFloat);
    cache.write(0, ids_tensor({context, context + 1, context + 2}), nan, nan);

    EXPECT_EQ(max_difference(attend_cached_cpu(cache, batch, 0, q_NQH), before), 0.0)
        << "blocks of " << block_tokens;
  }
}

TEST(CachedAttention, RefusesARowThatReadsOutsideItsBlocks) {
  KvCache cache(
      {.num_layers = 1, .num_blocks = 2, .block_tokens = 4, .num_kv_heads = 1, .head_width = 4},
      at::kFloat);
  const CacheBatch batch{.rows = {{0, 5}}, .blocks = {{1}}};

  try {
    const CachedAttention attention(cache, batch);
    FAIL() << "a row saw 5 tokens in one block of 4";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("sees 5 tokens"));
  }
}

TEST(KvCache, CopiesABlockOfEveryLayer) {
  KvCache cache(
      {.num_layers = 2, .num_blocks = 4, .block_tokens = 2, .num_kv_heads = 1, .head_width = 2},
      at::kFloat);
  for (int64_t layer = 0; layer < 2; ++layer) {
    const at::Tensor x = at::full({1, 1, 2}, 3.0 + static_cast<double>(layer));
    cache.write(layer, ids_tensor({3}), x, 2 * x);
  }

  cache.copy_block(1, 3);

  EXPECT_EQ(cache.read(1, ids_tensor({7})).first[0][0][0].item<double>(), 4.0);
  EXPECT_EQ(cache.read(0, ids_tensor({7})).second[0][0][1].item<double>(), 6.0);
}

TEST(KvCache, NamesTheArgumentOfAWrongWrite) {
  KvCache cache(
      {.num_layers = 1, .num_blocks = 2, .block_tokens = 2, .num_kv_heads = 2, .head_width = 2},
      at::kFloat);

  try {
    cache.write(0, ids_tensor({1}), at::zeros({1, 2, 2}), at::zeros({1, 3, 2}));
    FAIL() << "values of three heads were taken";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("values: wanted [1, 2, 2]"));
  }
}

}  // namespace
}  // namespace stratagram::model
