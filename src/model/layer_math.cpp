#include "model/layer_math.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/silu.h>
#include <torch/csrc/autograd/custom_function.h>

#include <optional>

#include "model/elements.h"
#include "model/gradient_sums.h"
#include "model/row_kernels.h"

namespace stratagram::model {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct RmsNorm : torch::autograd::Function<RmsNorm> {
  static at::Tensor forward(AutogradContext* context,
                            const at::Tensor& x,
                            const at::Tensor& weight_W,
                            double eps) {
    const at::Tensor x_RW = x.contiguous().view({-1, weight_W.size(0)});
    const Normed normed = rms_norm_rows(x_RW, weight_W, eps);
    context->save_for_backward({x_RW, weight_W, normed.scales_R});
    return normed.y_RW.view(x.sizes());
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor& weight_W = saved.at(1);
    const at::Tensor gradient_RW = gradients.at(0).contiguous().view(saved.at(0).sizes());
    const auto [x_gradient, weight_gradient] = rms_norm_rows_backward({.gradient_RW = gradient_RW,
                                                                       .x_RW = saved.at(0),
                                                                       .weight_W = weight_W,
                                                                       .scales_R = saved.at(2)});
    return {x_gradient.view(gradients.at(0).sizes()), weight_gradient, at::Tensor()};
  }
};

struct ProductCall {
  double eps;
  const JoinedLinear& maps;
  const Products& products;
};

// What the backward pass of a joined product needs, after `others`: the joined weight, then the
// parts, which get the gradients.
void save_maps_(AutogradContext* context, variable_list others, const JoinedLinear& maps) {
  context->saved_data["first"] = static_cast<int64_t>(others.size());
  context->saved_data["has_biases"] = !maps.biases.empty();
  others.push_back(maps.weight_OI);
  others.insert(others.end(), maps.weights.begin(), maps.weights.end());
  context->save_for_backward(std::move(others));
}

struct SavedMaps {
  at::Tensor weight_OI;
  std::vector<at::Tensor> weights;
  bool has_biases;
};

SavedMaps saved_maps(AutogradContext* context, const variable_list& saved) {
  const auto first = saved.begin() + context->saved_data.at("first").toInt();
  return {.weight_OI = *first,
          .weights = {first + 1, saved.end()},
          .has_biases = context->saved_data.at("has_biases").toBool()};
}

// Appends the gradients of weights and biases, each a part of a joined one.
void add_part_gradients_(const SavedMaps& maps,
                         const at::Tensor& gradient_NO,
                         const at::Tensor& y_NI,
                         variable_list& results) {
  const variable_list gradients = weight_gradients_(maps.weights, gradient_NO, y_NI);
  results.insert(results.end(), gradients.begin(), gradients.end());
  if (!maps.has_biases) return;
  const at::Tensor joined_O = gradient_NO.sum(0);
  int64_t begin = 0;
  for (const at::Tensor& weight : maps.weights) {
    results.push_back(joined_O.narrow(0, begin, weight.size(0)));
    begin += weight.size(0);
  }
}

// Any device and dtype: a copy of the joined weight would be kept by libtorch's own product.
struct JoinedProduct : torch::autograd::Function<JoinedProduct> {
  static at::Tensor forward(AutogradContext* context,
                            const std::optional<at::Tensor>& added_NO,
                            const at::Tensor& y_NI,
                            const at::TensorList& /*parts: what gets gradients*/,
                            const ProductCall& call) {
    save_maps_(context, {y_NI}, call.maps);
    context->saved_data["adds"] = added_NO.has_value();
    const JoinedLinear& maps = call.maps;
    return added_NO ? call.products.add_linear(*added_NO, y_NI, maps.weight_OI, maps.bias_O)
                    : call.products.linear(y_NI, maps.weight_OI, maps.bias_O);
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const SavedMaps maps = saved_maps(context, saved);
    const at::Tensor gradient_NO = gradients.at(0).contiguous();
    variable_list results{context->saved_data.at("adds").toBool() ? gradient_NO : at::Tensor(),
                          linear_backward(gradient_NO, maps.weight_OI)};
    add_part_gradients_(maps, gradient_NO, saved.at(0), results);
    results.emplace_back();
    return results;
  }
};

struct NormLinear : torch::autograd::Function<NormLinear> {
  static variable_list forward(AutogradContext* context,
                               const at::Tensor& x,
                               const at::Tensor& norm_I,
                               const at::TensorList& /*parts: what gets gradients*/,
                               const ProductCall& call) {
    const at::Tensor x_NI = x.contiguous();
    save_maps_(context, {x_NI, norm_I}, call.maps);
    context->saved_data["eps"] = call.eps;
    return {call.products.linear(
                rms_norm_rows(x_NI, norm_I, call.eps).y_RW, call.maps.weight_OI, call.maps.bias_O),
            x};
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const SavedMaps maps = saved_maps(context, saved);
    const at::Tensor& x_NI = saved.at(0);
    const at::Tensor& norm_I = saved.at(1);
    const at::Tensor gradient_NO = gradients.at(0).contiguous();
    const Normed normed = rms_norm_rows(x_NI, norm_I, context->saved_data.at("eps").toDouble());
    const auto [x_gradient, norm_gradient] =
        rms_norm_rows_backward({.gradient_RW = linear_backward(gradient_NO, maps.weight_OI),
                                .x_RW = x_NI,
                                .weight_W = norm_I,
                                .scales_R = normed.scales_R,
                                .added_RW = gradients.at(1).contiguous()});
    variable_list results{x_gradient, norm_gradient};
    add_part_gradients_(maps, gradient_NO, normed.y_RW, results);
    results.emplace_back();
    return results;
  }
};

struct GatedLinear : torch::autograd::Function<GatedLinear> {
  static at::Tensor forward(AutogradContext* context,
                            const at::Tensor& added_ND,
                            const at::Tensor& both,
                            const at::Tensor& down_DM,
                            const Products& products) {
    const at::Tensor both_NW = both.contiguous();
    context->save_for_backward({both_NW, down_DM});
    return products.add_linear(added_ND, gated_silu_rows(both_NW), down_DM, {});
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor gradient_ND = gradients.at(0).contiguous();
    const GatedPull pull =
        gated_silu_rows_backward(linear_backward(gradient_ND, saved.at(1)), saved.at(0));
    return {gradient_ND,
            pull.both_gradient_RW,
            weight_gradients_({saved.at(1)}, gradient_ND, pull.gated_RM).front(),
            at::Tensor()};
  }
};

// Heads as rotate_rows() takes them, which parts of a joined product are.
at::Tensor side_by_side(const at::Tensor& x_NQH) {
  return x_NQH.stride(2) == 1 && x_NQH.stride(1) == x_NQH.size(2) ? x_NQH : x_NQH.contiguous();
}

struct Rotate : torch::autograd::Function<Rotate> {
  static at::Tensor forward(AutogradContext* context,
                            const at::Tensor& x_NQH,
                            const at::Tensor& cos_N1F,
                            const at::Tensor& sin_N1F) {
    context->save_for_backward({cos_N1F, sin_N1F});
    return rotate_rows(side_by_side(x_NQH), cos_N1F, sin_N1F, 1.0F);
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    return {rotate_rows(side_by_side(gradients.at(0)), saved.at(0), saved.at(1), -1.0F),
            at::Tensor(),
            at::Tensor()};
  }
};

// Weights, then biases.
std::vector<at::Tensor> parts_of(const JoinedLinear& maps) {
  std::vector<at::Tensor> parts = maps.weights;
  parts.insert(parts.end(), maps.biases.begin(), maps.biases.end());
  return parts;
}

at::Tensor widened(const at::Tensor& x) {
  return x.scalar_type() == at::kDouble ? x : x.to(at::kFloat);
}

}  // namespace

