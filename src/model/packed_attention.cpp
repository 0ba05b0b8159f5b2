#include <ATen/ops/cat.h>
#include <ATen/ops/full.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#include <ATen/ops/split_with_sizes.h>

#include <limits>
#include <numeric>
#include <utility>

#include "core/error.h"
#include "model/attention.h"

namespace stratagram::model {

at::Tensor repeat_kv_heads(const at::Tensor& x_NKH, int64_t num_heads) {
  const int64_t num_kv_heads = x_NKH.size(-2);
  if (num_kv_heads == num_heads) return x_NKH;
  const int64_t repeats = num_heads / num_kv_heads;
  return x_NKH.unsqueeze(2)
      .expand({x_NKH.size(0), num_kv_heads, repeats, x_NKH.size(2)})
      .reshape({x_NKH.size(0), num_heads, x_NKH.size(2)});
}

namespace {

std::vector<PackedGroup> groups_of(const std::vector<int64_t>& lengths) {
  std::vector<PackedGroup> groups;
  groups.reserve(lengths.size());
  for (const int64_t length : lengths) groups.push_back({.prompt = length});
  return groups;
}

// [1, Q, T, H]: the layout libtorch's flash kernels want.
at::Tensor heads_of(const at::Tensor& x_TQH) {
  return x_TQH.transpose(0, 1).unsqueeze(0);
}

}  // namespace

PackedAttention::PackedAttention(std::span<const PackedGroup> groups)
    : groups_(groups.begin(), groups.end()) {
  for (const PackedGroup& group : groups_) {
    STRATAGRAM_CHECK(
        group.prompt >= 1, "PackedAttention: wanted lengths of at least 1, got {}", group.prompt);
    lengths_.push_back(group.prompt);
    lengths_.insert(lengths_.end(), group.continuations.begin(), group.continuations.end());
  }
  num_tokens_ = std::accumulate(lengths_.begin(), lengths_.end(), int64_t{0});
}

PackedAttention::PackedAttention(const std::vector<int64_t>& lengths)
    : PackedAttention(std::span<const PackedGroup>(groups_of(lengths))) {}

// 0 where token i of the continuation may look, that is up to prompt + i, and -inf elsewhere: the
// kernels' own causal mask begins at the first key.
const at::Tensor& PackedAttention::continuation_mask(int64_t prompt,
                                                     int64_t length,
                                                     const at::TensorOptions& options) {
  at::Tensor& mask = masks_[{prompt, length}];
  if (!mask.defined()) {
    const at::Tensor nothing =
        at::full({length, prompt + length}, -std::numeric_limits<double>::infinity(), options);
    mask = nothing.triu(prompt + 1);
  }
  return mask;
}

at::Tensor PackedAttention::attend(int64_t /*layer*/,
                                   const at::Tensor& q_NQH,
                                   const at::Tensor& k_NKH,
                                   const at::Tensor& v_NKH) {
  STRATAGRAM_CHECK(q_NQH.size(0) == num_tokens_,
                   "PackedAttention: wanted {} tokens (the sum of the lengths), got {}",
                   num_tokens_,
                   q_NQH.size(0));
  const at::Tensor k_NQH = repeat_kv_heads(k_NKH, q_NQH.size(1));
  const at::Tensor v_NQH = repeat_kv_heads(v_NKH, q_NQH.size(1));
  // One split, not a narrow a part: the backward pass of a narrow writes all N tokens, which would
  // make a pass quadratic in the number of sequences.
  const std::vector<at::Tensor> queries = q_NQH.split_with_sizes(lengths_, 0);
  const std::vector<at::Tensor> keys = k_NQH.split_with_sizes(lengths_, 0);
  const std::vector<at::Tensor> values = v_NQH.split_with_sizes(lengths_, 0);
  std::vector<at::Tensor> outputs;
  outputs.reserve(lengths_.size());
  size_t part = 0;
  const auto add = [&](const at::Tensor& mixed) {
    outputs.push_back(mixed.squeeze(0).transpose(0, 1));
  };
  for (const PackedGroup& group : groups_) {
    const size_t prompt = part++;
    add(at::scaled_dot_product_attention(heads_of(queries[prompt]),
                                         heads_of(keys[prompt]),
                                         heads_of(values[prompt]),
                                         {},
                                         /*dropout_p=*/0.0,
                                         /*is_causal=*/true));
    for (const int64_t length : group.continuations) {
      const size_t own = part++;
      if (length == 0) continue;
      const auto behind_prompt = [&](const std::vector<at::Tensor>& parts) {
        return heads_of(at::cat({parts[prompt], parts[own]}, 0));
      };
      add(at::scaled_dot_product_attention(
          heads_of(queries[own]),
          behind_prompt(keys),
          behind_prompt(values),
          continuation_mask(group.prompt, length, q_NQH.options().requires_grad(false))));
    }
  }
  return at::cat(outputs, 0);
}

}  // namespace stratagram::model
