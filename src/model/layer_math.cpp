#include "model/layer_math.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/silu.h>
#include <torch/csrc/autograd/custom_function.h>

#include "model/elements.h"
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
    const auto [x_gradient, weight_gradient] =
        rms_norm_rows_backward(gradient_RW, saved.at(0), weight_W, saved.at(2));
    return {x_gradient.view(gradients.at(0).sizes()),
            weight_gradient.to(weight_W.scalar_type()),
            at::Tensor()};
  }
};

struct ProductCall {
  double eps;
  const JoinedLinear& maps;
  const Products& products;
};

// What the backward pass of a joined product needs to know of its parts.
void keep_parts_(AutogradContext* context, const JoinedLinear& maps) {
  std::vector<int64_t> rows;
  rows.reserve(maps.weights.size());
  for (const at::Tensor& weight : maps.weights) rows.push_back(weight.size(0));
  context->saved_data["rows"] = rows;
  context->saved_data["has_biases"] = !maps.biases.empty();
}

// Appends the gradients of weights and biases, each a part of a joined one.
void add_part_gradients_(AutogradContext* context,
                         const at::Tensor& gradient_NO,
                         const at::Tensor& y_NI,
                         variable_list& results) {
  const auto add_parts = [&](const at::Tensor& joined) {
    int64_t begin = 0;
    for (const int64_t rows : context->saved_data.at("rows").toIntVector()) {
      results.push_back(joined.narrow(0, begin, rows));
      begin += rows;
    }
  };
  add_parts(gradient_NO.t().mm(y_NI));
  if (context->saved_data.at("has_biases").toBool()) add_parts(gradient_NO.sum(0));
}

// Any device and dtype: a copy of the joined weight would be kept by libtorch's own product.
struct JoinedProduct : torch::autograd::Function<JoinedProduct> {
  static at::Tensor forward(AutogradContext* context,
                            const at::Tensor& y_NI,
                            const at::TensorList& /*parts: what gets gradients*/,
                            const ProductCall& call) {
    context->save_for_backward({y_NI, call.maps.weight_OI});
    keep_parts_(context, call.maps);
    return call.products.linear(y_NI, call.maps.weight_OI, call.maps.bias_O);
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    variable_list results{gradients.at(0).mm(saved.at(1))};
    add_part_gradients_(context, gradients.at(0), saved.at(0), results);
    results.emplace_back();
    return results;
  }
};

struct NormLinear : torch::autograd::Function<NormLinear> {
  static at::Tensor forward(AutogradContext* context,
                            const at::Tensor& x,
                            const at::Tensor& norm_I,
                            const at::TensorList& /*parts: what gets gradients*/,
                            const ProductCall& call) {
    const at::Tensor x_NI = x.contiguous();
    context->save_for_backward({x_NI, norm_I, call.maps.weight_OI});
    context->saved_data["eps"] = call.eps;
    keep_parts_(context, call.maps);
    return call.products.linear(
        rms_norm_rows(x_NI, norm_I, call.eps).y_RW, call.maps.weight_OI, call.maps.bias_O);
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor& x_NI = saved.at(0);
    const at::Tensor& norm_I = saved.at(1);
    const at::Tensor gradient_NO = gradients.at(0).contiguous();
    const Normed normed = rms_norm_rows(x_NI, norm_I, context->saved_data.at("eps").toDouble());
    const auto [x_gradient, norm_gradient] =
        rms_norm_rows_backward(gradient_NO.mm(saved.at(2)), x_NI, norm_I, normed.scales_R);
    variable_list results{x_gradient, norm_gradient.to(norm_I.scalar_type())};
    add_part_gradients_(context, gradient_NO, normed.y_RW, results);
    results.emplace_back();
    return results;
  }
};

struct GatedLinear : torch::autograd::Function<GatedLinear> {
  static at::Tensor forward(AutogradContext* context,
                            const at::Tensor& both,
                            const at::Tensor& down_DM,
                            const Products& products) {
    const at::Tensor both_NW = both.contiguous();
    context->save_for_backward({both_NW, down_DM});
    return products.linear(gated_silu_rows(both_NW), down_DM, {});
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor gradient_ND = gradients.at(0).contiguous();
    const GatedPull pull = gated_silu_rows_backward(gradient_ND.mm(saved.at(1)), saved.at(0));
    return {pull.both_gradient_RW, gradient_ND.t().mm(pull.gated_RM), at::Tensor()};
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

at::Tensor norm_linear(const at::Tensor& x_NI,
                       const Norm& norm,
                       const JoinedLinear& maps,
                       const Products& products) {
  std::vector<at::Tensor> parts = maps.weights;
  parts.insert(parts.end(), maps.biases.begin(), maps.biases.end());
  const ProductCall call{.eps = norm.eps, .maps = maps, .products = products};
  if (has_kernels(x_NI)) {
    return NormLinear::apply(x_NI, norm.weight_I, at::TensorList(parts), call);
  }
  return JoinedProduct::apply(
      plain_rms_norm(x_NI, norm.weight_I, norm.eps), at::TensorList(parts), call);
}

at::Tensor gated_linear(const at::Tensor& both_NW,
                        const at::Tensor& down_DM,
                        const Products& products) {
  if (has_kernels(both_NW)) return GatedLinear::apply(both_NW, down_DM, products);
  const int64_t width = down_DM.size(1);
  return products.linear(
      plain_gated_silu(both_NW.narrow(1, 0, width), both_NW.narrow(1, width, width)), down_DM, {});
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
