#include "model/kv_cache.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
                  .num_slots = num_slots,
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
  CacheBatch batch{.block_tokens = 4, .rows = {}, .blocks = {blocks}};
  std::vector<int64_t> positions;
  for (size_t i = 0; i < ids.size(); ++i) {
    positions.push_back(context + static_cast<int64_t>(i));
    batch.rows.push_back({.sequence = 0, .context = positions.back() + 1});
  }
  CachedAttention attention(cache, batch);
  const at::Tensor hidden_ND = model.forward(ids_tensor(ids), ids_tensor(positions), attention);
  return head_logits(hidden_ND, model.head_weight_VD());
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

TEST(CachedKernel, EqualsTheReferenceOnRaggedRows) {
  for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16}) {
    KvCache cache({.num_layers = 1, .num_slots = 48, .num_kv_heads = 2, .head_width = 19},
                  at::TensorOptions().dtype(dtype));
    const Transformer source = tiny_model({.vocab_size = 200});
    // Any smooth values will do: take them from a weight matrix.
    const at::Tensor noise = source.weights().at("model.embed_tokens.weight").flatten();
    const auto take = [&](std::vector<int64_t> shape, int64_t from) {
      int64_t count = 1;
      for (const int64_t n : shape) count *= n;
      return noise.narrow(0, from, count).view(shape).to(dtype);
    };
    std::vector<int64_t> slots(48);
    for (int64_t i = 0; i < 48; ++i) slots[i] = i;
    cache.write(0, ids_tensor(slots), take({48, 2, 19}, 0), take({48, 2, 19}, 1900));
    const CacheBatch batch{.block_tokens = 8,
                           .rows = {{0, 1}, {1, 24}, {-1, 0}, {2, 17}, {2, 18}},
                           .blocks = {{5}, {0, 3, 1}, {2, 4, 0}}};
    const at::Tensor q_NQH = take({5, 4, 19}, 3000);

    const at::Tensor fast = attend_cached_cpu(cache, batch, 0, q_NQH);
    const at::Tensor plain = attend_cached_reference(cache, batch, 0, q_NQH);

    // bfloat16 results carry 8 bits; both sum in float32.
    EXPECT_LT(max_difference(fast, plain), dtype == at::kFloat ? 1e-6 : 4e-3);
    EXPECT_EQ(fast[2].abs().max().item<double>(), 0.0) << "a padding row got values";
  }
}

TEST(CachedAttention, RefusesARowThatReadsOutsideItsBlocks) {
  KvCache cache({.num_layers = 1, .num_slots = 8, .num_kv_heads = 1, .head_width = 4}, at::kFloat);
  const CacheBatch batch{.block_tokens = 4, .rows = {{0, 5}}, .blocks = {{1}}};

  try {
    const CachedAttention attention(cache, batch);
    FAIL() << "a row saw 5 tokens in one block of 4";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("sees 5 tokens"));
  }
}

TEST(KvCache, CopiesABlockOfEveryLayer) {
  KvCache cache({.num_layers = 2, .num_slots = 4, .num_kv_heads = 1, .head_width = 2}, at::kFloat);
  for (int64_t layer = 0; layer < 2; ++layer) {
    const at::Tensor x = at::full({1, 1, 2}, 3.0 + static_cast<double>(layer));
    cache.write(layer, ids_tensor({1}), x, 2 * x);
  }

  cache.copy(1, 3, 1);

  EXPECT_EQ(cache.keys(1)[3][0][0].item<double>(), 4.0);
  EXPECT_EQ(cache.values(0)[3][0][1].item<double>(), 6.0);
}

TEST(KvCache, NamesTheArgumentOfAWrongWrite) {
  KvCache cache({.num_layers = 1, .num_slots = 4, .num_kv_heads = 2, .head_width = 2}, at::kFloat);

  try {
    cache.write(0, ids_tensor({1}), at::zeros({1, 2, 2}), at::zeros({1, 3, 2}));
    FAIL() << "values of three heads were taken";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("values: wanted [1, 2, 2]"));
  }
}

}  // namespace
}  // namespace stratagram::model
