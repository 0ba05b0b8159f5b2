#include "model/panel_product.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <c10/util/BFloat16.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <type_traits>

#include "core/error.h"
#include "model/aligned.h"
#include "model/elements.h"
#include "model/lanes.h"

namespace stratagram::model {
namespace {

constexpr int64_t kPanel = 16;
// Inputs whose part of a panel stays in the first cache, as float32, while all rows pass by.
constexpr int64_t kBlock = 320;
// Twelve of the sixteen registers hold sums of six rows, the others weights and a factor.
constexpr int64_t kTile = 6;
// Rows whose sums, and a block of whose factors, stay in the second cache.
constexpr int64_t kMostRows = 256;

struct Sixteen {
  Lanes8 low;
  Lanes8 high;
};

STRATAGRAM_INLINE Sixteen load_sixteen(const float* from) {
  return {load_as<Lanes8>(from), load_as<Lanes8>(from + kLanesOf<Lanes8>)};
}

STRATAGRAM_INLINE void store_sixteen(float* to, const Sixteen& sixteen) {
  std::memcpy(to, &sixteen.low, sizeof sixteen.low);
  std::memcpy(to + kLanesOf<Lanes8>, &sixteen.high, sizeof sixteen.high);
}

// Outputs 0 to 7 lie in the lower halves of eight words, 8 to 15 in the upper ones.
STRATAGRAM_INLINE Sixteen load_sixteen(const uint16_t* from) {
  IntegersOf<Lanes8>::Words words;
  std::memcpy(&words, from, sizeof words);
  return {std::bit_cast<Lanes8>(words << 16), std::bit_cast<Lanes8>(words & 0xFFFF0000U)};
}

template <typename T>
struct Call {
  const T* panels = nullptr;  // [panels, I, 16]
  const float* x = nullptr;   // [rows, I]
  const T* bias = nullptr;    // [O], or none
  T* out = nullptr;           // [rows, O]
  int64_t num_rows = 0;
  int64_t num_inputs = 0;
  int64_t num_outputs = 0;
};

// The first of the fewest parts of at most `most`, all as even as they can be: tiles of few rows
// wait for their own sums, and a short block does little between loading and storing them.
STRATAGRAM_INLINE int64_t even_part(int64_t all, int64_t most) {
  return (all - 1) / ((all - 1) / most + 1) + 1;
}

// Some rows' share of a block: sums [rows, 16] += x [rows, count] weights [count, 16]. T is float
// where a block was widened.
template <typename T>
struct Tile {
  const float* x = nullptr;
  int64_t x_stride = 0;
  const T* weights = nullptr;
  int64_t count = 0;
  float* sums = nullptr;
};

// The next block, as wide as `Fetched` makes it, comes from memory meanwhile, unless that is void.
template <int64_t kRows, typename Fetched, typename T>
STRATAGRAM_INLINE void add_tile(const Tile<T>& tile, const Fetched* next) {
  Lanes8 low[kRows];
  Lanes8 high[kRows];
  for (int64_t r = 0; r < kRows; ++r) {
    const Sixteen before = load_sixteen(tile.sums + r * kPanel);
    low[r] = before.low;
    high[r] = before.high;
  }
  for (int64_t i = 0; i < tile.count; ++i) {
    if constexpr (!std::is_void_v<Fetched>) __builtin_prefetch(next + i * kPanel, 0, 2);
    const Sixteen w = load_sixteen(tile.weights + i * kPanel);
    for (int64_t r = 0; r < kRows; ++r) {
      low[r] += tile.x[r * tile.x_stride + i] * w.low;
      high[r] += tile.x[r * tile.x_stride + i] * w.high;
    }
  }
  for (int64_t r = 0; r < kRows; ++r) {
    store_sixteen(tile.sums + r * kPanel, {low[r], high[r]});
  }
}

template <typename Fetched, typename T>
STRATAGRAM_INLINE void add_rows(const Tile<T>& tile, int64_t rows, const Fetched* next) {
  switch (rows) {
    case 1:
      return add_tile<1>(tile, next);
    case 2:
      return add_tile<2>(tile, next);
    case 3:
      return add_tile<3>(tile, next);
    case 4:
      return add_tile<4>(tile, next);
    case 5:
      return add_tile<5>(tile, next);
    default:
      return add_tile<kTile>(tile, next);
  }
}

// As float32, which then serves many rows.
STRATAGRAM_INLINE const float* widened(const float* block, int64_t /*count*/, float* /*wide*/) {
  return block;
}
STRATAGRAM_INLINE const float* widened(const uint16_t* block, int64_t count, float* wide) {
  for (int64_t i = 0; i < count; ++i) {
    store_sixteen(wide + i * kPanel, load_sixteen(block + i * kPanel));
  }
  return wide;
}

template <typename T>
STRATAGRAM_INLINE void add_block(
    const Call<T>& c, const T* block, int64_t first, int64_t count, float* sums) {
  const T* next = block + count * kPanel;
  if (c.num_rows <= kTile) {
    const Tile<T> tile{c.x + first, c.num_inputs, block, count, sums};
    add_rows(tile, c.num_rows, next);
    return;
  }
  alignas(kCacheLine) float wide[kBlock * kPanel];
  Tile<float> tile{c.x + first, c.num_inputs, widened(block, count, wide), count, sums};
  for (int64_t left = c.num_rows; left > 0;) {
    const int64_t rows = even_part(left, kTile);
    if (left == c.num_rows) {
      add_rows(tile, rows, next);
    } else {
      add_rows(tile, rows, static_cast<const void*>(nullptr));
    }
    tile.x += rows * c.num_inputs;
    tile.sums += rows * kPanel;
    left -= rows;
  }
}

STRATAGRAM_INLINE void store_number(float* to, float x) {
  *to = x;
}

STRATAGRAM_INLINE void store_number(uint16_t* to, float x) {
  *to = c10::BFloat16(x).x;
}

STRATAGRAM_INLINE float number(float x) {
  return x;
}
STRATAGRAM_INLINE float number(uint16_t x) {
  return c10::BFloat16(x, c10::BFloat16::from_bits());
}

// `count` of a whole panel is known where this is compiled, which then takes vectors.
template <typename T>
STRATAGRAM_INLINE void store_row(T* out, const float* sums, const T* bias, int64_t count) {
  if (bias == nullptr) {
    for (int64_t o = 0; o < count; ++o) store_number(out + o, sums[o]);
  } else {
    for (int64_t o = 0; o < count; ++o) store_number(out + o, sums[o] + number(bias[o]));
  }
}

template <typename T>
STRATAGRAM_INLINE void store_sums(const Call<T>& c, int64_t panel, const float* sums) {
  const int64_t first = panel * kPanel;
  const int64_t count = std::min(kPanel, c.num_outputs - first);
  const T* bias = c.bias == nullptr ? nullptr : c.bias + first;
  for (int64_t row = 0; row < c.num_rows; ++row) {
    T* out = c.out + row * c.num_outputs + first;
    if (count == kPanel) {
      store_row(out, sums + row * kPanel, bias, kPanel);
    } else {
      store_row(out, sums + row * kPanel, bias, count);
    }
  }
}

template <typename T>
STRATAGRAM_CPU_CLONES void multiply_panels(const Call<T>& c, int64_t begin, int64_t end) {
  alignas(kCacheLine) float sums[kMostRows * kPanel];
  for (int64_t panel = begin; panel < end; ++panel) {
    std::memset(sums, 0, sizeof(float) * c.num_rows * kPanel);
    const T* weights = c.panels + panel * c.num_inputs * kPanel;
    for (int64_t first = 0; first < c.num_inputs;) {
      const int64_t count = even_part(c.num_inputs - first, kBlock);
      add_block(c, weights + first * kPanel, first, count, sums);
      first += count;
    }
    store_sums(c, panel, sums);
  }
}

// Where in a panel's sixteen numbers an output stands, as load_sixteen() takes them.
template <typename T>
constexpr int64_t place_of(int64_t output) {
  return std::is_same_v<T, float> ? output : output % 8 * 2 + output / 8;
}

template <typename T>
void fill_panel(const T* weight, int64_t num_outputs, int64_t num_inputs, T* panel) {
  if (num_outputs < kPanel) std::fill_n(panel, num_inputs * kPanel, T{});
  for (int64_t i = 0; i < num_inputs; ++i) {
    for (int64_t o = 0; o < num_outputs; ++o) {
      panel[i * kPanel + place_of<T>(o)] = weight[o * num_inputs + i];
    }
  }
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
  const int64_t num_panels = (num_outputs_ + kPanel - 1) / kPanel;
  panels_PIL_ = at::empty({num_panels, num_inputs, kPanel}, rows_OI.options().requires_grad(false));
  with_element_type(rows_OI, [&](auto type) {
    using T = typename decltype(type)::type;
    const T* weight = elements<T>(rows_OI);
    T* panels = mutable_elements<T>(panels_PIL_);
    at::parallel_for(0, num_panels, 1, [&](int64_t begin, int64_t end) {
      for (int64_t panel = begin; panel < end; ++panel) {
        fill_panel(weight + panel * kPanel * num_inputs,
                   std::min(kPanel, num_outputs_ - panel * kPanel),
                   num_inputs,
                   panels + panel * kPanel * num_inputs);
      }
    });
  });
}

at::Tensor PanelWeight::multiply(const at::Tensor& x_NI, const at::Tensor& bias_O) const {
  const int64_t num_inputs = panels_PIL_.size(1);
  STRATAGRAM_CHECK(
      x_NI.dim() == 2 && x_NI.size(1) == num_inputs &&
          x_NI.scalar_type() == panels_PIL_.scalar_type() &&
          (!bias_O.defined() || (bias_O.is_contiguous() && bias_O.numel() == num_outputs_ &&
                                 bias_O.scalar_type() == x_NI.scalar_type())),
      "PanelWeight: wanted rows of {} {}, got {} of {}",
      num_inputs,
      c10::toString(panels_PIL_.scalar_type()),
      x_NI.sizes().vec(),
      c10::toString(x_NI.scalar_type()));
  const at::Tensor wide_NI = x_NI.to(at::kFloat).contiguous();
  const at::Tensor result_NO = at::empty({x_NI.size(0), num_outputs_}, x_NI.options());
  with_element_type(result_NO, [&](auto type) {
    using T = typename decltype(type)::type;
    for (int64_t row = 0; row < x_NI.size(0); row += kMostRows) {
      const Call<T> call{.panels = elements<T>(panels_PIL_),
                         .x = elements<float>(wide_NI) + row * num_inputs,
                         .bias = bias_O.defined() ? elements<T>(bias_O) : nullptr,
                         .out = mutable_elements<T>(result_NO) + row * num_outputs_,
                         .num_rows = std::min(kMostRows, x_NI.size(0) - row),
                         .num_inputs = num_inputs,
                         .num_outputs = num_outputs_};
      at::parallel_for(0, panels_PIL_.size(0), 1, [&](int64_t begin, int64_t end) {
        multiply_panels(call, begin, end);
      });
    }
  });
  return result_NO;
}

}  // namespace stratagram::model
