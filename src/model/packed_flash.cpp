#include "model/packed_flash.h"

#include <ATen/Parallel.h>
#include <ATen/ops/_scaled_dot_product_flash_attention_for_cpu.h>
#include <ATen/ops/_scaled_dot_product_flash_attention_for_cpu_backward.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>
#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <functional>
#include <numeric>
#include <optional>
#include <utility>

#include "model/attention.h"
#include "model/share_out.h"

namespace stratagram::model {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// [1, Q, T, H] in float32: the layout of the kernels. Their bfloat16 makes a oneDNN primitive for
// every product of a few rows, which costs more than the products.
at::Tensor heads_of(const at::Tensor& x_TQH) {
  return x_TQH.transpose(0, 1).unsqueeze(0).to(at::kFloat);
}

at::Tensor tokens_of(const at::Tensor& x_1QTH) {
  return x_1QTH.squeeze(0).transpose(0, 1);
}

std::optional<at::Tensor> mask_of(const PackedPart& part) {
  return has_flash_mask(part) ? std::optional(part.mask) : std::nullopt;
}

// Rows of zeros.
int64_t rows_before(const PackedPart& part) {
  return has_flash_mask(part) ? 0 : part.prompt_length;
}

// A unit's rows of queries, or of what has their shape: [1, heads, T, H], zeros before them.
at::Tensor own_heads(const at::Tensor& x_NQH, const PackedPart& part, const PackedUnit& unit) {
  const at::Tensor own =
      heads_of(x_NQH.narrow(0, part.begin, part.length).narrow(1, unit.first_head, unit.num_heads));
  const int64_t before = rows_before(part);
  return before == 0 ? own : at::constant_pad_nd(own, {0, 0, before, 0});
}

// What came of them, to where they were.
void store_heads(const at::Tensor& x_1QTH,
                 const at::Tensor& to_NQH,
                 const PackedPart& part,
                 const PackedUnit& unit) {
  to_NQH.narrow(0, part.begin, part.length)
      .narrow(1, unit.first_head, unit.num_heads)
      .copy_(tokens_of(x_1QTH.narrow(2, rows_before(part), part.length)));
}

// The key heads of a unit's query heads, of which `repeats` share one.
struct KeyHeads {
  int64_t first = 0;
  int64_t count = 0;
};

KeyHeads key_heads_of(const PackedUnit& unit, int64_t repeats) {
  return {.first = unit.first_head / repeats, .count = (unit.num_heads + repeats - 1) / repeats};
}

// What a unit's queries see, a head for each of its query heads; M key heads.
at::Tensor seen_heads(const at::Tensor& x_NKH,
                      const PackedPart& part,
                      const PackedUnit& unit,
                      int64_t repeats) {
  const KeyHeads heads = key_heads_of(unit, repeats);
  const at::Tensor x_NMH = x_NKH.narrow(1, heads.first, heads.count);
  at::Tensor seen_SMH = x_NMH.narrow(0, part.begin, part.length);
  if (part.prompt_length > 0) {
    seen_SMH = at::cat({x_NMH.narrow(0, part.prompt_begin, part.prompt_length), seen_SMH}, 0);
  }
  return heads_of(repeat_kv_heads(seen_SMH.to(at::kFloat), unit.num_heads));
}

// The gradient of what seen_heads() made, summed over the query heads of each key head: [S, M, H]
// in float32, as a prompt's is a sum over its continuations.
at::Tensor seen_gradient(const at::Tensor& gradient_1QSH, int64_t num_kv_heads) {
  const int64_t num_seen = gradient_1QSH.size(2);
  return gradient_1QSH.reshape({num_kv_heads, -1, num_seen, gradient_1QSH.size(3)})
      .sum(1)
      .transpose(0, 1);
}

void add_seen_(const at::Tensor& sums_NMH, const at::Tensor& seen_SMH, const PackedPart& part) {
  sums_NMH.narrow(0, part.begin, part.length)
      .add_(seen_SMH.narrow(0, part.prompt_length, part.length));
  if (part.prompt_length == 0) return;
  sums_NMH.narrow(0, part.prompt_begin, part.prompt_length)
      .add_(seen_SMH.narrow(0, 0, part.prompt_length));
}

// Calls with the place of each unit on libtorch's threads, a unit on one of them: the operators on
// one are too small to be divided.
void for_each_unit(size_t num_units, const std::function<void(size_t)>& call) {
  Pieces pieces(static_cast<int64_t>(num_units));
  const bool infers = c10::InferenceMode::is_enabled();
  // On all of them though there be one unit, as share_out() would not: elsewhere than in a parallel
  // region libraries may divide a lone unit's products, and round otherwise than in company.
  at::parallel_for(0, at::get_num_threads(), 1, [&](int64_t, int64_t) {
    // A thread has modes of its own, not the caller's.
    const c10::InferenceMode as_the_caller(infers);
    const at::AutoGradMode off(false);
    while (const auto piece = pieces.take_()) call(*piece);
  });
}

// Queries, keys, values and result; the normalisers of the units follow.
constexpr size_t kNumKept = 4;

struct PackedFlash : torch::autograd::Function<PackedFlash> {
  static at::Tensor forward(AutogradContext* context,
                            const at::Tensor& q_NQH,
                            const at::Tensor& k_NKH,
                            const at::Tensor& v_NKH,
                            const std::vector<PackedPart>& parts) {
    const int64_t num_heads = q_NQH.size(1);
    const int64_t repeats = num_heads / k_NKH.size(1);
    const std::vector<PackedUnit> units = packed_units(parts, num_heads, num_heads);
    const at::Tensor mixed_NQH = at::empty(q_NQH.sizes(), q_NQH.options());
    // Values come as a part of a joined product, all of which a view would keep.
    variable_list kept{q_NQH, k_NKH, v_NKH.contiguous(), mixed_NQH};
    kept.resize(kNumKept + units.size());
    for_each_unit(units.size(), [&](size_t i) {
      const PackedPart& part = parts[units[i].part];
      const auto [mixed, logsumexp] = at::_scaled_dot_product_flash_attention_for_cpu(
          own_heads(q_NQH, part, units[i]),
          seen_heads(k_NKH, part, units[i], repeats),
          seen_heads(v_NKH, part, units[i], repeats),
          /*dropout_p=*/0.0,
          /*is_causal=*/!has_flash_mask(part),
          mask_of(part));
      store_heads(mixed, mixed_NQH, part, units[i]);
      kept[kNumKept + i] = logsumexp;
    });
    context->save_for_backward(std::move(kept));
    context->saved_data["parts"] =
        c10::IValue::make_capsule(c10::make_intrusive<PartsHolder>(parts));
    return mixed_NQH;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const auto holder = context->saved_data.at("parts").toCapsule();
    const auto& parts = static_cast<const PartsHolder&>(*holder).parts;
    const at::Tensor& q_NQH = saved.at(0);
    const at::Tensor& k_NKH = saved.at(1);
    const at::Tensor& v_NKH = saved.at(2);
    const int64_t num_heads = q_NQH.size(1);
    const int64_t repeats = num_heads / k_NKH.size(1);
    const std::vector<PackedUnit> units = packed_units(parts, num_heads, num_heads);
    const at::ScalarType dtype = q_NQH.scalar_type();
    const at::TensorOptions sums = k_NKH.options().dtype(at::kFloat);
    const at::Tensor q_gradient_NQH = at::empty(q_NQH.sizes(), q_NQH.options());
    const at::Tensor k_sums_NKH = at::zeros(k_NKH.sizes(), sums);
    const at::Tensor v_sums_NKH = at::zeros(v_NKH.sizes(), sums);
    std::vector<std::pair<at::Tensor, at::Tensor>> seen(units.size());
    for_each_unit(units.size(), [&](size_t i) {
      const PackedUnit& unit = units[i];
      const PackedPart& part = parts[unit.part];
      const auto [dq, dk, dv] = at::_scaled_dot_product_flash_attention_for_cpu_backward(
          own_heads(gradients.at(0), part, unit),
          own_heads(q_NQH, part, unit),
          seen_heads(k_NKH, part, unit, repeats),
          seen_heads(v_NKH, part, unit, repeats),
          own_heads(saved.at(3), part, unit),
          saved.at(kNumKept + i),
          /*dropout_p=*/0.0,
          /*is_causal=*/!has_flash_mask(part),
          mask_of(part));
      store_heads(dq, q_gradient_NQH, part, unit);
      const int64_t num_key_heads = key_heads_of(unit, repeats).count;
      seen[i] = {seen_gradient(dk, num_key_heads), seen_gradient(dv, num_key_heads)};
    });
    // In the order of the parts and heads, whatever the order of the work.
    std::vector<size_t> order(units.size());
    std::iota(order.begin(), order.end(), size_t{0});
    std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
      return std::pair(units[a].part, units[a].first_head) <
             std::pair(units[b].part, units[b].first_head);
    });
    for (const size_t i : order) {
      const PackedPart& part = parts[units[i].part];
      const KeyHeads heads = key_heads_of(units[i], repeats);
      add_seen_(k_sums_NKH.narrow(1, heads.first, heads.count), seen[i].first, part);
      add_seen_(v_sums_NKH.narrow(1, heads.first, heads.count), seen[i].second, part);
    }
    return {q_gradient_NQH, k_sums_NKH.to(dtype), v_sums_NKH.to(dtype), at::Tensor()};
  }
};

}  // namespace

at::Tensor packed_flash(const at::Tensor& q_NQH,
                        const at::Tensor& k_NKH,
                        const at::Tensor& v_NKH,
                        const std::vector<PackedPart>& parts) {
  return PackedFlash::apply(q_NQH, k_NKH, v_NKH, parts);
}

}  // namespace stratagram::model
