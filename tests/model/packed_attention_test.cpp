#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/linspace.h>
#include <ATen/ops/zeros.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>
#include <functional>
#include <limits>
#include <thread>

#include "model/attention.h"
#include "model/elements.h"
#include "model/packed_blocks.h"
#include "tests/support/tiny_model.h"

namespace stratagram::model {
namespace {

using Tensors = std::vector<at::Tensor>;

std::vector<PackedGroup> ragged_groups() {
  return {{.prompt = 5, .continuations = {3, 1, 0, 17}},
          {.prompt = 1},
          {.prompt = 40, .continuations = {70, 2}},
          {.prompt = 2, .continuations = {0}}};
}

// Lengths around those of the kernels' blocks.
std::vector<PackedGroup> long_groups() {
  return {{.prompt = 64, .continuations = {64, 1, 129}},
          {.prompt = 63, .continuations = {65}},
          {.prompt = 270, .continuations = {261}},
          {.prompt = 130}};
}

// With parts whose query heads are work of their own: prompts that something follows and that
// nothing follows, continuations longer than their prompt and shorter ones.
std::vector<PackedGroup> divided_groups() {
  return {{.prompt = 520, .continuations = {30, 515}},
          {.prompt = 40, .continuations = {530, 7}},
          {.prompt = 512}};
}

int64_t num_tokens(const std::vector<PackedGroup>& groups) {
  int64_t total = 0;
  for (const PackedGroup& group : groups) {
    total += group.prompt;
    for (const int64_t length : group.continuations) total += length;
  }
  return total;
}

// Result and gradients of queries, keys and values.
Tensors pulled(const std::function<at::Tensor(const Tensors&)>& attend, const Tensors& inputs) {
  Tensors leaves;
  for (const at::Tensor& input : inputs) leaves.push_back(input.detach().requires_grad_(true));
  const at::Tensor result = attend(leaves);
  const at::Tensor pull = wave(result.sizes().vec(), 0.77).to(at::kBFloat16);
  torch::autograd::backward({result}, {pull.to(result.scalar_type())});
  return {result.detach(), leaves[0].grad(), leaves[1].grad(), leaves[2].grad()};
}

// A group's tokens by row, 1 for each that one may see.
at::Tensor seen_by_each(const PackedGroup& group) {
  const int64_t total = num_tokens({group});
  const at::Tensor seen_NN = at::zeros({total, total});
  int64_t token = 0;
  for (; token < group.prompt; ++token) seen_NN[token].narrow(0, 0, token + 1).fill_(1);
  for (const int64_t length : group.continuations) {
    for (int64_t t = 0; t < length; ++t, ++token) {
      seen_NN[token].narrow(0, 0, group.prompt).fill_(1);
      seen_NN[token].narrow(0, token - t, t + 1).fill_(1);
    }
  }
  return seen_NN;
}

// Softmax attention written out: every token of a group with every other, those left out that it
// may not see.
at::Tensor written_out(const std::vector<PackedGroup>& groups, const Tensors& qkv) {
  Tensors mixed;
  int64_t first = 0;
  for (const PackedGroup& group : groups) {
    const int64_t total = num_tokens({group});
    const auto heads_of = [&](const at::Tensor& x_NKH) {
      const int64_t repeats = qkv[0].size(1) / x_NKH.size(1);
      return x_NKH.narrow(0, first, total).repeat_interleave(repeats, 1).transpose(0, 1);
    };
    const at::Tensor scores_QNN = heads_of(qkv[0]).matmul(heads_of(qkv[1]).transpose(1, 2)) /
                                  std::sqrt(static_cast<double>(qkv[0].size(2)));
    const at::Tensor seen_QNN =
        scores_QNN.masked_fill(seen_by_each(group) == 0, -std::numeric_limits<double>::infinity());
    mixed.push_back(seen_QNN.softmax(-1).matmul(heads_of(qkv[2])).transpose(0, 1));
    first += total;
  }
  return at::cat(mixed);
}

TEST(PackedAttention, EqualsAttentionWrittenOut) {
  using Groups = std::vector<PackedGroup> (*)();
  for (const auto& [heads, kv_heads, width, groups_of] :
       {std::tuple<int64_t, int64_t, int64_t, Groups>{4, 4, 8, ragged_groups},
        {6, 2, 10, ragged_groups},
        {9, 3, 64, ragged_groups},
        {4, 1, 16, ragged_groups},
        {2, 2, 32, long_groups},
        {3, 1, 64, long_groups},
        {2, 1, 128, long_groups},
        {2, 1, 96, long_groups},
        {4, 2, 32, divided_groups},
        {3, 1, 64, divided_groups},
        {2, 2, 10, divided_groups}}) {
    const std::vector<PackedGroup> groups = groups_of();
    const int64_t total = num_tokens(groups);
    // Later keys weigh more, so that what was summed up before them has to shrink.
    const at::Tensor growth_N11 = at::linspace(0.3, 3.0, total, at::kDouble).view({-1, 1, 1});
    for (const at::ScalarType dtype : {at::kDouble, at::kFloat, at::kBFloat16}) {
      const Tensors given{wave({total, heads, width}, 0.9).mul(2).to(dtype),
                          wave({total, kv_heads, width}, 0.37).mul(growth_N11).to(dtype),
                          wave({total, kv_heads, width}, 0.21).to(dtype)};
      Tensors exact;
      for (const at::Tensor& x : given) exact.push_back(x.to(at::kDouble));
      const Tensors got = pulled(
          [&](const Tensors& qkv) {
            PackedAttention attention(groups);
            return attention.attend(0, qkv[0], qkv[1], qkv[2]);
          },
          given);
      const Tensors wanted =
          pulled([&](const Tensors& qkv) { return written_out(groups, qkv); }, exact);
      // float64: libtorch's own sums; bfloat16: the kernels round probabilities, too.
      const double allowed = dtype == at::kDouble ? 1e-12 : dtype == at::kFloat ? 3e-6 : 2e-2;
      // Of a token that sees many others little is left but the mean: held against its own size.
      const at::Tensor differences_NQ = (got[0].to(at::kDouble) - wanted[0]).abs().amax(-1);
      const at::Tensor sizes_NQ = wanted[0].abs().amax(-1) + 0.02;
      EXPECT_LT((differences_NQ / sizes_NQ).max().item<double>(), 3 * allowed)
          << dtype << ", " << heads << " heads";
      for (size_t i = 0; i < got.size(); ++i) {
        EXPECT_EQ(got[i].scalar_type(), dtype);
        const double size = std::max(1.0, wanted[i].abs().max().item<double>());
        EXPECT_LT(max_difference(got[i].to(at::kDouble), wanted[i]), allowed * size)
            << "result " << i << " of " << dtype << ", " << heads << " heads";
      }
    }
  }
}

std::vector<PackedPart> parts_of(const std::vector<PackedGroup>& groups) {
  std::vector<PackedPart> parts;
  int64_t begin = 0;
  for (const PackedGroup& group : groups) {
    const int64_t prompt = begin;
    parts.push_back({.begin = begin, .length = group.prompt});
    begin += group.prompt;
    for (const int64_t length : group.continuations) {
      parts.push_back({.begin = begin,
                       .length = length,
                       .prompt_begin = prompt,
                       .prompt_length = group.prompt});
      begin += length;
    }
  }
  return parts;
}

Tensors attended_in_blocks(const std::vector<PackedPart>& parts,
                           const Tensors& given,
                           const at::Tensor& pull) {
  Tensors leaves;
  for (const at::Tensor& input : given) leaves.push_back(input.detach().requires_grad_(true));
  const at::Tensor mixed = packed_blocks(leaves[0], leaves[1], leaves[2], parts);
  torch::autograd::backward({mixed}, {pull});
  return {mixed.detach(), leaves[0].grad(), leaves[1].grad(), leaves[2].grad()};
}

// To the bit: what comes after a token changes nothing before it, and what flows into a token
// reaches none after it, though it does reach the token itself. Also by plain loops, where the
// processor has no matrix unit.
TEST(PackedBlocks, SeeNothingThatComesLater) {
  constexpr int64_t kLength = 270;
  for (const int64_t prompt : {0, 37}) {
    const int64_t total = prompt + kLength;
    std::vector<PackedPart> parts;
    if (prompt > 0) parts.push_back({.begin = 0, .length = prompt});
    parts.push_back(
        {.begin = prompt, .length = kLength, .prompt_begin = 0, .prompt_length = prompt});
    const Tensors given{wave({total, 2, 32}, 0.9).to(at::kBFloat16),
                        wave({total, 1, 32}, 0.37).to(at::kBFloat16),
                        wave({total, 1, 32}, 0.21).to(at::kBFloat16)};
    for (const int64_t last : {0, 30, 31, 32, 62, 63, 64, 254, 255, 256}) {
      const int64_t count = prompt + last + 1;
      const at::Tensor pull = at::zeros({total, 2, 32}, at::kBFloat16);
      pull.narrow(0, count - 1, 1).fill_(1.0);
      const Tensors got = attended_in_blocks(parts, given, pull);
      Tensors changed;
      for (const at::Tensor& x : given) {
        changed.push_back(x.clone());
        changed.back().narrow(0, count, total - count).mul_(-3.0);
      }
      const Tensors other = attended_in_blocks(parts, changed, pull);

      EXPECT_TRUE(got[0].narrow(0, 0, count).equal(other[0].narrow(0, 0, count))) << last;
      EXPECT_FALSE(got[0][count].equal(other[0][count])) << last;
      for (size_t i = 1; i < got.size(); ++i) {
        EXPECT_TRUE(got[i].equal(other[i])) << last << ", gradient " << i;
        EXPECT_EQ(got[i].narrow(0, count, total - count).abs().max().item<double>(), 0.0) << last;
      }
      // Of values: the token's own probability is above 0, and so is the first token's.
      EXPECT_GT(got[3][count - 1].abs().max().item<double>(), 0.0) << last;
      EXPECT_GT(got[3][0].abs().max().item<double>(), 0.0) << last;
    }
  }
}

// Whoever takes a part: the same bits.
TEST(PackedBlocks, DoNotDependOnTheNumberOfThreads) {
  std::vector<PackedGroup> groups = long_groups();
  for (const PackedGroup& group : divided_groups()) groups.push_back(group);
  const int64_t total = num_tokens(groups);
  const Tensors given{wave({total, 4, 32}, 0.9).to(at::kBFloat16),
                      wave({total, 2, 32}, 0.37).to(at::kBFloat16),
                      wave({total, 2, 32}, 0.21).to(at::kBFloat16)};
  const at::Tensor pull = wave({total, 4, 32}, 0.77).to(at::kBFloat16);
  const int threads = at::get_num_threads();
  std::vector<Tensors> results;
  for (const int count : {1, 2, 3}) {
    at::set_num_threads(count);
    results.push_back(attended_in_blocks(parts_of(groups), given, pull));
  }
  at::set_num_threads(threads);
  for (size_t i = 0; i < results[0].size(); ++i) {
    EXPECT_TRUE(results[0][i].equal(results[1][i])) << "result " << i;
    EXPECT_TRUE(results[0][i].equal(results[2][i])) << "result " << i;
  }
}

// Calls on a new thread, whose helpers are new too, `count` together. Those that have served with
// another number keep it for products of float32, which are rounded by it.
void with_new_threads(int count, const std::function<void()>& call) {
  const int before = at::get_num_threads();
  std::thread([&] {
    at::set_num_threads(count);
    call();
  }).join();
  at::set_num_threads(before);
}

// Threads have modes of their own: what they write into was made in the caller's.
TEST(PackedAttention, ServesInferenceOnSeveralThreads) {
  const std::vector<PackedGroup> groups = divided_groups();
  const int64_t total = num_tokens(groups);
  const auto attended = [&](bool infers, at::ScalarType dtype) {
    const c10::InferenceMode inference(infers);
    PackedAttention attention(groups);
    return attention.attend(0,
                            wave({total, 4, 32}, 0.9).to(dtype),
                            wave({total, 2, 32}, 0.37).to(dtype),
                            wave({total, 2, 32}, 0.21).to(dtype));
  };
  for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16}) {
    at::Tensor alone, inferred, trained;
    with_new_threads(1, [&] { alone = attended(false, dtype); });
    with_new_threads(3, [&] {
      inferred = attended(true, dtype);
      trained = attended(false, dtype);
    });
    EXPECT_EQ(max_difference(inferred, trained), 0.0) << dtype;
    // MKL without AVX-512 rounds by the number of threads.
    EXPECT_LE(max_difference(inferred, alone), has_avx2_alone() ? 1e-5 : 0.0) << dtype;
  }
}

