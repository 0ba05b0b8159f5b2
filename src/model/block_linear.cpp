#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "core/error.h"
#include "model/block_products.h"
#include "model/elements.h"
#include "model/lanes.h"
#include "model/pair_layout.h"

namespace stratagram::model {
namespace {

constexpr int64_t kPair = 2;
// One kernel's result: rows by columns.
constexpr int64_t kBlock = 64;
// Of rows that meet one block of columns after the other: what a core's own cache holds beside them.
constexpr int64_t kBytesOfRows = 1 << 20;

int64_t divided_up(int64_t x, int64_t by) {
  return (x + by - 1) / by;
}

// The second factor in blocks of columns, each [K/2, kBlock] words.
struct PackedColumns {
  at::Tensor words;
  int64_t summed = 0;   // K
  int64_t columns = 0;

  [[nodiscard]] const uint32_t* block(int64_t index) const {
    return static_cast<const uint32_t*>(words.const_data_ptr()) + index * summed / kPair * kBlock;
  }
};

template <typename PackBlock>
PackedColumns pack_columns(const at::Tensor& like,
                           int64_t summed,
                           int64_t columns,
                           const PackBlock& pack_block) {
  const int64_t num_blocks = divided_up(columns, kBlock);
  const int64_t block_words = summed / kPair * kBlock;
  PackedColumns packed{
      .words = at::empty({num_blocks * block_words}, like.options().dtype(at::kInt)),
      .summed = summed,
      .columns = columns};
  auto* words = static_cast<uint32_t*>(packed.words.mutable_data_ptr());
  at::parallel_for(0, num_blocks, 1, [&](int64_t begin, int64_t end) {
    for (int64_t block = begin; block < end; ++block) {
      const int64_t first = block * kBlock;
      pack_block(first, std::min(kBlock, columns - first), words + block * block_words);
    }
  });
  return packed;
}

// A weight [O, I] for x weight^T: columns are its rows.
PackedColumns packed_transpose(const at::Tensor& weight_OI) {
  const auto* weight = elements<uint16_t>(weight_OI);
  const int64_t stride = weight_OI.stride(0);
  const int64_t inputs = weight_OI.size(1);
  return pack_columns(
      weight_OI, inputs, weight_OI.size(0), [&](int64_t first, int64_t count, uint32_t* to) {
        pair_columns(
            {.from = weight + first * stride, .stride = stride, .rows = count, .columns = inputs},
            kBlock,
            to,
            kBlock);
      });
}

// A weight [O, I] for gradient weight.
PackedColumns packed_rows(const at::Tensor& weight_OI) {
  const auto* weight = elements<uint16_t>(weight_OI);
  const int64_t stride = weight_OI.stride(0);
  const int64_t outputs = weight_OI.size(0);
  return pack_columns(
      weight_OI, outputs, weight_OI.size(1), [&](int64_t first, int64_t count, uint32_t* to) {
        pair_rows({.from = weight + first, .stride = stride, .rows = outputs, .columns = count},
                  outputs,
                  to,
                  kBlock);
      });
}

// Where a block of the result goes.
struct Sink {
  uint16_t* out = nullptr;          // rounded, or
  float* sums = nullptr;            // added to
  const float* bias = nullptr;      // of all columns, or none
  const uint16_t* added = nullptr;  // as out, or none
  int64_t stride = 0;
};

struct SunkRows {
  int64_t first_row = 0;
  int64_t rows = 0;
  int64_t first_column = 0;
  int64_t columns = 0;
};

STRATAGRAM_CPU_CLONES void sink_block(const Sink& sink, const SunkRows& at, const float* block) {
  for (int64_t r = 0; r < at.rows; ++r) {
    const int64_t place = (at.first_row + r) * sink.stride + at.first_column;
    for (int64_t c = 0; c < at.columns; c += kLanes) {
      const int64_t count = std::min(kLanes, at.columns - c);
      Lanes x = load_lanes(block + r * kBlock + c, count);
      if (sink.sums != nullptr) {
        store_lanes(sink.sums + place + c, load_lanes(sink.sums + place + c, count) + x, count);
        continue;
      }
      if (sink.bias != nullptr) x += load_lanes(sink.bias + at.first_column + c, count);
      if (sink.added != nullptr) x += load_lanes(sink.added + place + c, count);
      store_lanes(sink.out + place + c, x, count);
    }
  }
}

// Rows times packed columns. All blocks are of one height, so that there is one kernel for them: the
// last one begins earlier and its first rows are left out.
void multiply(const at::Tensor& x_NK, const PackedColumns& packed, const Sink& sink) {
  const auto* x = elements<uint16_t>(x_NK);
  const int64_t stride = x_NK.stride(0);
  const int64_t num_rows = x_NK.size(0);
  const int64_t height = std::min(kBlock, num_rows);
  const int64_t row_blocks = divided_up(num_rows, height);
  const int64_t column_blocks = divided_up(packed.columns, kBlock);
  const int64_t num_threads = at::get_num_threads();
  const int64_t row_parts = std::min(row_blocks, num_threads);
  const int64_t column_parts = std::min(column_blocks, divided_up(num_threads, row_parts));
  const int64_t blocks_at_once =
      std::max<int64_t>(1, kBytesOfRows / (height * packed.summed * 2));

  const auto run_block = [&](int64_t row_block, int64_t column_block, float* block) {
    const int64_t wanted = row_block * height;
    const int64_t first_row = std::min(wanted, num_rows - height);
    const int64_t columns = std::min(kBlock, packed.columns - column_block * kBlock);
    BlockProduct{.m = height,
                 .n = columns,
                 .k = packed.summed,
                 .a_stride = stride,
                 .b_stride = kBlock,
                 .c_stride = kBlock}
        .run(x + first_row * stride, packed.block(column_block), block);
    sink_block(sink,
               {.first_row = wanted,
                .rows = first_row + height - wanted,
                .first_column = column_block * kBlock,
                .columns = columns},
               block + (wanted - first_row) * kBlock);
  };
  at::parallel_for(0, row_parts * column_parts, 1, [&](int64_t begin, int64_t end) {
    std::vector<float> block(kBlock * kBlock);
    for (int64_t part = begin; part < end; ++part) {
      const int64_t row_part = part / column_parts;
      const int64_t column_part = part % column_parts;
      const int64_t first_column = column_blocks * column_part / column_parts;
      const int64_t last_column = column_blocks * (column_part + 1) / column_parts;
      const int64_t last_row = row_blocks * (row_part + 1) / row_parts;
      for (int64_t first = row_blocks * row_part / row_parts; first < last_row;
           first += blocks_at_once) {
        for (int64_t column = first_column; column < last_column; ++column) {
          for (int64_t row = first; row < std::min(last_row, first + blocks_at_once); ++row) {
            run_block(row, column, block.data());
          }
        }
      }
    }
    release_block_products();
  });
}

void check_factors(const at::Tensor& x_NK, const at::Tensor& weight_OI, int64_t summed) {
  STRATAGRAM_CHECK(
      has_block_products(x_NK) && has_block_products(weight_OI) && x_NK.dim() == 2 &&
          weight_OI.dim() == 2 && x_NK.stride(1) == 1 && weight_OI.stride(1) == 1 &&
          x_NK.size(1) == summed && summed % kPair == 0,
      "block product: wanted bfloat16 rows of an even width {} with kernels for it, got {} {} and "
      "{} {}",
      summed,
      c10::toString(x_NK.scalar_type()),
      x_NK.sizes().vec(),
      c10::toString(weight_OI.scalar_type()),
      weight_OI.sizes().vec());
}

}  // namespace

at::Tensor block_linear(const at::Tensor& x_NI,
                        const at::Tensor& weight_OI,
                        const at::Tensor& bias_O,
                        const at::Tensor& added_NO) {
  check_factors(x_NI, weight_OI, weight_OI.size(1));
  const int64_t outputs = weight_OI.size(0);
  const at::Tensor result_NO = at::empty({x_NI.size(0), outputs}, x_NI.options());
  STRATAGRAM_CHECK(
      !added_NO.defined() || (added_NO.sizes() == result_NO.sizes() && added_NO.is_contiguous()),
      "block_linear: wanted {} to add, contiguous, got {}",
      result_NO.sizes().vec(),
      added_NO.sizes().vec());
  const at::Tensor wide_bias_O = bias_O.defined() ? bias_O.to(at::kFloat).contiguous() : bias_O;
  multiply(x_NI,
           packed_transpose(weight_OI),
           {.out = mutable_elements<uint16_t>(result_NO),
            .bias = bias_O.defined() ? elements<float>(wide_bias_O) : nullptr,
            .added = added_NO.defined() ? elements<uint16_t>(added_NO) : nullptr,
            .stride = outputs});
  return result_NO;
}

at::Tensor block_linear_backward(const at::Tensor& gradient_NO, const at::Tensor& weight_OI) {
  check_factors(gradient_NO, weight_OI, weight_OI.size(0));
  const int64_t inputs = weight_OI.size(1);
  const at::Tensor result_NI = at::empty({gradient_NO.size(0), inputs}, gradient_NO.options());
  multiply(gradient_NO,
           packed_rows(weight_OI),
           {.out = mutable_elements<uint16_t>(result_NI), .stride = inputs});
  return result_NI;
}

void add_block_linear_backward_(const at::Tensor& sums_NI,
                                const at::Tensor& gradient_NO,
                                const at::Tensor& weight_OI) {
  check_factors(gradient_NO, weight_OI, weight_OI.size(0));
  STRATAGRAM_CHECK(sums_NI.scalar_type() == at::kFloat && sums_NI.is_contiguous() &&
                       sums_NI.size(0) == gradient_NO.size(0) &&
                       sums_NI.size(1) == weight_OI.size(1),
                   "block product: wanted contiguous float32 sums [{}, {}], got {} {}",
                   gradient_NO.size(0),
                   weight_OI.size(1),
                   c10::toString(sums_NI.scalar_type()),
                   sums_NI.sizes().vec());
  multiply(gradient_NO,
           packed_rows(weight_OI),
           {.sums = mutable_elements<float>(sums_NI), .stride = weight_OI.size(1)});
}

}  // namespace stratagram::model
