#include "model/panel_product.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/error.h"
#include "model/elements.h"
#include "model/panel_kernel.h"
#include "model/share_out.h"

namespace stratagram::model {
namespace {

// A matrix of any strides.
template <typename T>
struct Matrix {
  const T* data = nullptr;
  int64_t row_stride = 0;
  int64_t column_stride = 0;
};

template <typename T>
Matrix<T> matrix_of(const at::Tensor& x) {
  return {elements<T>(x), x.stride(0), x.stride(1)};
}

STRATAGRAM_INLINE void put(uint16_t* to, uint16_t x) {
  *to = x;
}
template <typename T>
STRATAGRAM_INLINE void put(float* to, T x) {
  *to = as_float(x);
}

// A column stride of 1 is known where this is compiled, which then takes vectors.
template <typename T, typename W>
STRATAGRAM_INLINE void fill_panel(
    const Matrix<T>& from_KO, int64_t column_stride, int64_t inputs, int64_t outputs, W* panel) {
  for (int64_t i = 0; i < inputs; ++i) {
    for (int64_t o = 0; o < outputs; ++o) {
      put(panel + i * kPanel + place_of<W>(o),
          from_KO.data[i * from_KO.row_stride + o * column_stride]);
    }
  }
}

// `outputs` of the matrix, from its first on, [inputs, 16]; zeros after them.
template <typename T, typename W>
STRATAGRAM_CPU_CLONES void pack_panel(const Matrix<T>& from_KO,
                                      int64_t inputs,
                                      int64_t outputs,
                                      W* panel) {
  if (outputs < kPanel) {
    std::fill_n(panel, inputs * kPanel, W{});
    fill_panel(from_KO, from_KO.column_stride, inputs, outputs, panel);
  } else if (from_KO.column_stride == 1) {
    fill_panel(from_KO, 1, inputs, kPanel, panel);
  } else {
    fill_panel(from_KO, from_KO.column_stride, inputs, kPanel, panel);
  }
}

template <typename T>
STRATAGRAM_INLINE void fill_tile(
    const Matrix<T>& rows, int64_t column_stride, int64_t inputs, int64_t height, float* tile) {
  for (int64_t i = 0; i < inputs; ++i) {
    for (int64_t r = 0; r < height; ++r) {
      put(tile + i * height + r, rows.data[r * rows.row_stride + i * column_stride]);
    }
  }
}

// The first `height` rows, [inputs, height].
template <typename T>
STRATAGRAM_CPU_CLONES void pack_tile(const Matrix<T>& rows,
                                     int64_t inputs,
                                     int64_t height,
                                     float* tile) {
  if (height < kTile) {
    fill_tile(rows, rows.column_stride, inputs, height, tile);
  } else if (rows.column_stride == 1) {
    fill_tile(rows, 1, inputs, kTile, tile);
  } else {
    fill_tile(rows, rows.column_stride, inputs, kTile, tile);
  }
}

// Owns what a PackedRows points to.
struct RowsMemory {
  at::Tensor numbers;
  PackedRows rows;
};

template <typename T>
RowsMemory pack_rows(const at::Tensor& x_NI) {
  const int64_t num_inputs = x_NI.size(1);
  RowsMemory memory{.numbers = at::empty({x_NI.numel()}, at::kFloat), .rows = {}};
  auto* tiles = memory.numbers.mutable_data_ptr<float>();
  memory.rows = {.tiles = tiles, .num_rows = x_NI.size(0), .num_inputs = num_inputs};
  const PackedRows rows = memory.rows;
  const auto matrix = matrix_of<T>(x_NI);
  at::parallel_for(0, rows.num_tiles(), 1, [&](int64_t begin, int64_t end) {
    for (int64_t tile = begin; tile < end; ++tile) {
      const int64_t row = rows.first_row(tile);
      pack_tile(
          Matrix<T>{matrix.data + row * matrix.row_stride, matrix.row_stride, matrix.column_stride},
          num_inputs,
          rows.first_row(tile + 1) - row,
          tiles + row * num_inputs);
    }
  });
  return memory;
}

int64_t panels_of(int64_t outputs) {
  return (outputs + kPanel - 1) / kPanel;
}

// Some panels of a product and some of its tiles.
struct Share {
  int64_t first_panel = 0;
  int64_t num_panels = 0;
  TileRange tiles{};
};

// Calls with all shares, on libtorch's threads. Rows are divided where there are hardly as many
// panels as threads: each share of them packs its panels anew.
template <typename Call>
void each_share(int64_t num_panels, const PackedRows& rows, const Call& call) {
  if (num_panels == 0) return;
  const int64_t wanted = (2 * at::get_num_threads() - 1) / num_panels + 1;
  const int64_t num_parts = std::clamp<int64_t>(wanted, 1, rows.num_tiles() / kMostTiles + 1);
  constexpr int64_t kGroupsOfThread = 4;
  const int64_t num_groups =
      std::max((num_panels - 1) / kMostPanels + 1,
               std::min(num_panels, kGroupsOfThread * at::get_num_threads()));
  share_out(num_parts * num_groups, [&](Pieces& pieces) {
    while (const auto piece = pieces.take_()) {
      const int64_t part = *piece / num_groups;
      const int64_t group = *piece % num_groups;
      const int64_t first = group * num_panels / num_groups;
      call(Share{.first_panel = first,
                 .num_panels = (group + 1) * num_panels / num_groups - first,
                 .tiles = {part * rows.num_tiles() / num_parts,
                           (part + 1) * rows.num_tiles() / num_parts}});
    }
  });
}

template <typename T>
Result<T> result_of(const at::Tensor& result_NO, const PanelOptions& options) {
  return {.data = mutable_elements<T>(result_NO),
          .num_outputs = result_NO.size(1),
          .bias = options.bias_O.defined() ? elements<T>(options.bias_O) : nullptr,
          .adds = options.adds};
}

template <typename T, typename Out>
void multiply_by_any_(const Result<Out>& to, const at::Tensor& x_NK, const at::Tensor& factor_KO) {
  const RowsMemory memory = pack_rows<T>(x_NK);
  const int64_t num_inputs = x_NK.size(1);
  const auto factor = matrix_of<T>(factor_KO);
  each_share(panels_of(to.num_outputs), memory.rows, [&](const Share& share) {
    const at::Tensor packed = at::empty({share.num_panels * num_inputs * kPanel}, at::kFloat);
    auto* panels = packed.mutable_data_ptr<float>();
    for (int64_t panel = 0; panel < share.num_panels; ++panel) {
      const int64_t first = (share.first_panel + panel) * kPanel;
      pack_panel(
          Matrix<T>{
              factor.data + first * factor.column_stride, factor.row_stride, factor.column_stride},
          num_inputs,
          std::min(kPanel, to.num_outputs - first),
          panels + panel * num_inputs * kPanel);
    }
    multiply_panels(memory.rows,
                    share.tiles,
                    Panels<float>{panels, share.num_panels, share.first_panel * kPanel},
                    to);
  });
}

// A bias, or none.
bool fits(const at::Tensor& bias_O, int64_t outputs, const at::Tensor& like) {
  return !bias_O.defined() || (bias_O.is_contiguous() && bias_O.numel() == outputs &&
                               bias_O.scalar_type() == like.scalar_type());
}

}  // namespace

PanelWeight::PanelWeight(const at::Tensor& weight_OI) {
  STRATAGRAM_CHECK(
      has_kernels(weight_OI) && weight_OI.dim() == 2,
      "PanelWeight: wanted a matrix of float32 or bfloat16 on the CPU, got {} {} on {}",
      c10::toString(weight_OI.scalar_type()),
      weight_OI.sizes().vec(),
      weight_OI.device().str());
  num_outputs_ = weight_OI.size(0);
  const at::Tensor rows_OI = weight_OI.contiguous();
  const int64_t num_inputs = rows_OI.size(1);
  panels_PIL_ = at::empty({panels_of(num_outputs_), num_inputs, kPanel},
                          rows_OI.options().requires_grad(false));
  with_element_type(rows_OI, [&](auto type) {
    using T = typename decltype(type)::type;
    const auto factor_IO = matrix_of<T>(rows_OI.t());
    T* panels = mutable_elements<T>(panels_PIL_);
    at::parallel_for(0, panels_PIL_.size(0), 1, [&](int64_t begin, int64_t end) {
      for (int64_t panel = begin; panel < end; ++panel) {
        pack_panel(Matrix<T>{factor_IO.data + panel * kPanel * num_inputs, 1, num_inputs},
                   num_inputs,
                   std::min(kPanel, num_outputs_ - panel * kPanel),
                   panels + panel * kPanel * num_inputs);
      }
    });
  });
}

at::Tensor PanelWeight::multiply(const at::Tensor& x_NI, const at::Tensor& bias_O) const {
  const int64_t num_inputs = panels_PIL_.size(1);
  STRATAGRAM_CHECK(x_NI.dim() == 2 && x_NI.size(1) == num_inputs &&
                       x_NI.scalar_type() == panels_PIL_.scalar_type() &&
                       fits(bias_O, num_outputs_, x_NI),
                   "PanelWeight: wanted rows of {} {}, got {} of {}",
                   num_inputs,
                   c10::toString(panels_PIL_.scalar_type()),
                   x_NI.sizes().vec(),
                   c10::toString(x_NI.scalar_type()));
  const at::Tensor result_NO = at::empty({x_NI.size(0), num_outputs_}, x_NI.options());
  with_element_type(result_NO, [&](auto type) {
    using T = typename decltype(type)::type;
    const RowsMemory memory = pack_rows<T>(x_NI);
    const auto to = result_of<T>(result_NO, {.bias_O = bias_O});
    const T* panels = elements<T>(panels_PIL_);
    each_share(panels_PIL_.size(0), memory.rows, [&](const Share& share) {
      multiply_panels(memory.rows,
                      share.tiles,
                      Panels<T>{panels + share.first_panel * num_inputs * kPanel,
                                share.num_panels,
                                share.first_panel * kPanel},
                      to);
    });
  });
  return result_NO;
}

void multiply_by_panels_(const at::Tensor& result_NO,
                         const at::Tensor& x_NK,
                         const at::Tensor& factor_KO,
                         const PanelOptions& options) {
  const at::ScalarType dtype = x_NK.scalar_type();
  STRATAGRAM_CHECK(
      has_kernels(x_NK) && has_kernels(factor_KO) && has_kernels(result_NO) && x_NK.dim() == 2 &&
          factor_KO.dim() == 2 && result_NO.dim() == 2 && x_NK.size(1) == factor_KO.size(0) &&
          result_NO.size(0) == x_NK.size(0) && result_NO.size(1) == factor_KO.size(1) &&
          factor_KO.scalar_type() == dtype && result_NO.is_contiguous() &&
          (result_NO.scalar_type() == dtype || result_NO.scalar_type() == at::kFloat) &&
          fits(options.bias_O, result_NO.size(1), result_NO) &&
          !(options.adds && options.bias_O.defined()),
      "multiply_by_panels_: wanted factors of one dtype that meet in as many numbers and a result "
      "of "
      "their product's size, contiguous, in that dtype or float32, to which a bias of its dtype "
      "and "
      "columns is added or nothing but the product, got {} {}, {} {}, {} {} with strides {} and {}",
      c10::toString(dtype),
      x_NK.sizes().vec(),
      c10::toString(factor_KO.scalar_type()),
      factor_KO.sizes().vec(),
      c10::toString(result_NO.scalar_type()),
      result_NO.sizes().vec(),
      result_NO.strides().vec(),
      !options.bias_O.defined() ? "no bias"
                                : fmt::format("a bias {} {}{}",
                                              c10::toString(options.bias_O.scalar_type()),
                                              options.bias_O.sizes().vec(),
                                              options.adds ? " to add to the result" : ""));
  if (dtype == at::kFloat) {
    multiply_by_any_<float>(result_of<float>(result_NO, options), x_NK, factor_KO);
  } else if (result_NO.scalar_type() == at::kFloat) {
    multiply_by_any_<uint16_t>(result_of<float>(result_NO, options), x_NK, factor_KO);
  } else {
    multiply_by_any_<uint16_t>(result_of<uint16_t>(result_NO, options), x_NK, factor_KO);
  }
}

}  // namespace stratagram::model
