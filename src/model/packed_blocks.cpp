#include "model/packed_blocks.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "model/block_attention.h"
#include "model/elements.h"
#include "model/lanes.h"
#include "model/share_out.h"
#include "model/tile_product.h"

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

// Calls with every part and key head, the longest first.
void for_each_unit(
    const std::vector<PackedPart>& parts,
    int64_t num_kv_heads,
    const std::function<void(size_t part, int64_t head, AttentionScratch& scratch)>& call) {
  const std::vector<size_t> order = longest_first(parts);
  share_out(static_cast<int64_t>(parts.size()) * num_kv_heads, [&](Pieces& units) {
    const UsesTiles tiles;
    AttentionScratch scratch;
    while (const auto unit = units.take_()) {
      call(order[*unit / num_kv_heads], *unit % num_kv_heads, scratch);
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

// Rows of float32 to add up, then round.
STRATAGRAM_CPU_CLONES void round_sum(const std::vector<const float*>& rows,
                                     int64_t offset,
                                     int64_t width,
                                     uint16_t* to) {
  for (int64_t i = 0; i < width; i += kLanes) {
    Lanes sum = load_lanes(rows.front() + offset + i);
    for (size_t r = 1; r < rows.size(); ++r) sum += load_lanes(rows[r] + offset + i);
    store_lanes(to + i, sum);
  }
}

// Gradients of keys or values. A token's is made by its own part; to a prompt's every continuation
// adds its share, in float32 and in the order of the parts.
class SeenGradient {
 public:
  SeenGradient(const at::Tensor& x_NKH, const std::vector<PackedPart>& parts)
      : rounded_NKH_(at::empty_like(x_NKH)), sums_PKH_(parts.size()) {
    const at::TensorOptions options = x_NKH.options().dtype(at::kFloat);
    const auto add_part = [&](size_t i, int64_t length) {
      sums_PKH_[i] = at::empty({length, x_NKH.size(1), x_NKH.size(2)}, options);
      prompts_.back().sums.push_back(elements<float>(sums_PKH_[i]));
    };
    size_t prompt = 0;
    for (size_t i = 0; i < parts.size(); ++i) {
      const bool continues = parts[i].prompt_length > 0;
      if (!continues) {
        prompt = i;
        continue;
      }
      STRATAGRAM_CHECK(
          parts[i].prompt_begin == parts[prompt].begin &&
              parts[i].prompt_length == parts[prompt].length,
          "packed_blocks: wanted part {} to continue the last prompt, [{}, +{}), got [{}, +{})",
          i,
          parts[prompt].begin,
          parts[prompt].length,
          parts[i].prompt_begin,
          parts[i].prompt_length);
      if (!sums_PKH_[prompt].defined()) {
        prompts_.push_back({.begin = parts[prompt].begin, .length = parts[prompt].length});
        add_part(prompt, parts[prompt].length);
      }
      add_part(i, parts[i].prompt_length);
    }
  }

  [[nodiscard]] SeenPull of(const PackedPart& part, size_t i, int64_t head) const {
    SeenPull pull{.own = mutable_rows_from<uint16_t>(rounded_NKH_, part.begin, head)};
    if (sums_PKH_[i].defined()) {
      (part.prompt_length > 0 ? pull.prompt_shares : pull.own_sums) =
          mutable_rows_from<float>(sums_PKH_[i], 0, head);
    }
    return pull;
  }

  // Once, after all parts.
  [[nodiscard]] at::Tensor take_total_() {
    const int64_t width = rounded_NKH_.size(1) * rounded_NKH_.size(2);
    auto* to = mutable_elements<uint16_t>(rounded_NKH_);
    for (const Prompt& prompt : prompts_) {
      share_out_rows(prompt.length, kTokensOfTask, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
          round_sum(prompt.sums, i * width, width, to + (prompt.begin + i) * width);
        }
      });
    }
    return rounded_NKH_;
  }

 private:
  static constexpr int64_t kTokensOfTask = 16;

  struct Prompt {
    int64_t begin = 0;
    int64_t length = 0;
    std::vector<const float*> sums{};  // its own part's, then those of its continuations
  };

  at::Tensor rounded_NKH_;
  std::vector<at::Tensor> sums_PKH_;  // of a part; undefined for a prompt that nothing follows
  std::vector<Prompt> prompts_;       // those that something follows
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
    SeenGradient keys(rows.k_NKH, parts);
    SeenGradient values(rows.v_NKH, parts);
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
           .keys = keys.of(parts[i], i, head),
           .values = values.of(parts[i], i, head)},
          scratch);
    });
    return {q_gradient_NQH, keys.take_total_(), values.take_total_(), at::Tensor()};
  }
};

}  // namespace

bool has_packed_blocks(const at::Tensor& q_NQH) {
  // The kernels take 32 numbers of a row at a time.
  return has_kernels(q_NQH) && q_NQH.scalar_type() == at::kBFloat16 && q_NQH.size(2) % 32 == 0 &&
         has_tiles();
}

at::Tensor packed_blocks(const at::Tensor& q_NQH,
                         const at::Tensor& k_NKH,
                         const at::Tensor& v_NKH,
                         const std::vector<PackedPart>& parts) {
  return PackedBlocks::apply(q_NQH, k_NKH, v_NKH, parts);
}

}  // namespace stratagram::model
