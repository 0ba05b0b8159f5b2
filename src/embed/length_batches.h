// embed/length_batches.h -- token sequences in batches of one length and one size each.
//
// There is no padding inside a batch, and sequences of T tokens always meet kernels in the same
// shape: on one machine configuration a sequence's vector does not depend, to the bit, on what else
// is embedded. What is missing from the last batch of a length is filled up with one of its rows.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "grams/embedder.h"

namespace stratagram::embed {

/// Tokens in one batch, as far as one sequence has no more.
inline constexpr int64_t kBatchTokens = 1024;

/// Sequences of `length` tokens (at least 1) in a batch.
[[nodiscard]] int64_t batch_rows(int64_t length);

/// [B, T] tokens, int64 on the CPU, to [B, D] float32 vectors on the CPU.
using BatchEncoder = std::function<at::Tensor(const at::Tensor& tokens_BT)>;

/// A vector of `width` for each sequence, in their order; sequences have a token each at least.
/// `progress` is told how many sequences are done. Throws Error: kInterrupted between batches after
/// a signal; kNumeric when a vector is not finite, with its index.
[[nodiscard]] grams::Embeddings encode_by_length(std::span<const std::vector<int32_t>> sequences,
                                                 int64_t width,
                                                 const BatchEncoder& encode,
                                                 const std::function<void(int64_t)>& progress);

}  // namespace stratagram::embed
