#include "model/block_products.h"

#include <ATen/Parallel.h>
#include <ATen/native/CPUBlas.h>
#include <ATen/ops/empty.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "core/error.h"
#include "model/elements.h"
#include "model/pair_layout.h"

namespace stratagram::model {
namespace {

namespace cpublas = at::native::cpublas;

constexpr int64_t kPair = 2;
// Columns of a packed block, as many as the matrix unit's registers take side by side twice.
constexpr int64_t kBlockColumns = 64;
// Rows that one kernel sums over. With kMostOutputs it bounds what a thread reads again and again:
// its sums and a transposed part of the gradient, which stay in its own cache.
constexpr int64_t kSummedAtOnce = 256;
constexpr int64_t kMostOutputs = 384;
// Transposition and kernels work on so many rows at a time.
constexpr int64_t kRowsMultiple = 32;

int64_t divided_up(int64_t x, int64_t by) {
  return (x + by - 1) / by;
}

const at::BFloat16* as_bfloat16(const void* x) {
  return static_cast<const at::BFloat16*>(x);
}

}  // namespace

bool has_block_products(const at::Tensor& x) {
  static const bool could_pack = cpublas::could_pack(at::kBFloat16);
  return could_pack && x.device().is_cpu() && x.scalar_type() == at::kBFloat16;
}

void BlockProduct::run(const uint16_t* a, const uint32_t* b, float* c) const {
  cpublas::brgemm(
      m, n, k, a_stride, b_stride, c_stride, adds, as_bfloat16(a), as_bfloat16(b), c);
}

void release_block_products() {
  cpublas::brgemm_release();
}

GradientRows::GradientRows(const at::Tensor& x_NI)
    : num_rows_(x_NI.size(0)),
      padded_rows_(divided_up(num_rows_, kRowsMultiple) * kRowsMultiple),
      width_(x_NI.size(1)) {
  STRATAGRAM_CHECK(has_block_products(x_NI) && x_NI.is_contiguous(),
                   "GradientRows: wanted contiguous bfloat16 with kernels for it, got {} on {}",
                   c10::toString(x_NI.scalar_type()),
                   x_NI.device().str());
  const int64_t num_blocks = divided_up(width_, kBlockColumns);
  const int64_t block_words = padded_rows_ / kPair * kBlockColumns;
  blocks_ = at::empty({num_blocks, block_words}, x_NI.options().dtype(at::kInt));
  auto* words = static_cast<uint32_t*>(blocks_.mutable_data_ptr());
  const auto* x = elements<uint16_t>(x_NI);
  // By rows, of which there are many more than blocks, so that threads get the same work.
  const int64_t row_groups = padded_rows_ / kRowsMultiple;
  at::parallel_for(0, row_groups, 1, [&](int64_t begin, int64_t end) {
    const int64_t first_row = begin * kRowsMultiple;
    const int64_t rows = std::min(end * kRowsMultiple, num_rows_) - first_row;
    for (int64_t block = 0; block < num_blocks; ++block) {
      const int64_t first = block * kBlockColumns;
      pair_rows({.from = x + first_row * width_ + first,
                 .stride = width_,
                 .rows = rows,
                 .columns = std::min(kBlockColumns, width_ - first)},
                (end - begin) * kRowsMultiple,
                words + block * block_words + first_row / kPair * kBlockColumns,
                kBlockColumns);
    }
  });
}

void GradientRows::add_product_(const at::Tensor& sums_OI, const at::Tensor& gradient_NO) const {
  const int64_t num_outputs = gradient_NO.size(1);
  STRATAGRAM_CHECK(
      sums_OI.scalar_type() == at::kFloat && sums_OI.is_contiguous() && sums_OI.dim() == 2 &&
          sums_OI.size(0) == num_outputs && sums_OI.size(1) == width_ &&
          gradient_NO.scalar_type() == at::kBFloat16 && gradient_NO.size(0) == num_rows_ &&
          (gradient_NO.stride(1) == 1 || num_outputs == 1),
      "GradientRows: wanted float32 sums [{}, {}] and a bfloat16 gradient of {} rows, got {} {} and "
      "{} {}",
      num_outputs,
      width_,
      num_rows_,
      c10::toString(sums_OI.scalar_type()),
      sums_OI.sizes().vec(),
      c10::toString(gradient_NO.scalar_type()),
      gradient_NO.sizes().vec());
  const auto* gradient = elements<uint16_t>(gradient_NO);
  auto* sums = mutable_elements<float>(sums_OI);
  const auto* words = static_cast<const uint32_t*>(blocks_.const_data_ptr());
  const int64_t block_words = blocks_.size(1);
  const int64_t num_threads = at::get_num_threads();
  const int64_t per_thread = divided_up(num_outputs, num_threads);
  const int64_t outputs_at_once =
      divided_up(per_thread, divided_up(per_thread, kMostOutputs));
  const int64_t num_parts = divided_up(num_outputs, outputs_at_once);
  at::parallel_for(0, num_parts, 1, [&](int64_t begin, int64_t end) {
    std::vector<uint16_t> transposed(outputs_at_once * kSummedAtOnce);
    for (int64_t part = begin; part < end; ++part) {
      const int64_t first_output = part * outputs_at_once;
      const int64_t outputs = std::min(outputs_at_once, num_outputs - first_output);
      for (int64_t row = 0; row < padded_rows_; row += kSummedAtOnce) {
        const int64_t summed = std::min(kSummedAtOnce, padded_rows_ - row);
        transpose_rows({.from = gradient + row * gradient_NO.stride(0) + first_output,
                        .stride = gradient_NO.stride(0),
                        .rows = std::min(summed, num_rows_ - row),
                        .columns = outputs},
                       summed,
                       transposed.data(),
                       kSummedAtOnce);
        for (int64_t column = 0; column < width_; column += kBlockColumns) {
          const BlockProduct product{.m = outputs,
                                     .n = std::min(kBlockColumns, width_ - column),
                                     .k = summed,
                                     .a_stride = kSummedAtOnce,
                                     .b_stride = kBlockColumns,
                                     .c_stride = width_,
                                     .adds = true};
          product.run(transposed.data(),
                      words + column / kBlockColumns * block_words + row / kPair * kBlockColumns,
                      sums + first_output * width_ + column);
        }
      }
    }
    release_block_products();
  });
}

}  // namespace stratagram::model
