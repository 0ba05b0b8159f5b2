#include "train/adamw_kernel.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <type_traits>
#include <vector>

#include "core/error.h"
#include "model/elements.h"
#include "model/lanes.h"
#include "model/share_out.h"

namespace stratagram::train {
namespace {

using model::kLanes;
using model::LaneBits;
using model::LaneHalves;
using model::LaneInts;
using model::Lanes;
using model::load_lanes;
using model::store_lanes;

// Enough for a piece's threads to be worth their waking; its squares are summed in float32.
constexpr int64_t kItemsOfPiece = int64_t{1} << 15;

template <typename T>
struct Items {
  T* weight = nullptr;
  int16_t* lower = nullptr;  // of bfloat16 only
  const float* gradient = nullptr;
  float* exp_avg = nullptr;
  float* exp_avg_sq = nullptr;
};

// The rule's numbers as the lanes take them.
struct Factors {
  explicit Factors(const AdamWRule& rule)
      : gradient(static_cast<float>(1 / rule.gradient_divisor)),
        keep1(static_cast<float>(rule.beta1)),
        take1(static_cast<float>(1 - rule.beta1)),
        keep2(static_cast<float>(rule.beta2)),
        take2(static_cast<float>(1 - rule.beta2)),
        shrink(static_cast<float>(rule.learning_rate * rule.decay)),
        step(static_cast<float>(rule.learning_rate /
                                (1 - std::pow(rule.beta1, static_cast<double>(rule.num_updates))))),
        root(static_cast<float>(
            1 / std::sqrt(1 - std::pow(rule.beta2, static_cast<double>(rule.num_updates))))),
        epsilon(static_cast<float>(rule.epsilon)) {}
  float gradient, keep1, take1, keep2, take2, shrink, step, root, epsilon;
};

STRATAGRAM_INLINE Lanes sqrt_lanes(Lanes x) {
  float items[kLanes];
  std::memcpy(items, &x, sizeof x);
  for (float& item : items) item = __builtin_sqrtf(item);
  std::memcpy(&x, items, sizeof x);
  return x;
}

STRATAGRAM_INLINE Lanes load_masters(const Items<float>& items, int64_t i, int64_t count) {
  return load_lanes(items.weight + i, count);
}

STRATAGRAM_INLINE void store_masters(const Items<float>& items, int64_t i, Lanes x, int64_t count) {
  store_lanes(items.weight + i, x, count);
}

// The halves as masters.h has them; of a master that is no number the halves may say another.
using LowerHalves = int16_t __attribute__((vector_size(32)));

STRATAGRAM_INLINE Lanes load_masters(const Items<uint16_t>& items, int64_t i, int64_t count) {
  LowerHalves lower = {};
  std::memcpy(&lower, items.lower + i, count * sizeof(int16_t));
  const auto upper = std::bit_cast<LaneInts>(load_lanes(items.weight + i, count));
  return std::bit_cast<Lanes>(upper + __builtin_convertvector(lower, LaneInts));
}

STRATAGRAM_INLINE void store_masters(const Items<uint16_t>& items,
                                     int64_t i,
                                     Lanes x,
                                     int64_t count) {
  const auto bits = std::bit_cast<LaneBits>(x);
  const auto upper = __builtin_convertvector((bits + 0x8000U) >> 16, LaneHalves);
  const auto lower = __builtin_convertvector(bits & 0xFFFFU, LaneHalves);
  std::memcpy(items.weight + i, &upper, count * sizeof(uint16_t));
  std::memcpy(items.lower + i, &lower, count * sizeof(uint16_t));
}

template <typename T>
STRATAGRAM_INLINE void update_lanes(
    const Items<T>& items, const Factors& f, int64_t i, int64_t count, Lanes (&squares)[2]) {
  const Lanes gradient = load_lanes(items.gradient + i, count) * f.gradient;
  const Lanes mean = load_lanes(items.exp_avg + i, count) * f.keep1 + gradient * f.take1;
  const Lanes square =
      load_lanes(items.exp_avg_sq + i, count) * f.keep2 + gradient * gradient * f.take2;
  const Lanes before = load_masters(items, i, count);
  const Lanes after =
      before - before * f.shrink - mean * f.step / (sqrt_lanes(square) * f.root + f.epsilon);
  const Lanes change = before - after;
  squares[0] += before * before;
  squares[1] += change * change;
  store_lanes(items.exp_avg + i, mean, count);
  store_lanes(items.exp_avg_sq + i, square, count);
  store_masters(items, i, after, count);
}

template <typename T>
STRATAGRAM_CPU_CLONES void update_items(const Items<T>& items,
                                        const Factors& factors,
                                        int64_t begin,
                                        int64_t end,
                                        KernelSquares& sums) {
  Lanes squares[2] = {};
  int64_t i = begin;
  for (; i + kLanes <= end; i += kLanes) update_lanes(items, factors, i, kLanes, squares);
  if (i < end) update_lanes(items, factors, i, end - i, squares);
  sums = {.masters = model::sum_of(squares[0]), .changes = model::sum_of(squares[1])};
}

template <typename T>
Items<T> items_of(const AdamWNumbers& numbers, const at::Tensor& gradient) {
  return {
      .weight = model::mutable_elements<T>(numbers.weight),
      .lower = numbers.lower.defined() ? model::mutable_elements<int16_t>(numbers.lower) : nullptr,
      .gradient = model::elements<float>(gradient),
      .exp_avg = model::mutable_elements<float>(numbers.exp_avg),
      .exp_avg_sq = model::mutable_elements<float>(numbers.exp_avg_sq)};
}

void check_fits(const char* name, const at::Tensor& x, at::ScalarType dtype, int64_t num_items) {
  STRATAGRAM_CHECK(
      x.defined() && x.scalar_type() == dtype && x.is_contiguous() && x.device().is_cpu() &&
          x.numel() == num_items,
      "update_by_kernel_: {}: wanted {} contiguous {} on the CPU, got {}",
      name,
      num_items,
      c10::toString(dtype),
      x.defined()
          ? fmt::format("{} {} on {}", x.numel(), c10::toString(x.scalar_type()), x.device().str())
          : "none");
}

}  // namespace

KernelSquares update_by_kernel_(const AdamWNumbers& numbers,
                                const at::Tensor& gradient,
                                const AdamWRule& rule) {
  const int64_t num_items = numbers.weight.numel();
  check_fits("gradient", gradient, at::kFloat, num_items);
  check_fits("exp_avg", numbers.exp_avg, at::kFloat, num_items);
  check_fits("exp_avg_sq", numbers.exp_avg_sq, at::kFloat, num_items);
  if (numbers.weight.scalar_type() == at::kBFloat16) {
    check_fits("lower", numbers.lower, at::kShort, num_items);
  }
  const Factors factors(rule);
  const int64_t num_pieces = (num_items + kItemsOfPiece - 1) / kItemsOfPiece;
  std::vector<KernelSquares> parts(num_pieces);
  model::with_element_type(numbers.weight, [&](auto type) {
    const auto items = items_of<typename decltype(type)::type>(numbers, gradient);
    model::share_out(num_pieces, [&](model::Pieces& pieces) {
      while (const auto piece = pieces.take_()) {
        const int64_t begin = *piece * kItemsOfPiece;
        update_items(
            items, factors, begin, std::min(num_items, begin + kItemsOfPiece), parts[*piece]);
      }
    });
  });
  // As libtorch's own operators do: a graph that was made before is no longer true.
  numbers.weight.unsafeGetTensorImpl()->bump_version();
  KernelSquares sums;
  for (const KernelSquares& part : parts) {
    sums.masters += part.masters;
    sums.changes += part.changes;
  }
  return sums;
}

}  // namespace stratagram::train
