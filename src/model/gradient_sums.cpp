#include "model/gradient_sums.h"

#include <ATen/ops/embedding.h>
#include <ATen/ops/embedding_dense_backward.h>
#include <ATen/ops/zeros.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

#include "model/block_products.h"
#include "model/elements.h"
#include "model/row_kernels.h"

namespace stratagram::model {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct Embed : torch::autograd::Function<Embed> {
  static at::Tensor forward(AutogradContext* context,
                            const at::Tensor& weight_VD,
                            const at::Tensor& tokens_N) {
    context->save_for_backward({weight_VD, tokens_N});
    return at::embedding(weight_VD, tokens_N);
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor& weight_VD = saved.at(0);
    const at::Tensor& tokens_N = saved.at(1);
    const at::Tensor sum_VD = gradient_sum_of(weight_VD);
    if (sum_VD.defined()) {
      add_rows_(sum_VD, tokens_N.contiguous(), gradients.at(0).contiguous());
      return {at::Tensor(), at::Tensor()};
    }
    return {at::embedding_dense_backward(gradients.at(0),
                                         tokens_N,
                                         weight_VD.size(0),
                                         /*padding_idx=*/-1,
                                         /*scale_grad_by_freq=*/false),
            at::Tensor()};
  }
};

}  // namespace

at::ScalarType sum_dtype(at::ScalarType weight) {
  return weight == at::kBFloat16 || weight == at::kHalf ? at::kFloat : weight;
}

void want_gradient_(const at::Tensor& weight) {
  weight.requires_grad_(true);
  const at::ScalarType dtype = sum_dtype(weight.scalar_type());
  at::Tensor& gradient = weight.mutable_grad();
  const at::Tensor before = gradient.defined() ? gradient.to(dtype) : at::Tensor();
  gradient.reset();  // libtorch refuses another dtype than that of a gradient which is there
  weight.set_grad_dtype(dtype);
  gradient = before;
}

at::Tensor gradient_sum_of(const at::Tensor& weight) {
  if (!has_block_products(weight) || weight.grad_dtype() != at::kFloat) return {};
  at::Tensor& sum = weight.mutable_grad();
  if (!sum.defined()) sum = at::zeros(weight.sizes(), weight.options().dtype(at::kFloat));
  const bool fits = sum.scalar_type() == at::kFloat && sum.is_contiguous();
  return fits ? sum.detach() : at::Tensor();
}

std::vector<at::Tensor> weight_gradients(const std::vector<at::Tensor>& weights,
                                         const at::Tensor& gradient_NO,
                                         const at::Tensor& x_NI) {
  std::vector<at::Tensor> gradients, sums;
  gradients.reserve(weights.size());
  sums.reserve(weights.size());
  for (const at::Tensor& weight : weights) sums.push_back(gradient_sum_of(weight));
  if (std::all_of(sums.begin(), sums.end(), [](const at::Tensor& sum) { return sum.defined(); })) {
    const GradientRows rows(x_NI);
    int64_t begin = 0;
    for (const at::Tensor& sum_OI : sums) {
      rows.add_product_(sum_OI, gradient_NO.narrow(1, begin, sum_OI.size(0)));
      begin += sum_OI.size(0);
      gradients.emplace_back();
    }
    return gradients;
  }
  const at::Tensor joined_OI = gradient_NO.t().mm(x_NI);
  int64_t begin = 0;
  for (const at::Tensor& weight : weights) {
    gradients.push_back(joined_OI.narrow(0, begin, weight.size(0)));
    begin += weight.size(0);
  }
  return gradients;
}

at::Tensor embed(const at::Tensor& weight_VD, const at::Tensor& tokens_N) {
  return Embed::apply(weight_VD, tokens_N);
}

}  // namespace stratagram::model
