#include "model/packed_flash.h"

#include <ATen/Parallel.h>
#include <ATen/ops/_scaled_dot_product_flash_attention_for_cpu.h>
#include <ATen/ops/_scaled_dot_product_flash_attention_for_cpu_backward.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/custom_function.h>

#include <functional>
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
  return part.mask.defined() ? std::optional(part.mask) : std::nullopt;
}

// What a part's queries see, a head for each of `num_heads` query heads.
at::Tensor seen_heads(const at::Tensor& x_NKH, const PackedPart& part, int64_t num_heads) {
  at::Tensor seen_SKH = x_NKH.narrow(0, part.begin, part.length);
  if (part.prompt_length > 0) {
    seen_SKH = at::cat({x_NKH.narrow(0, part.prompt_begin, part.prompt_length), seen_SKH}, 0);
  }
  return heads_of(repeat_kv_heads(seen_SKH.to(at::kFloat), num_heads));
}

// The gradient of what seen_heads() made, summed over the query heads of each key head: [S, K, H]
// in float32, as a prompt's is a sum over its continuations.
at::Tensor seen_gradient(const at::Tensor& gradient_1QSH, int64_t num_kv_heads) {
  const int64_t num_seen = gradient_1QSH.size(2);
  return gradient_1QSH.reshape({num_kv_heads, -1, num_seen, gradient_1QSH.size(3)})
      .sum(1)
      .transpose(0, 1);
}

void add_seen_(const at::Tensor& sums_NKH, const at::Tensor& seen_SKH, const PackedPart& part) {
  sums_NKH.narrow(0, part.begin, part.length)
      .add_(seen_SKH.narrow(0, part.prompt_length, part.length));
  if (part.prompt_length == 0) return;
  sums_NKH.narrow(0, part.prompt_begin, part.prompt_length)
      .add_(seen_SKH.narrow(0, 0, part.prompt_length));
}

// Calls with each part on libtorch's threads, a part on one of them: the operators on one part are
// too small to be divided. The longest come first, so that none is left alone with one at the end.
void for_each_part(const std::vector<PackedPart>& parts, const std::function<void(size_t)>& call) {
  const std::vector<size_t> order = longest_first(parts);
  Pieces pieces(static_cast<int64_t>(parts.size()));
  // On all of them though there be one part, as share_out() would not: elsewhere than in a parallel
  // region libraries may divide a lone part's products, and round otherwise than in company.
  at::parallel_for(0, at::get_num_threads(), 1, [&](int64_t, int64_t) {
    // Where a thread stands in its own libtorch state is not that of the caller.
    const at::AutoGradMode off(false);
    while (const auto piece = pieces.take_()) call(order[*piece]);
  });
}

// Queries, keys, values and result; the normalisers of the parts follow.
constexpr size_t kNumKept = 4;

struct PackedFlash : torch::autograd::Function<PackedFlash> {
  static at::Tensor forward(AutogradContext* context,
                            const at::Tensor& q_NQH,
                            const at::Tensor& k_NKH,
                            const at::Tensor& v_NKH,
                            const std::vector<PackedPart>& parts) {
    const int64_t num_heads = q_NQH.size(1);
    const at::Tensor mixed_NQH = at::empty(q_NQH.sizes(), q_NQH.options());
    // Values come as a part of a joined product, all of which a view would keep.
    variable_list kept{q_NQH, k_NKH, v_NKH.contiguous(), mixed_NQH};
    kept.resize(kNumKept + parts.size());
    for_each_part(parts, [&](size_t i) {
      const PackedPart& part = parts[i];
      const auto [mixed, logsumexp] = at::_scaled_dot_product_flash_attention_for_cpu(
          heads_of(q_NQH.narrow(0, part.begin, part.length)),
          seen_heads(k_NKH, part, num_heads),
          seen_heads(v_NKH, part, num_heads),
          /*dropout_p=*/0.0,
          /*is_causal=*/part.prompt_length == 0,
          mask_of(part));
      mixed_NQH.narrow(0, part.begin, part.length).copy_(tokens_of(mixed));
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
    const at::ScalarType dtype = q_NQH.scalar_type();
    const at::TensorOptions sums = k_NKH.options().dtype(at::kFloat);
    const at::Tensor q_gradient_NQH = at::empty(q_NQH.sizes(), q_NQH.options());
    const at::Tensor k_sums_NKH = at::zeros(k_NKH.sizes(), sums);
    const at::Tensor v_sums_NKH = at::zeros(v_NKH.sizes(), sums);
    std::vector<std::pair<at::Tensor, at::Tensor>> seen(parts.size());
    for_each_part(parts, [&](size_t i) {
      const PackedPart& part = parts[i];
      const auto own = [&](const at::Tensor& x_NQH) {
        return heads_of(x_NQH.narrow(0, part.begin, part.length));
      };
      const auto [dq, dk, dv] = at::_scaled_dot_product_flash_attention_for_cpu_backward(
          own(gradients.at(0)),
          own(q_NQH),
          seen_heads(k_NKH, part, num_heads),
          seen_heads(v_NKH, part, num_heads),
          own(saved.at(3)),
          saved.at(kNumKept + i),
          /*dropout_p=*/0.0,
          /*is_causal=*/part.prompt_length == 0,
          mask_of(part));
      q_gradient_NQH.narrow(0, part.begin, part.length).copy_(tokens_of(dq));
      seen[i] = {seen_gradient(dk, k_NKH.size(1)), seen_gradient(dv, k_NKH.size(1))};
    });
    for (size_t i = 0; i < parts.size(); ++i) {
      add_seen_(k_sums_NKH, seen[i].first, parts[i]);
      add_seen_(v_sums_NKH, seen[i].second, parts[i]);
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
