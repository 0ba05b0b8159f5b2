// model/attention.h -- how the tokens of one forward call see each other. The transformer computes
// queries, keys and values; an Attention turns them into the mixed values.
//
// N packed tokens, Q query heads, K key/value heads, H head width; head q uses key head q / (Q/K).
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <vector>

#include "model/packed_part.h"

namespace stratagram::model {

/// One object serves one forward call at a time. Owns no weights.
class Attention {
 public:
  virtual ~Attention() = default;

  /// Softmax attention with scale 1/sqrt(H).
  ///   q_NQH k_NKH v_NKH  after rotary embedding, any strides, one dtype and device
  /// Returns [N, Q, H] of the same dtype.
  virtual at::Tensor attend(int64_t layer,
                            const at::Tensor& q_NQH,
                            const at::Tensor& k_NKH,
                            const at::Tensor& v_NKH) = 0;

 protected:
  Attention() = default;
  Attention(const Attention&) = default;
  Attention& operator=(const Attention&) = default;
};

/// A prompt and what follows it in several sequences, one after the other in the packed tokens: the
/// prompt is there once, and every continuation sees it and itself. A sequence that shares nothing
/// is all prompt.
struct PackedGroup {
  int64_t prompt = 0;                    ///< tokens, at least 1
  std::vector<int64_t> continuations{};  ///< tokens of each, may be 0
};

/// Causal attention inside each of several sequences that lie one after the other in the packed
/// tokens. No padding, differentiable.
class PackedAttention : public Attention {
 public:
  /// attend() throws Error(kInternal) when the lengths do not add up to N.
  explicit PackedAttention(std::span<const PackedGroup> groups);
  /// Sequences that share nothing, of these lengths.
  explicit PackedAttention(const std::vector<int64_t>& lengths);

  at::Tensor attend(int64_t layer,
                    const at::Tensor& q_NQH,
                    const at::Tensor& k_NKH,
                    const at::Tensor& v_NKH) override;

 private:
  void make_masks_(const at::TensorOptions& options, bool by_flash);

  std::vector<PackedPart> parts_;
  int64_t num_tokens_ = 0;
  bool has_masks_ = false;
};

/// Keys or values [..., K, H] with each head repeated num_heads/K times: [..., Q, H].
[[nodiscard]] at::Tensor repeat_kv_heads(const at::Tensor& x_NKH, int64_t num_heads);

}  // namespace stratagram::model