at::Tensor rms_norm(const at::Tensor& x, const at::Tensor& weight_W, double eps) {
  if (!has_kernels(x)) return plain_rms_norm(x, weight_W, eps);
  return RmsNorm::apply(x, weight_W, eps);
}

at::Tensor plain_rms_norm(const at::Tensor& x, const at::Tensor& weight_W, double eps) {
  const at::Tensor wide = widened(x);
  const at::Tensor scale = (wide.square().mean(-1, /*keepdim=*/true) + eps).rsqrt();
  return (wide * scale * widened(weight_W)).to(x.scalar_type());
}

at::Tensor plain_gated_silu(const at::Tensor& gate, const at::Tensor& up) {
  return (at::silu(widened(gate)) * widened(up)).to(gate.scalar_type());
}

at::Tensor add_linear(const at::Tensor& added_NO,
                      const at::Tensor& y_NI,
                      const JoinedLinear& maps,
                      const Products& products) {
  const std::vector<at::Tensor> parts = parts_of(maps);
  return JoinedProduct::apply(std::optional(added_NO),
                              y_NI.contiguous(),
                              at::TensorList(parts),
                              ProductCall{.eps = 0.0, .maps = maps, .products = products});
}

NormedProduct norm_linear(const at::Tensor& x_NI,
                          const Norm& norm,
                          const JoinedLinear& maps,
                          const Products& products) {
  const std::vector<at::Tensor> parts = parts_of(maps);
  const ProductCall call{.eps = norm.eps, .maps = maps, .products = products};
  if (has_kernels(x_NI)) {
    const variable_list results =
        NormLinear::apply(x_NI, norm.weight_I, at::TensorList(parts), call);
    return {.result_NO = results.at(0), .x_NI = results.at(1)};
  }
  const at::Tensor y_NI = plain_rms_norm(x_NI, norm.weight_I, norm.eps);
  return {.result_NO =
              JoinedProduct::apply(std::optional<at::Tensor>(), y_NI, at::TensorList(parts), call),
          .x_NI = x_NI};
}

at::Tensor add_gated_linear(const at::Tensor& added_ND,
                            const at::Tensor& both_NW,
                            const at::Tensor& down_DM,
                            const Products& products) {
  if (has_kernels(both_NW)) return GatedLinear::apply(added_ND, both_NW, down_DM, products);
  const int64_t width = down_DM.size(1);
  return added_ND + products.linear(plain_gated_silu(both_NW.narrow(1, 0, width),
                                                     both_NW.narrow(1, width, width)),
                                    down_DM,
                                    {});
}

at::Tensor rotate(const at::Tensor& x_NQH, const Rotation& rotation) {
  if (!has_kernels(x_NQH)) return plain_rotate(x_NQH, rotation);
  return Rotate::apply(x_NQH, rotation.cos_N1F, rotation.sin_N1F);
}

at::Tensor plain_rotate(const at::Tensor& x_NQH, const Rotation& rotation) {
  const std::vector<at::Tensor> halves = widened(x_NQH).split(x_NQH.size(-1) / 2, -1);
  const at::Tensor& first = halves[0];
  const at::Tensor& second = halves[1];
  return at::cat({first * rotation.cos_N1F - second * rotation.sin_N1F,
                  second * rotation.cos_N1F + first * rotation.sin_N1F},
                 -1)
      .to(x_NQH.scalar_type());
}

}  // namespace stratagram::model
