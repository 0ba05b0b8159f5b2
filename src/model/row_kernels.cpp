#include "model/row_kernels.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/zeros.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "core/error.h"
#include "model/elements.h"
#include "model/lanes.h"
#include "model/share_out.h"

namespace stratagram::model {
namespace {

// Rows whose share of a weight's gradient is summed before it joins the others, in this order for
// every number of threads.
constexpr int64_t kRowsOfPart = 64;

template <typename T>
struct NormRows {
  const T* x = nullptr;
  const T* weight = nullptr;
  const T* gradient = nullptr;  // of y; backward only
  const T* added = nullptr;     // to the gradient of x, or none
  T* out = nullptr;             // y, or the gradient of x
  float* scales = nullptr;
  int64_t width = 0;
  double eps = 0;
};

template <typename T>
STRATAGRAM_INLINE void norm_row(const NormRows<T>& n, int64_t row) {
  const T* x = n.x + row * n.width;
  Lanes squares = {};
  for (int64_t i = 0; i < n.width; i += kPairLanes) {
    const LanePair v = load_pair(x + i, std::min(kPairLanes, n.width - i));
    for (const Lanes& half : v.half) squares += half * half;
  }
  const double mean = static_cast<double>(sum_of(squares)) / static_cast<double>(n.width);
  const auto scale = static_cast<float>(1.0 / std::sqrt(mean + n.eps));
  n.scales[row] = scale;
  for (int64_t i = 0; i < n.width; i += kPairLanes) {
    const int64_t count = std::min(kPairLanes, n.width - i);
    const LanePair v = load_pair(x + i, count);
    const LanePair weight = load_pair(n.weight + i, count);
    LanePair y;
    for (int h = 0; h < 2; ++h) y.half[h] = v.half[h] * scale * weight.half[h];
    store_pair(n.out + row * n.width + i, y, count);
  }
}

// With s = scale: dx = s (w dy - x s^2 mean(w dy x)); dw += dy x s. The sums of dw are in the order
// of LanePairs, and whole ones.
template <typename T>
STRATAGRAM_INLINE void norm_row_backward(const NormRows<T>& n,
                                         int64_t row,
                                         float* weight_gradient) {
  const T* x = n.x + row * n.width;
  const T* dy = n.gradient + row * n.width;
  const float scale = n.scales[row];
  Lanes dots = {};
  for (int64_t i = 0; i < n.width; i += kPairLanes) {
    const int64_t count = std::min(kPairLanes, n.width - i);
    const LanePair v = load_pair(x + i, count);
    const LanePair g = load_pair(dy + i, count);
    const LanePair weight = load_pair(n.weight + i, count);
    LanePair sum = load_pair(weight_gradient + i);
    for (int h = 0; h < 2; ++h) {
      const Lanes product = g.half[h] * v.half[h];
      dots += product * weight.half[h];
      sum.half[h] += product * scale;
    }
    store_pair(weight_gradient + i, sum);
  }
  const float pull = sum_of(dots) / static_cast<float>(n.width) * scale * scale;
  for (int64_t i = 0; i < n.width; i += kPairLanes) {
    const int64_t count = std::min(kPairLanes, n.width - i);
    const LanePair v = load_pair(x + i, count);
    const LanePair g = load_pair(dy + i, count);
    const LanePair weight = load_pair(n.weight + i, count);
    LanePair dx;
    for (int h = 0; h < 2; ++h) {
      dx.half[h] = (g.half[h] * weight.half[h] - v.half[h] * pull) * scale;
    }
    if (n.added != nullptr) {
      const LanePair added = load_pair(n.added + row * n.width + i, count);
      for (int h = 0; h < 2; ++h) dx.half[h] += added.half[h];
    }
    store_pair(n.out + row * n.width + i, dx, count);
  }
}

template <typename T>
struct GatedRows {
  const T* both = nullptr;      // a row: gate, then up
  const T* gradient = nullptr;  // of the result; backward only
  T* out = nullptr;             // the result
  T* both_gradient = nullptr;   // backward only
  int64_t width = 0;            // of the result
};

template <typename T>
STRATAGRAM_INLINE void gated_row(const GatedRows<T>& r, int64_t row) {
  const T* gates = r.both + row * 2 * r.width;
  for (int64_t i = 0; i < r.width; i += kPairLanes) {
    const int64_t count = std::min(kPairLanes, r.width - i);
    const LanePair gates_here = load_pair(gates + i, count);
    LanePair result = load_pair(gates + r.width + i, count);
    for (int h = 0; h < 2; ++h) {
      const Lanes gate = gates_here.half[h];
      result.half[h] *= gate / (1.0F + exp_lanes(-gate));
    }
    store_pair(r.out + row * r.width + i, result, count);
  }
}

// With s = sigmoid(g): d silu / dg = s (1 + g (1 - s)).
template <typename T>
STRATAGRAM_INLINE void gated_row_backward(const GatedRows<T>& r, int64_t row) {
  const T* gates = r.both + row * 2 * r.width;
  T* gradients = r.both_gradient + row * 2 * r.width;
  for (int64_t i = 0; i < r.width; i += kPairLanes) {
    const int64_t count = std::min(kPairLanes, r.width - i);
    const LanePair gates_here = load_pair(gates + i, count);
    const LanePair up = load_pair(gates + r.width + i, count);
    const LanePair dy = load_pair(r.gradient + row * r.width + i, count);
    LanePair gate_gradient, up_gradient, result;
    for (int h = 0; h < 2; ++h) {
      const Lanes sigmoid = 1.0F / (1.0F + exp_lanes(-gates_here.half[h]));
      const Lanes silu = gates_here.half[h] * sigmoid;
      gate_gradient.half[h] = dy.half[h] * up.half[h] * (sigmoid + silu * (1.0F - sigmoid));
      up_gradient.half[h] = dy.half[h] * silu;
      result.half[h] = silu * up.half[h];
    }
    store_pair(gradients + i, gate_gradient, count);
    store_pair(gradients + r.width + i, up_gradient, count);
    store_pair(r.out + row * r.width + i, result, count);
  }
}

template <typename T>
struct AddedRows {
  float* sums = nullptr;
  const int64_t* rows = nullptr;
  const T* x = nullptr;
  int64_t num_rows = 0;
  int64_t width = 0;
};

// Some columns, so that threads never meet and each number is summed in the order of the rows.
template <typename T>
STRATAGRAM_CPU_CLONES void add_columns(const AddedRows<T>& a, int64_t begin, int64_t end) {
  for (int64_t n = 0; n < a.num_rows; ++n) {
    float* sum = a.sums + a.rows[n] * a.width;
    const T* x = a.x + n * a.width;
    for (int64_t i = begin; i < end; i += kLanes) {
      const int64_t count = std::min(kLanes, end - i);
      store_lanes(sum + i, load_lanes(sum + i, count) + load_lanes(x + i, count), count);
    }
  }
}

template <typename T>
STRATAGRAM_CPU_CLONES void gated_rows(const GatedRows<T>& r, int64_t begin, int64_t end) {
  for (int64_t row = begin; row < end; ++row) gated_row(r, row);
}

template <typename T>
STRATAGRAM_CPU_CLONES void gated_rows_backward(const GatedRows<T>& r, int64_t begin, int64_t end) {
  for (int64_t row = begin; row < end; ++row) gated_row_backward(r, row);
}

template <typename T>
struct RotatedRows {
  const T* x = nullptr;
  T* out = nullptr;
  const float* cos = nullptr;
  const float* sin = nullptr;
  int64_t x_stride = 0;  // from token to token
  int64_t num_heads = 0;
  int64_t half = 0;
  float direction = 1;
};

template <typename T>
STRATAGRAM_INLINE void rotate_token(const RotatedRows<T>& r, int64_t token) {
  for (int64_t i = 0; i < r.half; i += kPairLanes) {
    const int64_t count = std::min(kPairLanes, r.half - i);
    const LanePair cos = in_places_of<T>(load_pair(r.cos + token * r.half + i, count));
    const LanePair sin = in_places_of<T>(load_pair(r.sin + token * r.half + i, count));
    for (int64_t head = 0; head < r.num_heads; ++head) {
      const int64_t place = (token * r.num_heads + head) * 2 * r.half + i;
      const T* x = r.x + token * r.x_stride + head * 2 * r.half + i;
      const LanePair first = load_pair(x, count);
      const LanePair second = load_pair(x + r.half, count);
      LanePair first_out, second_out;
      for (int h = 0; h < 2; ++h) {
        const Lanes turn = sin.half[h] * r.direction;
        first_out.half[h] = first.half[h] * cos.half[h] - second.half[h] * turn;
        second_out.half[h] = second.half[h] * cos.half[h] + first.half[h] * turn;
      }
      store_pair(r.out + place, first_out, count);
      store_pair(r.out + place + r.half, second_out, count);
    }
  }
}

template <typename T>
STRATAGRAM_CPU_CLONES void norm_rows(const NormRows<T>& n, int64_t begin, int64_t end) {
  for (int64_t row = begin; row < end; ++row) norm_row(n, row);
}

template <typename T>
STRATAGRAM_CPU_CLONES void norm_rows_backward(const NormRows<T>& n,
                                              int64_t begin,
                                              int64_t end,
                                              float* weight_gradient) {
  for (int64_t row = begin; row < end; ++row) norm_row_backward(n, row, weight_gradient);
}

template <typename T>
STRATAGRAM_CPU_CLONES void rotate_tokens(const RotatedRows<T>& r, int64_t begin, int64_t end) {
  for (int64_t token = begin; token < end; ++token) rotate_token(r, token);
}

// From the order of LanePairs of T's to that of the columns.
template <typename T>
at::Tensor in_order(const at::Tensor& x_P, int64_t width) {
  if constexpr (std::is_same_v<T, float>) return x_P.narrow(0, 0, width);
  return x_P.view({-1, 2, kLanes}).transpose(1, 2).reshape({-1}).narrow(0, 0, width);
}

}  // namespace

Normed rms_norm_rows(const at::Tensor& x_RW, const at::Tensor& weight_W, double eps) {
  const int64_t num_rows = x_RW.size(0);
  const int64_t width = x_RW.size(1);
  Normed normed{.y_RW = at::empty_like(x_RW),
                .scales_R = at::empty({num_rows}, x_RW.options().dtype(at::kFloat))};
  with_element_type(x_RW, [&](auto type) {
    using T = typename decltype(type)::type;
    const NormRows<T> rows{.x = elements<T>(x_RW),
                           .weight = elements<T>(weight_W),
                           .out = mutable_elements<T>(normed.y_RW),
                           .scales = mutable_elements<float>(normed.scales_R),
                           .width = width,
                           .eps = eps};
    share_out_rows(num_rows, rows_of_piece(width), [&](int64_t begin, int64_t end) {
      norm_rows(rows, begin, end);
    });
  });
  return normed;
}

std::pair<at::Tensor, at::Tensor> rms_norm_rows_backward(const NormPull& pull) {
  const at::Tensor& x_RW = pull.x_RW;
  const int64_t num_rows = x_RW.size(0);
  const int64_t width = x_RW.size(1);
  const int64_t num_parts = (num_rows + kRowsOfPart - 1) / kRowsOfPart;
  const at::Tensor x_gradient_RW = at::empty_like(x_RW);
  const int64_t padded = (width + kPairLanes - 1) / kPairLanes * kPairLanes;
  const at::Tensor parts_PS = at::zeros({num_parts, padded}, x_RW.options().dtype(at::kFloat));
  at::Tensor weight_gradient_W;
  with_element_type(x_RW, [&](auto type) {
    using T = typename decltype(type)::type;
    const NormRows<T> rows{.x = elements<T>(x_RW),
                           .weight = elements<T>(pull.weight_W),
                           .gradient = elements<T>(pull.gradient_RW),
                           .added = pull.added_RW.defined() ? elements<T>(pull.added_RW) : nullptr,
                           .out = mutable_elements<T>(x_gradient_RW),
                           .scales = mutable_elements<float>(pull.scales_R),
                           .width = width};
    auto* parts = mutable_elements<float>(parts_PS);
    share_out(num_parts, [&](Pieces& pieces) {
      while (const auto part = pieces.take_()) {
        norm_rows_backward(rows,
                           *part * kRowsOfPart,
                           std::min(num_rows, (*part + 1) * kRowsOfPart),
                           parts + *part * padded);
      }
    });
    weight_gradient_W = in_order<T>(parts_PS.sum(0), width);
  });
  return {x_gradient_RW, weight_gradient_W};
}

at::Tensor gated_silu_rows(const at::Tensor& both_RW) {
  const int64_t width = both_RW.size(1) / 2;
  const at::Tensor result_RM = at::empty({both_RW.size(0), width}, both_RW.options());
  with_element_type(both_RW, [&](auto type) {
    using T = typename decltype(type)::type;
    const GatedRows<T> rows{
        .both = elements<T>(both_RW), .out = mutable_elements<T>(result_RM), .width = width};
    share_out_rows(both_RW.size(0), rows_of_piece(width), [&](int64_t begin, int64_t end) {
      gated_rows(rows, begin, end);
    });
  });
  return result_RM;
}

GatedPull gated_silu_rows_backward(const at::Tensor& gradient_RM, const at::Tensor& both_RW) {
  const int64_t width = both_RW.size(1) / 2;
  GatedPull pull{.both_gradient_RW = at::empty_like(both_RW),
                 .gated_RM = at::empty_like(gradient_RM)};
  with_element_type(both_RW, [&](auto type) {
    using T = typename decltype(type)::type;
    const GatedRows<T> rows{.both = elements<T>(both_RW),
                            .gradient = elements<T>(gradient_RM),
                            .out = mutable_elements<T>(pull.gated_RM),
                            .both_gradient = mutable_elements<T>(pull.both_gradient_RW),
                            .width = width};
    share_out_rows(both_RW.size(0), rows_of_piece(width), [&](int64_t begin, int64_t end) {
      gated_rows_backward(rows, begin, end);
    });
  });
  return pull;
}

void add_rows_(const at::Tensor& sums_VD, const at::Tensor& rows_N, const at::Tensor& x_ND) {
  STRATAGRAM_CHECK(sums_VD.scalar_type() == at::kFloat && sums_VD.is_contiguous() &&
                       rows_N.scalar_type() == at::kLong && rows_N.is_contiguous() &&
                       rows_N.numel() == x_ND.size(0) && sums_VD.size(1) == x_ND.size(1),
                   "add_rows_: wanted float32 sums and {} int64 rows of width {}, got {} {} and {} "
                   "of {}",
                   x_ND.size(0),
                   x_ND.size(1),
                   c10::toString(sums_VD.scalar_type()),
                   sums_VD.sizes().vec(),
                   rows_N.numel(),
                   c10::toString(rows_N.scalar_type()));
  const int64_t width = x_ND.size(1);
  with_element_type(x_ND, [&](auto type) {
    using T = typename decltype(type)::type;
    const AddedRows<T> added{.sums = mutable_elements<float>(sums_VD),
                             .rows = elements<int64_t>(rows_N),
                             .x = elements<T>(x_ND),
                             .num_rows = x_ND.size(0),
                             .width = width};
    // Whole lines of the sums, so that threads do not write to one.
    constexpr int64_t kColumns = 64;
    share_out_rows((width + kColumns - 1) / kColumns,
                   std::max<int64_t>(1, rows_of_piece(x_ND.size(0)) / kColumns),
                   [&](int64_t begin, int64_t end) {
                     add_columns(added, begin * kColumns, std::min(width, end * kColumns));
                   });
  });
}

at::Tensor rotate_rows(const at::Tensor& x_NQW,
                       const at::Tensor& cos_NF,
                       const at::Tensor& sin_NF,
                       float direction) {
  const int64_t num_heads = x_NQW.size(1);
  const int64_t width = x_NQW.size(2);
  STRATAGRAM_CHECK(x_NQW.stride(2) == 1 && (num_heads == 1 || x_NQW.stride(1) == width),
                   "rotate_rows: wanted a token's heads side by side, got strides {}",
                   x_NQW.strides().vec());
  const at::Tensor result = at::empty(x_NQW.sizes(), x_NQW.options());
  with_element_type(result, [&](auto type) {
    using T = typename decltype(type)::type;
    const RotatedRows<T> rows{.x = elements<T>(x_NQW),
                              .out = mutable_elements<T>(result),
                              .cos = elements<float>(cos_NF),
                              .sin = elements<float>(sin_NF),
                              .x_stride = x_NQW.stride(0),
                              .num_heads = num_heads,
                              .half = width / 2,
                              .direction = direction};
    share_out_rows(x_NQW.size(0),
                   rows_of_piece(num_heads * width),
                   [&](int64_t begin, int64_t end) { rotate_tokens(rows, begin, end); });
  });
  return result;
}

}  // namespace stratagram::model
