#include "model/softmax_rows.h"

#include <ATen/ops/empty.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "model/elements.h"
#include "model/lanes.h"
#include "model/share_out.h"

namespace stratagram::model {
namespace {

struct Part {
  float highest = 0;
  float sum = 0;
  float dot = 0;
};
static_assert(sizeof(Part) == 3 * sizeof(float));

// What lies behind the end of a row counts as impossible.
template <typename T>
STRATAGRAM_INLINE LanePair load_logits(const T* from, int64_t count, float per_temperature) {
  LanePair z = load_pair(from, count);
  for (Lanes& half : z.half) half *= per_temperature;
  if (count == kPairLanes) return z;
  for (int h = 0; h < 2; ++h) {
    const LaneInts places = pair_places<T>(h);
    z.half[h] = where(places < static_cast<int32_t>(count),
                      z.half[h],
                      Lanes{} - std::numeric_limits<float>::max());
  }
  return z;
}

template <typename T>
STRATAGRAM_INLINE Part part_of(const T* logits, int64_t count, float per_temperature) {
  Lanes highest = Lanes{} - std::numeric_limits<float>::max();
  for (int64_t i = 0; i < count; i += kPairLanes) {
    const LanePair z = load_logits(logits + i, std::min(kPairLanes, count - i), per_temperature);
    for (const Lanes& half : z.half) highest = where(half > highest, half, highest);
  }
  const float top = highest_of(highest);
  Lanes sum = {};
  Lanes dot = {};
  for (int64_t i = 0; i < count; i += kPairLanes) {
    const LanePair z = load_logits(logits + i, std::min(kPairLanes, count - i), per_temperature);
    for (const Lanes& half : z.half) {
      const Lanes below = half - top;
      const Lanes e = exp_lanes(below);
      sum += e;
      // Not z e where e is 0: z may be too large to multiply.
      dot += where(e > 0.0F, below * e, e);
    }
  }
  return {.highest = top, .sum = sum_of(sum), .dot = sum_of(dot)};
}

template <typename T>
struct Rows {
  const T* logits = nullptr;
  int64_t num_columns = 0;
  float per_temperature = 1;