// By libtorch's flash kernel, whose products must not be divided among threads where a part is
// alone: they would round otherwise than in company.
TEST(PackedAttention, GivesAPartTheSameBitsAloneAndInCompanyInFloat32) {
  constexpr int64_t kOthers = 40;
  const auto compare = [&](const PackedGroup& group) {
    const int64_t length = num_tokens({group});
    const auto results_of = [&](const std::vector<PackedGroup>& groups) {
      const int64_t total = num_tokens(groups);
      const auto first_rows = [&](int64_t heads, double step) {
        return wave({length + kOthers, heads, 32}, step).narrow(0, 0, total).to(at::kFloat);
      };
      // One head: nothing else to share out among the threads.
      Tensors leaves{first_rows(1, 0.9), first_rows(1, 0.37), first_rows(1, 0.21)};
      for (at::Tensor& leaf : leaves) leaf.requires_grad_(true);
      PackedAttention attention(groups);
      const at::Tensor mixed = attention.attend(0, leaves[0], leaves[1], leaves[2]);
      torch::autograd::backward({mixed}, {first_rows(1, 0.77)});
      Tensors results{mixed.detach(), leaves[0].grad(), leaves[1].grad(), leaves[2].grad()};
      for (at::Tensor& result : results) result = result.narrow(0, 0, length);
      return results;
    };
    const Tensors alone = results_of({group});
    const Tensors together = results_of({group, {.prompt = kOthers}});
    for (size_t i = 0; i < alone.size(); ++i) {
      EXPECT_TRUE(alone[i].equal(together[i])) << "result " << i << " of " << length << " tokens";
    }
  };
  with_new_threads(2, [&] {
    compare({.prompt = 500});
    compare({.prompt = 1000});
    compare({.prompt = 40, .continuations = {600}});
  });
}

TEST(PackedAttention, TakesPartsOfWiderRows) {
  for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16}) {
    const at::Tensor rows = wave({9, 320}, 0.3).to(dtype);
    const auto part = [&](int64_t first, int64_t heads) {
      return rows.narrow(1, first * 32, heads * 32).view({9, heads, 32});
    };
    const auto attend = [](const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) {
      PackedAttention attention({4, 5});
      return attention.attend(0, q, k, v);
    };
    EXPECT_EQ(
        max_difference(
            attend(part(0, 6), part(6, 2), part(8, 2)),
            attend(part(0, 6).contiguous(), part(6, 2).contiguous(), part(8, 2).contiguous())),
        0.0);
  }
}

}  // namespace
}  // namespace stratagram::model
