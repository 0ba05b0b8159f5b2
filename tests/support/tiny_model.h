// tests/support/tiny_model.h -- small models with random weights, for tests of everything that runs
// the forward pass.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "model/transformer.h"

namespace stratagram {

struct TinyOptions {
  model::Family family = model::Family::kQwen3;
  int64_t vocab_size = 48;
  int64_t num_layers = 2;
  bool tied_head = false;
  uint64_t seed = 7;
  at::ScalarType dtype = at::kFloat;
  double scale = 0.25;  ///< standard deviation; large, so that logits differ much between tokens
  bool wide = false;    ///< width 256 with heads of 64: weights large enough to be packed
};

/// 4 query heads, 2 key heads of width 10 (no multiple of a vector), width 24; but see `wide`.
[[nodiscard]] model::ModelConfig tiny_config(const TinyOptions& options = {});

/// Normal draws from keyed streams, biases and norms included.
[[nodiscard]] model::Transformer tiny_model(const TinyOptions& options = {});

/// int64 tensors on the CPU.
[[nodiscard]] at::Tensor ids_tensor(const std::vector<int64_t>& ids);
/// 0 .. length-1 for each length, one after the other.
[[nodiscard]] at::Tensor packed_positions(const std::vector<int64_t>& lengths);

/// Logits [N, V] of one sequence in one pass over all its tokens.
[[nodiscard]] at::Tensor full_pass_logits(const model::Transformer& model,
                                          const std::vector<int64_t>& ids);

/// Made-up numbers in [-1, 1]: sin(pace i) for the i-th.
[[nodiscard]] at::Tensor wave(const std::vector<int64_t>& shape,
                              double pace,
                              at::ScalarType dtype = at::kDouble);

/// Largest absolute difference; 0 for empty tensors.
[[nodiscard]] double max_difference(const at::Tensor& a, const at::Tensor& b);

}  // namespace stratagram
