#include "model/logit_blocks.h"

#include <ATen/ops/empty.h>

#include <algorithm>

#include "model/products.h"
#include "model/softmax_rows.h"

namespace stratagram::model {

int64_t LogitShape::num_within(int64_t megabytes) const {
  constexpr int64_t kMega = 1'000'000;
  if (megabytes > num_blocks * bytes / kMega) return num_blocks;
  return megabytes * kMega / std::max<int64_t>(1, bytes);
}

LogitShape logit_shape(int64_t num_rows, const at::Tensor& weight_VD) {
  constexpr int64_t kBytesAtOnce = 16'000'000;
  const auto element = static_cast<int64_t>(weight_VD.element_size());
  const int64_t part_bytes = std::max<int64_t>(1, num_rows * kSoftmaxColumns * element);
  const int64_t most = std::max<int64_t>(1, kBytesAtOnce / part_bytes) * kSoftmaxColumns;
  const int64_t columns = std::min(weight_VD.size(0), most);
  return {.columns = columns,
          .bytes = num_rows * columns * element,
          .num_blocks = (weight_VD.size(0) + most - 1) / most};
}

at::Tensor LogitBlocks::memory() const {
  return at::empty({hidden_ND_.size(0) * shape_.columns}, hidden_ND_.options());
}

at::Tensor LogitBlocks::multiply(int64_t block, const at::Tensor& memory) const {
  const int64_t num_rows = hidden_ND_.size(0);
  const int64_t first = first_column(block);
  const int64_t columns = std::min(shape_.columns, weight_VD_.size(0) - first);
  at::Tensor logits_NB = memory.narrow(0, 0, num_rows * columns).view({num_rows, columns});
  multiply_into_(logits_NB, hidden_ND_, weight_VD_.narrow(0, first, columns).t());
  return logits_NB;
}

}  // namespace stratagram::model
