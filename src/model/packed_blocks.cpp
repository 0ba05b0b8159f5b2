#include "model/packed_blocks.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <utility>

#include "model/block_attention.h"
#include "model/block_products.h"
#include "model/elements.h"

namespace stratagram::model {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// A token's heads side by side.
at::Tensor with_whole_rows(const at::Tensor& x_NQH) {
  const bool whole = x_NQH.stride(2) == 1 && x_NQH.stride(1) == x_NQH.size(2);
  return whole ? x_NQH : x_NQH.contiguous();
}

// From a token and a head on.
template <typename T>
HeadRows<const T> rows_from(const at::Tensor& x_NQH, int64_t token, int64_t head) {
  return {.from = elements<T>(x_NQH) + token * x_NQH.stride(0) + head * x_NQH.stride(1),
          .token_stride = x_NQH.stride(0),
          .head_stride = x_NQH.stride(1)};
}
template <typename T>
HeadRows<T> mutable_rows_from(const at::Tensor& x_NQH, int64_t token, int64_t head) {
  return {.from = mutable_elements<T>(x_NQH) + token * x_NQH.stride(0) + head * x_NQH.stride(1),
          .token_stride = x_NQH.stride(0),
          .head_stride = x_NQH.stride(1)};
}

// Calls with every part and key head, on libtorch's threads: whoever is free takes the next, the
// longest first. No result depends on who.
void for_each_unit(
    const std::vector<PackedPart>& parts,
    int64_t num_kv_heads,
    const std::function<void(size_t part, int64_t head, AttentionScratch& scratch)>& call) {
  std::vector<std::pair<int64_t, size_t>> order;
  order.reserve(parts.size());
  for (size_t i = 0; i < parts.size(); ++i) {
    order.emplace_back(-parts[i].length * (2 * parts[i].prompt_length + parts[i].length), i);
  }
  std::sort(order.begin(), order.end());
  const auto num_units = static_cast<int64_t>(parts.size()) * num_kv_heads;
  std::atomic<int64_t> next = 0;
  at::parallel_for(
      0, std::min<int64_t>(at::get_num_threads(), num_units), 1, [&](int64_t, int64_t) {
        const ReleasesBlockProducts at_the_end;
        AttentionScratch scratch;
        for (int64_t unit = next++; unit < num_units; unit = next++) {
          call(order[unit / num_kv_heads].second, unit % num_kv_heads, scratch);
        }
      });
}

struct PackedRows {
  at::Tensor q_NQH, k_NKH, v_NKH;
};

AttentionUnit unit_of(const PackedRows& rows, const PackedPart& part, int64_t kv_head) {
  const int64_t heads = rows.q_NQH.size(1) / rows.k_NKH.size(1);
  const auto own = [&](const at::Tensor& x_NQH, int64_t head) {
    return rows_from<uint16_t>(x_NQH, part.begin, head);
  };
  return {.prompt_length = part.prompt_length,
          .length = part.length,
          .heads = heads,
          .width = rows.q_NQH.size(2),
          .queries = own(rows.q_NQH, kv_head * heads),
          .keys = own(rows.k_NKH, kv_head),
          .prompt_keys = rows_from<uint16_t>(rows.k_NKH, part.prompt_begin, kv_head),
          .values = own(rows.v_NKH, kv_head),
          .prompt_values = rows_from<uint16_t>(rows.v_NKH, part.prompt_begin, kv_head)};
}

// Float32 gradients of keys or values: of every token by its own part, and of a prompt's tokens by
// each continuation.
struct SeenSums {
  at::Tensor own_NKH;
  std::vector<at::Tensor> prompts_PKH;

  SeenSums(const at::Tensor& x_NKH, const std::vector<PackedPart>& parts) {
    const at::TensorOptions options = x_NKH.options().dtype(at::kFloat);
    own_NKH = at::empty(x_NKH.sizes(), options);
    prompts_PKH.reserve(parts.size());
    for (const PackedPart& part : parts) {
      prompts_PKH.push_back(at::empty({part.prompt_length, x_NKH.size(1), x_NKH.size(2)}, options));
    }
  }

