#include <ATen/ops/cat.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#include <ATen/ops/split_with_sizes.h>

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

PackedAttention::PackedAttention(std::vector<int64_t> lengths) : lengths_(std::move(lengths)) {
  for (const int64_t length : lengths_) {
    STRATAGRAM_CHECK(length >= 1, "PackedAttention: wanted lengths of at least 1, got {}", length);
  }
  num_tokens_ = std::accumulate(lengths_.begin(), lengths_.end(), int64_t{0});
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
  // One split, not a narrow a sequence: the backward pass of a narrow writes all N tokens, which
  // would make a pass quadratic in the number of sequences.
  const std::vector<at::Tensor> queries = q_NQH.split_with_sizes(lengths_, 0);
  const std::vector<at::Tensor> keys = k_NQH.split_with_sizes(lengths_, 0);
  const std::vector<at::Tensor> values = v_NQH.split_with_sizes(lengths_, 0);
  // [1, Q, T, H]: the layout libtorch's flash kernels want.
  const auto heads = [](const at::Tensor& x_TQH) { return x_TQH.transpose(0, 1).unsqueeze(0); };
  std::vector<at::Tensor> outputs;
  outputs.reserve(lengths_.size());
  for (size_t i = 0; i < lengths_.size(); ++i) {
    const at::Tensor mixed = at::scaled_dot_product_attention(heads(queries[i]),
                                                              heads(keys[i]),
                                                              heads(values[i]),
                                                              {},
                                                              /*dropout_p=*/0.0,
                                                              /*is_causal=*/true);
    outputs.push_back(mixed.squeeze(0).transpose(0, 1));
  }
  return at::cat(outputs, 0);
}

}  // namespace stratagram::model
