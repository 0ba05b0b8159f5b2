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

// Calls with every unit: all query heads of a key head, or one.
void for_each_unit(
    const std::vector<PackedUnit>& units,
    const std::function<void(const PackedUnit& unit, AttentionScratch& scratch)>& call) {
  share_out(static_cast<int64_t>(units.size()), [&](Pieces& pieces) {
    const UsesTiles tiles;
    AttentionScratch scratch;
    while (const auto piece = pieces.take_()) call(units[*piece], scratch);
  });
}

struct PackedRows {
  at::Tensor q_NQH, k_NKH, v_NKH;

  [[nodiscard]] int64_t repeats() const { return q_NQH.size(1) / k_NKH.size(1); }
};

AttentionUnit attention_of(const PackedRows& rows, const PackedPart& part, const PackedUnit& unit) {
  const int64_t kv_head = unit.first_head / rows.repeats();
  const auto own = [&](const at::Tensor& x_NQH, int64_t head) {
    return rows_from<uint16_t>(x_NQH, part.begin, head);
  };
  return {.prompt_length = part.prompt_length,
          .length = part.length,
          .heads = unit.num_heads,
          .width = rows.q_NQH.size(2),
          .queries = own(rows.q_NQH, unit.first_head),
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

// Gradients of keys or values. What several units make of a token's, as every continuation does of
// its prompt's and every query head of a divided part's, is added up in float32, in the order of
// the parts and heads; else a token's unit rounds it.
class SeenGradient {
 public:
  // `repeats` query heads share a key head.
  SeenGradient(const at::Tensor& x_NKH, const std::vector<PackedPart>& parts, int64_t repeats)
      : repeats_(repeats), rounded_NKH_(at::empty_like(x_NKH)), sums_(parts.size()) {
    size_t prompt = 0;
    for (size_t i = 0; i < parts.size(); ++i) {
      const bool continues = parts[i].prompt_length > 0;
      if (!continues) prompt = i;
      if (copies_of(parts[i]) > 1) add_own_(parts[i], i);
      if (!continues) continue;
      STRATAGRAM_CHECK(
          parts[i].prompt_begin == parts[prompt].begin &&
              parts[i].prompt_length == parts[prompt].length,
          "packed_blocks: wanted part {} to continue the last prompt, [{}, +{}), got [{}, +{})",
          i,
          parts[prompt].begin,
          parts[prompt].length,
          parts[i].prompt_begin,
          parts[i].prompt_length);
      if (!sums_[prompt].own_CTKH.defined()) add_own_(parts[prompt], prompt);
      sums_[i].prompt_CTKH = sums_for_(totals_[sums_[prompt].total], parts[i]);
    }
  }

  // Of the unit's key head.
  [[nodiscard]] SeenPull of(const PackedPart& part, const PackedUnit& unit) const {
    const int64_t kv_head = unit.first_head / repeats_;
    const int64_t copy = unit.first_head % copies_of(part);
    const PartSums& sums = sums_[unit.part];
    SeenPull pull{.own = mutable_rows_from<uint16_t>(rounded_NKH_, part.begin, kv_head)};
    if (sums.own_CTKH.defined()) {
      pull.own_sums = mutable_rows_from<float>(sums.own_CTKH[copy], 0, kv_head);
    }
    if (sums.prompt_CTKH.defined()) {
      pull.prompt_shares = mutable_rows_from<float>(sums.prompt_CTKH[copy], 0, kv_head);
    }
    return pull;
  }

  // Once, after all units.
  [[nodiscard]] at::Tensor take_total_() {
    const int64_t width = rounded_NKH_.size(1) * rounded_NKH_.size(2);
    auto* to = mutable_elements<uint16_t>(rounded_NKH_);
    for (const Total& total : totals_) {
      share_out_rows(total.length, kTokensOfTask, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
          round_sum(total.sums, i * width, width, to + (total.begin + i) * width);
        }
      });
    }
    return rounded_NKH_;
  }

 private:
  static constexpr int64_t kTokensOfTask = 16;

  // A part's tokens, and what is added up for them.
  struct Total {
    int64_t begin = 0;
    int64_t length = 0;
    std::vector<const float*> sums{};
  };

  // What a part's units make, C = copies_of() times; undefined where they round it, or where there
  // is no prompt.
  struct PartSums {
    at::Tensor own_CTKH;
    at::Tensor prompt_CTKH;
    size_t total = 0;  // of its own tokens, where they have one
  };

  // Units of a part that share a key head.
  [[nodiscard]] int64_t copies_of(const PackedPart& part) const {
    return is_divided(part) ? repeats_ : 1;
  }

  // By the units of `part`.
  at::Tensor sums_for_(Total& total, const PackedPart& part) {
    const int64_t copies = copies_of(part);
    const at::Tensor sums_CTKH =
        at::empty({copies, total.length, rounded_NKH_.size(1), rounded_NKH_.size(2)},
                  rounded_NKH_.options().dtype(at::kFloat));
    for (int64_t copy = 0; copy < copies; ++copy) {
      total.sums.push_back(elements<float>(sums_CTKH) + copy * sums_CTKH.stride(0));
    }
    return sums_CTKH;
  }

  void add_own_(const PackedPart& part, size_t i) {
    sums_[i].total = totals_.size();
    totals_.push_back({.begin = part.begin, .length = part.length});
    sums_[i].own_CTKH = sums_for_(totals_.back(), part);
  }

  int64_t repeats_;
  at::Tensor rounded_NKH_;
  std::vector<PartSums> sums_;  // of each part
  std::vector<Total> totals_;
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
    const auto units = packed_units(parts, q_NQH.size(1), rows.repeats());
    for_each_unit(units, [&](const PackedUnit& unit, AttentionScratch& scratch) {
      const PackedPart& part = parts[unit.part];
      attend_unit(attention_of(rows, part, unit),
                  mutable_rows_from<uint16_t>(mixed_NQH, part.begin, unit.first_head),
                  mutable_rows_from<float>(normalisers_NQ1, part.begin, unit.first_head),
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
    SeenGradient keys(rows.k_NKH, parts, rows.repeats());
    SeenGradient values(rows.v_NKH, parts, rows.repeats());
    const auto units = packed_units(parts, rows.q_NQH.size(1), rows.repeats());
    for_each_unit(units, [&](const PackedUnit& unit, AttentionScratch& scratch) {
      const PackedPart& part = parts[unit.part];
      const int64_t head = unit.first_head;
      attend_unit_backward(
          attention_of(rows, part, unit),
          {.gradient = rows_from<uint16_t>(gradient_NQH, part.begin, head),
           .mixed = rows_from<uint16_t>(saved.at(3), part.begin, head),
           .normalisers = rows_from<float>(saved.at(4), part.begin, head),
           .queries = mutable_rows_from<uint16_t>(q_gradient_NQH, part.begin, head),
           .keys = keys.of(part, unit),
           .values = values.of(part, unit)},
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