  [[nodiscard]] int64_t num_parts() const {
    return (num_columns + kSoftmaxColumns - 1) / kSoftmaxColumns;
  }
  [[nodiscard]] int64_t columns_of(int64_t part) const {
    return std::min(kSoftmaxColumns, num_columns - part * kSoftmaxColumns);
  }
};

template <typename T>
STRATAGRAM_CPU_CLONES void fill_parts(const Rows<T>& rows, int64_t row, Part* parts) {
  for (int64_t p = 0; p < rows.num_parts(); ++p) {
    const T* logits = rows.logits + row * rows.num_columns + p * kSoftmaxColumns;
    parts[p] = part_of(logits, rows.columns_of(p), rows.per_temperature);
  }
}

template <typename T>
struct Gradient {
  T* logits = nullptr;  // of some columns, [C, B]; becomes the gradient
  const float* normalisers = nullptr;
  const float* entropies = nullptr;
  const int64_t* targets = nullptr;
  const float* logprob_gradients = nullptr;
  const float* entropy_gradients = nullptr;
  int64_t num_columns = 0;
  int64_t first_column = 0;
  float per_temperature = 1;
};

template <typename T>
STRATAGRAM_CPU_CLONES void gradient_row(const Gradient<T>& g, int64_t row) {
  T* logits = g.logits + row * g.num_columns;
  const float normaliser = g.normalisers[row];
  const float entropy = g.entropies[row];
  const float logprob_gradient = g.logprob_gradients[row];
  const float entropy_gradient = g.entropy_gradients[row];
  const int64_t target = g.targets[row] - g.first_column;
  for (int64_t i = 0; i < g.num_columns; i += kPairLanes) {
    const int64_t count = std::min(kPairLanes, g.num_columns - i);
    const LanePair z = load_pair(logits + i, count);
    LanePair pull;
    for (int h = 0; h < 2; ++h) {
      const Lanes logprob = z.half[h] * g.per_temperature - normaliser;
      const Lanes prob = exp_lanes(logprob);
      pull.half[h] = -prob * (logprob_gradient + entropy_gradient * (logprob + entropy));
      pull.half[h] *= g.per_temperature;
    }
    if (target >= i && target < i + count) {
      for (int h = 0; h < 2; ++h) {
        const LaneInts is_target = pair_places<T>(h) == static_cast<int32_t>(target - i);
        pull.half[h] += where(is_target, Lanes{} + logprob_gradient * g.per_temperature, Lanes{});
      }
    }
    store_pair(logits + i, pull, count);
  }
}

// The first column at which the running sum exceeds what is wanted.
template <typename T>
STRATAGRAM_INLINE int32_t
draw(const Rows<T>& rows, int64_t row, const Part* parts, double uniform) {
  const int64_t num_parts = rows.num_parts();
  float top = parts[0].highest;
  for (int64_t p = 1; p < num_parts; ++p) top = std::max(top, parts[p].highest);
  const auto weight_of = [&](int64_t p) {
    return static_cast<double>(parts[p].sum) *
           std::exp(static_cast<double>(parts[p].highest) - top);
  };
  double total = 0;
  for (int64_t p = 0; p < num_parts; ++p) total += weight_of(p);
  double left = uniform * total;
  int64_t part = 0;
  while (part + 1 < num_parts && left >= weight_of(part)) left -= weight_of(part++);
  // Rounding may leave more than the last part holds, or than this one's terms add up to: then the
  // last column of the part that can be drawn at all.
  const T* logits = rows.logits + row * rows.num_columns + part * kSoftmaxColumns;
  const int64_t count = rows.columns_of(part);
  double sum = 0;
  int64_t last = 0;
  for (int64_t i = 0; i < count; i += kLanes) {
    const Lanes z = load_lanes(logits + i, std::min(kLanes, count - i)) * rows.per_temperature;
    float weights[kLanes];
    store_lanes(weights, exp_lanes(z - top));
    for (int64_t l = 0; l < std::min(kLanes, count - i); ++l) {
      if (weights[l] <= 0) continue;
      sum += weights[l];
      last = i + l;
      if (sum > left) return static_cast<int32_t>(part * kSoftmaxColumns + last);
    }
  }
  return static_cast<int32_t>(part * kSoftmaxColumns + last);
}

template <typename T>
STRATAGRAM_CPU_CLONES void probs_of(
    const T* logits, int64_t count, float per_temperature, float normaliser, float* probs) {
  for (int64_t i = 0; i < count; i += kLanes) {
    const int64_t lanes = std::min(kLanes, count - i);
    store_lanes(
        probs + i, exp_lanes(load_lanes(logits + i, lanes) * per_temperature - normaliser), lanes);
  }
}

template <typename T>
Rows<T> rows_of(const at::Tensor& logits_CV, double temperature) {
  return {.logits = elements<T>(logits_CV),
          .num_columns = logits_CV.size(1),
          .per_temperature = static_cast<float>(1.0 / temperature)};
}

}  // namespace

at::Tensor softmax_parts(const at::Tensor& logits_CV, double temperature) {
  const int64_t num_rows = logits_CV.size(0);
  const int64_t num_parts = (logits_CV.size(1) + kSoftmaxColumns - 1) / kSoftmaxColumns;
  const at::Tensor parts_CP3 =
      at::empty({num_rows, num_parts, 3}, logits_CV.options().dtype(at::kFloat));
  auto* parts = static_cast<Part*>(parts_CP3.mutable_data_ptr());
  with_element_type(logits_CV, [&](auto type) {
    using T = typename decltype(type)::type;
    const Rows<T> rows = rows_of<T>(logits_CV, temperature);
    share_out_rows(num_rows, rows_of_piece(logits_CV.size(1)), [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) {
        fill_parts(rows, row, parts + row * num_parts);
      }
    });
  });
  return parts_CP3;
}