  // Adds up in the order of the parts; once.
  [[nodiscard]] at::Tensor take_total_(const std::vector<PackedPart>& parts) {
    for (size_t i = 0; i < parts.size(); ++i) {
      if (parts[i].prompt_length == 0) continue;
      own_NKH.narrow(0, parts[i].prompt_begin, parts[i].prompt_length).add_(prompts_PKH[i]);
    }
    return own_NKH.to(at::kBFloat16);
  }
};

struct PackedBlocks : torch::autograd::Function<PackedBlocks> {
  static at::Tensor forward(AutogradContext* context,
                            const at::Tensor& q_NQH,
                            const at::Tensor& k_NKH,
                            const at::Tensor& v_NKH,
                            const std::vector<PackedPart>& parts) {
    // Values come as a part of a joined product, all of which a view would keep.
    const PackedRows rows{.q_NQH = with_whole_rows(q_NQH),
                          .k_NKH = with_whole_rows(k_NKH),
                          .v_NKH = v_NKH.contiguous()};
    const at::Tensor mixed_NQH = at::empty(q_NQH.sizes(), q_NQH.options());
    const at::Tensor normalisers_NQ1 =
        at::empty({q_NQH.size(0), q_NQH.size(1), 1}, q_NQH.options().dtype(at::kFloat));
    const int64_t num_kv_heads = k_NKH.size(1);
    const int64_t heads = q_NQH.size(1) / num_kv_heads;
    for_each_unit(parts, num_kv_heads, [&](size_t i, int64_t head, AttentionScratch& scratch) {
      attend_unit(unit_of(rows, parts[i], head),
                  mutable_rows_from<uint16_t>(mixed_NQH, parts[i].begin, head * heads),
                  mutable_rows_from<float>(normalisers_NQ1, parts[i].begin, head * heads),
                  scratch);
    });
    context->save_for_backward({rows.q_NQH, rows.k_NKH, rows.v_NKH, mixed_NQH, normalisers_NQ1});
    context->saved_data["parts"] =
        c10::IValue::make_capsule(c10::make_intrusive<PartsHolder>(parts));
    return mixed_NQH;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const auto holder = context->saved_data.at("parts").toCapsule();
    const auto& parts = static_cast<const PartsHolder&>(*holder).parts;
    const PackedRows rows{.q_NQH = saved.at(0), .k_NKH = saved.at(1), .v_NKH = saved.at(2)};
    const at::Tensor gradient_NQH = with_whole_rows(gradients.at(0));
    const at::Tensor q_gradient_NQH = at::empty(rows.q_NQH.sizes(), rows.q_NQH.options());
    SeenSums keys(rows.k_NKH, parts);
    SeenSums values(rows.v_NKH, parts);
    const int64_t num_kv_heads = rows.k_NKH.size(1);
    const int64_t heads = rows.q_NQH.size(1) / num_kv_heads;
    for_each_unit(parts, num_kv_heads, [&](size_t i, int64_t head, AttentionScratch& scratch) {
      const int64_t begin = parts[i].begin;
      attend_unit_backward(
          unit_of(rows, parts[i], head),
          {.gradient = rows_from<uint16_t>(gradient_NQH, begin, head * heads),
           .mixed = rows_from<uint16_t>(saved.at(3), begin, head * heads),
           .normalisers = rows_from<float>(saved.at(4), begin, head * heads),
           .queries = mutable_rows_from<uint16_t>(q_gradient_NQH, begin, head * heads),
           .keys = mutable_rows_from<float>(keys.own_NKH, begin, head),
           .prompt_keys = mutable_rows_from<float>(keys.prompts_PKH[i], 0, head),
           .values = mutable_rows_from<float>(values.own_NKH, begin, head),
           .prompt_values = mutable_rows_from<float>(values.prompts_PKH[i], 0, head)},
          scratch);
    });
    return {q_gradient_NQH, keys.take_total_(parts), values.take_total_(parts), at::Tensor()};
  }
};

}  // namespace

bool has_packed_blocks(const at::Tensor& q_NQH) {
  // The kernels sum over whole registers of 32 numbers.
  return has_block_products(q_NQH) && q_NQH.size(2) % 32 == 0;
}

at::Tensor packed_blocks(const at::Tensor& q_NQH,
                         const at::Tensor& k_NKH,
                         const at::Tensor& v_NKH,
                         const std::vector<PackedPart>& parts) {
  return PackedBlocks::apply(q_NQH, k_NKH, v_NKH, parts);
}

}  // namespace stratagram::model
