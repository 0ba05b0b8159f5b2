// model/logit_blocks.h -- the logits of all rows in some columns of the vocabulary, one block of
// columns after the other, for the head's CPU kernels.
//
// N rows, D width, V vocabulary, B columns of a block.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace stratagram::model {

/// How the vocabulary is cut: a multiple of kSoftmaxColumns at a time, as many as 16 MB hold.
struct LogitShape {
  int64_t columns = 0;  ///< of each block but the last
  int64_t bytes = 0;    ///< of such a block's logits
  int64_t num_blocks = 0;

  /// Blocks whose logits take at most so much together; megabytes from 0 on.
  [[nodiscard]] int64_t num_within(int64_t megabytes) const;
};

[[nodiscard]] LogitShape logit_shape(int64_t num_rows, const at::Tensor& weight_VD);

/// Refers to both tensors.
class LogitBlocks {
 public:
  LogitBlocks(const at::Tensor& hidden_ND, const at::Tensor& weight_VD)
      : hidden_ND_(hidden_ND),
        weight_VD_(weight_VD),
        shape_(logit_shape(hidden_ND.size(0), weight_VD)) {}

  [[nodiscard]] const LogitShape& shape() const { return shape_; }
  [[nodiscard]] int64_t size() const { return shape_.num_blocks; }
  [[nodiscard]] int64_t first_column(int64_t block) const { return block * shape_.columns; }

  /// For one block of logits.
  [[nodiscard]] at::Tensor memory() const;

  /// Logits [N, B], in the memory given. No gradient is recorded.
  [[nodiscard]] at::Tensor multiply(int64_t block, const at::Tensor& memory) const;

 private:
  const at::Tensor& hidden_ND_;
  const at::Tensor& weight_VD_;
  LogitShape shape_;
};

}  // namespace stratagram::model