SoftmaxStats softmax_stats(const at::Tensor& parts_CP3) {
  const int64_t num_rows = parts_CP3.size(0);
  const int64_t num_parts = parts_CP3.size(1);
  SoftmaxStats stats{.normalisers_C = at::empty({num_rows}, parts_CP3.options()),
                     .entropies_C = at::empty({num_rows}, parts_CP3.options())};
  auto* normalisers = stats.normalisers_C.mutable_data_ptr<float>();
  auto* entropies = stats.entropies_C.mutable_data_ptr<float>();
  const auto* all = static_cast<const Part*>(parts_CP3.const_data_ptr());
  for (int64_t row = 0; row < num_rows; ++row) {
    const Part* parts = all + row * num_parts;
    float top = parts[0].highest;
    for (int64_t p = 1; p < num_parts; ++p) top = std::max(top, parts[p].highest);
    double sum = 0;
    double dot = 0;  // of (z - top) exp(z - top)
    for (int64_t p = 0; p < num_parts; ++p) {
      const double shift = static_cast<double>(parts[p].highest) - top;
      const double factor = std::exp(shift);
      if (factor == 0) continue;  // shift times 0 may be not a number
      sum += parts[p].sum * factor;
      dot += (parts[p].dot + shift * parts[p].sum) * factor;
    }
    const double log_sum = std::log(sum);
    normalisers[row] = static_cast<float>(top + log_sum);
    entropies[row] = static_cast<float>(log_sum - dot / sum);
  }
  return stats;
}

void softmax_gradient_(const at::Tensor& logits_CB, const SoftmaxPull& pull) {
  with_element_type(logits_CB, [&](auto type) {
    using T = typename decltype(type)::type;
    const Gradient<T> gradient{
        .logits = mutable_elements<T>(logits_CB),
        .normalisers = pull.stats.normalisers_C.const_data_ptr<float>(),
        .entropies = pull.stats.entropies_C.const_data_ptr<float>(),
        .targets = pull.targets_C.const_data_ptr<int64_t>(),
        .logprob_gradients = pull.logprob_gradients_C.const_data_ptr<float>(),
        .entropy_gradients = pull.entropy_gradients_C.const_data_ptr<float>(),
        .num_columns = logits_CB.size(1),
        .first_column = pull.first_column,
        .per_temperature = static_cast<float>(1.0 / pull.temperature)};
    share_out_rows(
        logits_CB.size(0), rows_of_piece(logits_CB.size(1)), [&](int64_t begin, int64_t end) {
          for (int64_t row = begin; row < end; ++row) gradient_row(gradient, row);
        });
  });
}

std::vector<int32_t> draw_rows(const at::Tensor& logits_CV,
                               const at::Tensor& parts_CP3,
                               double temperature,
                               std::span<const double> uniforms_C) {
  const int64_t num_rows = logits_CV.size(0);
  const int64_t num_parts = parts_CP3.size(1);
  const auto* parts = static_cast<const Part*>(parts_CP3.const_data_ptr());
  std::vector<int32_t> tokens(num_rows);
  with_element_type(logits_CV, [&](auto type) {
    using T = typename decltype(type)::type;
    const Rows<T> rows = rows_of<T>(logits_CV, temperature);
    share_out_rows(num_rows, 1, [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) {
        tokens[row] = draw(rows, row, parts + row * num_parts, uniforms_C[row]);
      }
    });
  });
  return tokens;
}

void softmax_row(const at::Tensor& logits_CV,
                 int64_t row,
                 double temperature,
                 double normaliser,
                 std::span<float> probs) {
  with_element_type(logits_CV, [&](auto type) {
    using T = typename decltype(type)::type;
    const Rows<T> rows = rows_of<T>(logits_CV, temperature);
    probs_of(rows.logits + row * rows.num_columns,
             rows.num_columns,
             rows.per_temperature,
             static_cast<float>(normaliser),
             probs.data());
  });
}

}  // namespace stratagram::model
