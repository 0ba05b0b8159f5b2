#include "model/layer_math.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
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

struct GatedSilu : torch::autograd::Function<GatedSilu> {
  static at::Tensor forward(AutogradContext* context,
                            const at::Tensor& gate,
                            const at::Tensor& up) {
    const at::Tensor whole_gate = gate.contiguous();
    const at::Tensor whole_up = up.contiguous();
    context->save_for_backward({whole_gate, whole_up});
    return gated_silu_rows(whole_gate, whole_up);
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const auto [gate_gradient, up_gradient] =
        gated_silu_rows_backward(gradients.at(0).contiguous(), saved.at(0), saved.at(1));
    return {gate_gradient, up_gradient};
  }
};

struct Rotate : torch::autograd::Function<Rotate> {
  static at::Tensor forward(AutogradContext* context,
                            const at::Tensor& x_NQH,
                            const at::Tensor& cos_N1F,
                            const at::Tensor& sin_N1F) {
    context->save_for_backward({cos_N1F, sin_N1F});
    return rotate_rows(x_NQH.contiguous(), cos_N1F, sin_N1F, 1.0F);
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    return {rotate_rows(gradients.at(0).contiguous(), saved.at(0), saved.at(1), -1.0F),
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

at::Tensor gated_silu(const at::Tensor& gate, const at::Tensor& up) {
  if (!has_kernels(gate)) return plain_gated_silu(gate, up);
  return GatedSilu::apply(gate, up);
}

at::Tensor plain_gated_silu(const at::Tensor& gate, const at::Tensor& up) {
  return (at::silu(widened(gate)) * widened(up)).to(gate.scalar_type());
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
