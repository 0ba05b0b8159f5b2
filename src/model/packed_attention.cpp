#include <ATen/ops/cat.h>
#include <ATen/ops/full.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#include <ATen/ops/split_with_sizes.h>

#include <limits>
#include <map>
#include <utility>

#include "core/error.h"
#include "model/attention.h"
#include "model/elements.h"
#include "model/packed_blocks.h"
#include "model/packed_flash.h"

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

// Token i of the continuation may look up to prompt + i.
at::Tensor continuation_mask(int64_t prompt, int64_t length, const at::TensorOptions& options) {
  const at::Tensor nothing =
      at::full({length, prompt + length}, -std::numeric_limits<double>::infinity(), options);
  return nothing.triu(prompt + 1);
}

// By libtorch's differentiable operators, any device and dtype.
at::Tensor attend_by_parts(const at::Tensor& q_NQH,
                           const at::Tensor& k_NKH,
                           const at::Tensor& v_NKH,
                           const std::vector<PackedPart>& parts) {
  std::vector<int64_t> lengths;
  lengths.reserve(parts.size());
  for (const PackedPart& part : parts) lengths.push_back(part.length);
  // One split, not a narrow a part: the backward pass of a narrow writes all N tokens, which would
  // make a pass quadratic in the number of sequences.
  const std::vector<at::Tensor> queries = q_NQH.split_with_sizes(lengths, 0);
  const std::vector<at::Tensor> keys =
      repeat_kv_heads(k_NKH, q_NQH.size(1)).split_with_sizes(lengths, 0);
  const std::vector<at::Tensor> values =
      repeat_kv_heads(v_NKH, q_NQH.size(1)).split_with_sizes(lengths, 0);
  std::vector<at::Tensor> outputs;
  outputs.reserve(parts.size());
  size_t prompt = 0;
  for (size_t i = 0; i < parts.size(); ++i) {
    const bool continues = parts[i].prompt_length > 0;
    if (!continues) prompt = i;
    const auto seen = [&](const std::vector<at::Tensor>& all) {
      const at::Tensor x_SQH = continues ? at::cat({all[prompt], all[i]}, 0) : all[i];
      return x_SQH.transpose(0, 1).unsqueeze(0);
    };
    STRATAGRAM_CHECK(!continues || parts[i].mask.defined(), "attend: part {} has no mask", i);
    const std::optional<at::Tensor> mask = continues ? std::optional(parts[i].mask) : std::nullopt;
    const at::Tensor mixed =
        at::scaled_dot_product_attention(queries[i].transpose(0, 1).unsqueeze(0),
                                         seen(keys),
                                         seen(values),
                                         mask,
                                         /*dropout_p=*/0.0,
                                         /*is_causal=*/!continues);
    outputs.push_back(mixed.squeeze(0).transpose(0, 1));
  }
  return at::cat(outputs, 0);
}

}  // namespace

PackedAttention::PackedAttention(std::span<const PackedGroup> groups) {
  const auto add = [&](int64_t length, int64_t prompt_begin, int64_t prompt_length) {
    if (length > 0) {
      parts_.push_back({.begin = num_tokens_,
                        .length = length,
                        .prompt_begin = prompt_begin,
                        .prompt_length = prompt_length});
    }
    num_tokens_ += length;
  };
  for (const PackedGroup& group : groups) {
    STRATAGRAM_CHECK(
        group.prompt >= 1, "PackedAttention: wanted lengths of at least 1, got {}", group.prompt);
    const int64_t begin = num_tokens_;
    add(group.prompt, 0, 0);
    for (const int64_t length : group.continuations) add(length, begin, group.prompt);
  }
}

PackedAttention::PackedAttention(const std::vector<int64_t>& lengths)
    : PackedAttention(std::span<const PackedGroup>(groups_of(lengths))) {}

at::Tensor PackedAttention::attend(int64_t /*layer*/,
                                   const at::Tensor& q_NQH,
                                   const at::Tensor& k_NKH,
                                   const at::Tensor& v_NKH) {
  STRATAGRAM_CHECK(q_NQH.size(0) == num_tokens_,
                   "PackedAttention: wanted {} tokens (the sum of the lengths), got {}",
                   num_tokens_,
                   q_NQH.size(0));
  if (has_packed_blocks(q_NQH)) return packed_blocks(q_NQH, k_NKH, v_NKH, parts_);
  const bool by_flash = has_kernels(q_NQH);
  make_masks_(
      q_NQH.options().dtype(by_flash ? at::kFloat : q_NQH.scalar_type()).requires_grad(false),
      by_flash);
  if (by_flash) return packed_flash(q_NQH, k_NKH, v_NKH, parts_);
  return attend_by_parts(q_NQH, k_NKH, v_NKH, parts_);
}

// Once a forward call; continuations of one shape share theirs.
void PackedAttention::make_masks_(const at::TensorOptions& options, bool by_flash) {
  if (has_masks_) return;
  std::map<std::pair<int64_t, int64_t>, at::Tensor> masks;
  for (PackedPart& part : parts_) {
    if (by_flash ? !has_flash_mask(part) : part.prompt_length == 0) continue;
    at::Tensor& mask = masks[{part.prompt_length, part.length}];
    if (!mask.defined()) mask = continuation_mask(part.prompt_length, part.length, options);
    part.mask = mask;
  }
  has_masks_ = true;
}

}  // namespace stratagram::model
