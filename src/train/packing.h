// train/packing.h -- sequences of different lengths as one run of tokens, without padding.
//
// Of a sequence of P prompt and R response tokens the first P + R - 1 are inputs: the last token
// predicts nothing that is wanted. The row of input t predicts token t + 1, so the rows from P - 1
// on predict the response, and no row that predicts a prompt token is ever scored.
//
// Neighbours whose prompt is the very same memory share it: it is an input once, and its last row
// predicts the first token of each of their responses.
//
// N packed input tokens, M response tokens of the micro-batch.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <vector>

#include "model/attention.h"

namespace stratagram::train {

/// Views of ids that live elsewhere.
struct Sequence {
  std::span<const int32_t> prompt;    ///< at least one token
  std::span<const int32_t> response;  ///< at least one token
};

/// Number of input tokens: prompt + response - 1.
[[nodiscard]] int64_t packed_length(const Sequence& sequence);

/// Parts sequences into micro-batches of at most `budget` input tokens each: neighbours that share
/// a prompt stay together as far as the budget allows, then first fit in order of falling length; a
/// sequence longer than the budget goes alone. Each index occurs once; inside a micro-batch they
/// ascend. Depends on the lengths, their order and what is shared alone.
[[nodiscard]] std::vector<std::vector<int64_t>> plan_micro_batches(
    std::span<const Sequence> sequences, int64_t budget);

/// Input for one forward pass. All tensors are int64 on one device.
struct PackedTokens {
  at::Tensor tokens_N;
  at::Tensor positions_N;                  ///< place of each token in its own sequence
  std::vector<model::PackedGroup> groups;  ///< in order; their tokens add up to N
  at::Tensor rows_M;                       ///< rows of N that predict a response token, by response
  at::Tensor targets_M;                    ///< the token each of them predicts
  std::vector<int64_t> response_lengths;   ///< of the sequences, in order; they add up to M
};

/// Throws Error(kInternal) with the place of a sequence that lacks prompt or response.
[[nodiscard]] PackedTokens pack(std::span<const Sequence> sequences, at::Device device);

/// Values per response token of several responses, one after the other: [M] on `device`.
[[nodiscard]] at::Tensor pack_values(const std::vector<std::span<const float>>& values,
                                     const at::TensorOptions& options);

/// The inverse: values_M (any floating dtype and device) by response, as float32.
/// Throws Error(kInternal) when the lengths do not add up to M.
[[nodiscard]] std::vector<std::vector<float>> unpack_values(
    const at::Tensor& values_M, std::span<const int64_t> response_lengths);

}  // namespace stratagram::train
