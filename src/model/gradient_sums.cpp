#include "model/gradient_sums.h"

#include <ATen/ops/embedding.h>
#include <ATen/ops/embedding_dense_backward.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>
#include <fmt/ranges.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

#include "core/error.h"
#include "model/elements.h"
#include "model/joined_linear.h"
#include "model/panel_product.h"
#include "model/products.h"
#include "model/row_kernels.h"

// MKL's product of bfloat16 matrices that adds to float32, which libtorch's CPU library holds in
// some builds; null in others. libtorch has no operator for it.
// NOLINTNEXTLINE(readability-identifier-naming)
extern "C" __attribute__((weak)) void cblas_gemm_bf16bf16f32(int layout,
                                                             int transpose_a,
                                                             int transpose_b,
                                                             int m,
                                                             int n,
                                                             int k,
                                                             float alpha,
                                                             const void* a,
                                                             int a_stride,
                                                             const void* b,
                                                             int b_stride,
                                                             float beta,
                                                             float* c,
                                                             int c_stride);

namespace stratagram::model {
namespace {

// cblas.h
constexpr int kRowMajor = 101;
constexpr int kAsItIs = 111;
constexpr int kTransposed = 112;

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Rows of a product; those of a single one may have any stride.
int row_stride(const at::Tensor& x) {
  return static_cast<int>(x.size(0) > 1 ? x.stride(0) : x.size(1));
}

// One after the other, not one in another's place, as those of an expanded matrix are.
bool has_rows(const at::Tensor& x) {
  const bool is_apart = x.size(0) == 1 || x.stride(0) >= x.size(1);
  return is_apart && (x.stride(1) == 1 || x.size(1) == 1);
}

at::Tensor with_rows(const at::Tensor& x) {
  return has_rows(x) ? x : x.contiguous();
}

bool sums_in_float(const at::Tensor& weight) {
  return weight.device().is_cpu() && weight.scalar_type() == at::kBFloat16 &&
         weight.requires_grad() && weight.grad_dtype() == at::kFloat;
}

// The sums of weights with as many columns, which are made one after the other or moved so in one
// memory, so that one product adds to them all; undefined where gradient_sum_() of one would be.
at::Tensor joined_sum_(const std::vector<at::Tensor>& weights) {
  const auto all = [&](const auto& holds) {
    return std::all_of(weights.begin(), weights.end(), holds);
  };
  if (!all(sums_in_float)) return {};
  if (all([](const at::Tensor& weight) { return !weight.grad().defined(); })) {
    int64_t rows = 0;
    for (const at::Tensor& weight : weights) rows += weight.size(0);
    const at::Tensor& first = weights.front();
    const at::Tensor whole_OI =
        at::zeros({rows, first.size(1)}, first.options().dtype(at::kFloat).requires_grad(false));
    int64_t begin = 0;
    for (const at::Tensor& weight : weights) {
      weight.mutable_grad() = whole_OI.narrow(0, begin, weight.size(0));
      begin += weight.size(0);
    }
  }
  std::vector<at::Tensor*> sums;
  sums.reserve(weights.size());
  for (const at::Tensor& weight : weights) {
    if (!gradient_sum_(weight).defined()) return {};
    sums.push_back(&weight.mutable_grad());
  }
  return join_(sums);
}

bool has_mkl_product() {
  static const bool has = cblas_gemm_bf16bf16f32 != nullptr && [] {
    __builtin_cpu_init();
    return __builtin_cpu_supports("amx-bf16") != 0;
  }();
  return has;
}

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
    const at::Tensor sum_VD = gradient_sum_(weight_VD);
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

at::Tensor gradient_sum_(const at::Tensor& weight) {
  if (!sums_in_float(weight)) return {};
  at::Tensor& sum = weight.mutable_grad();
  if (!sum.defined()) sum = at::zeros(weight.sizes(), weight.options().dtype(at::kFloat));
  const bool fits = sum.scalar_type() == at::kFloat && sum.is_contiguous();
  return fits ? sum.detach() : at::Tensor();
}

bool has_float_product() {
  return has_avx2_alone() || has_mkl_product();
}

void add_product_(const at::Tensor& sums_MN, const at::Tensor& a_MK, const at::Tensor& b_KN) {
  STRATAGRAM_CHECK(
      sums_MN.scalar_type() == at::kFloat && sums_MN.is_contiguous() && sums_MN.dim() == 2 &&
          sums_MN.size(0) == a_MK.size(0) && sums_MN.size(1) == b_KN.size(1) &&
          a_MK.size(1) == b_KN.size(0) && has_kernels(a_MK) &&
          b_KN.scalar_type() == a_MK.scalar_type(),
      "add_product_: wanted float32 sums [{}, {}] and factors of float32 or bfloat16 that meet in "
      "as many rows, got {} {}, {} {} and {} {}",
      a_MK.size(0),
      b_KN.size(1),
      c10::toString(sums_MN.scalar_type()),
      sums_MN.sizes().vec(),
      c10::toString(a_MK.scalar_type()),
      a_MK.sizes().vec(),
      c10::toString(b_KN.scalar_type()),
      b_KN.sizes().vec());
  if (has_avx2_alone()) {
    multiply_by_panels_(sums_MN, a_MK, b_KN, {.adds = true});
    return;
  }
  if (a_MK.scalar_type() == at::kFloat) {
    sums_MN.addmm_(a_MK, b_KN);
    return;
  }
  if (!has_mkl_product()) {
    const at::Tensor product_MN = at::empty(sums_MN.sizes(), a_MK.options());
    multiply_into_(product_MN, a_MK, b_KN);
    // libtorch's sum of two dtypes is slower than the conversion and its sum of one.
    sums_MN.add_(product_MN.to(at::kFloat));
    return;
  }
  // As MKL wants it: rows, of the factor or of its transpose.
  const bool is_transpose = !has_rows(a_MK) && has_rows(a_MK.t());
  const at::Tensor a = with_rows(is_transpose ? a_MK.t() : a_MK);
  const at::Tensor b = with_rows(b_KN);
  cblas_gemm_bf16bf16f32(kRowMajor,
                         is_transpose ? kTransposed : kAsItIs,
                         kAsItIs,
                         static_cast<int>(a_MK.size(0)),
                         static_cast<int>(b_KN.size(1)),
                         static_cast<int>(b_KN.size(0)),
                         1.0F,
                         elements<uint16_t>(a),
                         row_stride(a),
                         elements<uint16_t>(b),
                         row_stride(b),
                         1.0F,
                         mutable_elements<float>(sums_MN),
                         static_cast<int>(b_KN.size(1)));
}

std::vector<at::Tensor> weight_gradients_(const std::vector<at::Tensor>& weights,
                                          const at::Tensor& gradient_NO,
                                          const at::Tensor& x_NI) {
  if (const at::Tensor sum_OI = joined_sum_(weights); sum_OI.defined()) {
    add_product_(sum_OI, gradient_NO.t(), x_NI);
    return std::vector<at::Tensor>(weights.size());
  }
  std::vector<at::Tensor> gradients;
  gradients.reserve(weights.size());
  const at::Tensor joined_OI =
      at::empty({gradient_NO.size(1), x_NI.size(1)}, gradient_NO.options());
  multiply_into_(joined_OI, gradient_NO.t(), x_NI);
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
