#include "model/products.h"

#include <ATen/Parallel.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/zeros.h>
#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>
#include <c10/util/Exception.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "core/error.h"
#include "model/elements.h"
#include "model/share_out.h"

namespace stratagram::model {
namespace {

std::optional<at::Tensor> optional_of(const at::Tensor& tensor) {
  if (!tensor.defined()) return std::nullopt;
  return tensor;
}

bool takes_panels(const at::Tensor& x_NK) {
  return !c10::GradMode::is_enabled() && has_avx2_alone() && has_kernels(x_NK);
}

// One tile of rows costs what reading the weights costs, which panels do at twice the speed of
// libtorch's products; and bfloat16 by the matrix unit waits for it where a host's guests share
// one.
bool packs_panels(int64_t num_rows) {
  return has_avx2_alone() || (has_avx512() && num_rows <= kPanelRows);
}

// Below so many rows a thread, halves of a product take longer than the whole.
constexpr int64_t kFewestRowsOfThread = 64;

bool splits(const at::Tensor& x_NK) {
  return !c10::GradMode::is_enabled() && !takes_panels(x_NK) && x_NK.device().is_cpu() &&
         x_NK.scalar_type() == at::kBFloat16 && !at::in_parallel_region() &&
         x_NK.size(0) >= kFewestRowsOfThread * at::get_num_threads();
}

// Rows of a part, at least, where there are more parts than threads, which take them one by one so
// that none waits long for another. For each oneDNN lays out the factor anew, which costs more than
// waiting where parts are smaller.
constexpr int64_t kFewestRowsOfPart = 1152;

// factor [K, O]. Rows are shared out among the threads: of products like these, with hundreds of
// rows, oneDNN was seen to leave all to one of two threads.
void split_linear(const at::Tensor& result_NO,
                  const at::Tensor& x_NK,
                  const at::Tensor& factor_KO,
                  const at::Tensor& bias_O,
                  const at::Tensor& added_NO) {
  const int64_t num_rows = x_NK.size(0);
  const int64_t num_threads = at::get_num_threads();
  const int64_t num_parts =
      num_threads * std::max<int64_t>(1, num_rows / (num_threads * kFewestRowsOfPart));
  // A thread has modes of its own.
  const bool infers = c10::InferenceMode::is_enabled();
  share_out(num_parts, [&](Pieces& parts) {
    const c10::InferenceMode as_the_caller(infers);
    const at::AutoGradMode off(false);
    while (const auto part = parts.take_()) {
      const int64_t first = num_rows * *part / num_parts;
      const int64_t count = num_rows * (*part + 1) / num_parts - first;
      at::Tensor rows = result_NO.narrow(0, first, count);
      if (bias_O.defined()) {
        at::addmm_out(rows, bias_O, x_NK.narrow(0, first, count), factor_KO);
      } else {
        at::mm_out(rows, x_NK.narrow(0, first, count), factor_KO);
      }
      // Not in the product, which would round once what other products round twice.
      if (added_NO.defined()) rows.add_(added_NO.narrow(0, first, count));
    }
  });
}

at::Tensor result_of(const at::Tensor& x_NK, int64_t outputs) {
  return at::empty({x_NK.size(0), outputs}, x_NK.options());
}

class PlainProducts : public Products {
 public:
  [[nodiscard]] at::Tensor linear(const at::Tensor& x_NI,
                                  const at::Tensor& weight_OI,
                                  const at::Tensor& bias_O) const override {
    if (takes_panels(x_NI)) {
      const at::Tensor result_NO = result_of(x_NI, weight_OI.size(0));
      multiply_by_panels_(result_NO, x_NI, weight_OI.t(), {.bias_O = bias_O});
      return result_NO;
    }
    if (splits(x_NI)) {
      const at::Tensor result_NO = result_of(x_NI, weight_OI.size(0));
      split_linear(result_NO, x_NI, weight_OI.t(), bias_O, {});
      return result_NO;
    }
    return at::linear(x_NI, weight_OI, optional_of(bias_O));
  }

  [[nodiscard]] at::Tensor add_linear(const at::Tensor& added_NO,
                                      const at::Tensor& x_NI,
                                      const at::Tensor& weight_OI,
                                      const at::Tensor& bias_O) const override {
    if (splits(x_NI)) {
      const at::Tensor result_NO = result_of(x_NI, weight_OI.size(0));
      split_linear(result_NO, x_NI, weight_OI.t(), bias_O, added_NO);
      return result_NO;
    }
    return Products::add_linear(added_NO, x_NI, weight_OI, bias_O);
  }
};

// libtorch's operators on packed weights have no header of their own, and a build without the
// library behind them does not register them.
struct Operators {
  c10::OperatorHandle pack, multiply;
};

std::optional<Operators> find_operators(const char* pack, const char* multiply) {
  const auto packs = c10::Dispatcher::singleton().findSchema({pack, ""});
  const auto multiplies = c10::Dispatcher::singleton().findSchema({multiply, ""});
  if (!packs || !multiplies) return std::nullopt;
  return Operators{.pack = *packs, .multiply = *multiplies};
}

/// MKL's for float32, oneDNN's for bfloat16.
const std::optional<Operators>& operators_of(at::ScalarType dtype) {
  static const auto mkl = find_operators("mkl::_mkl_reorder_linear_weight", "mkl::_mkl_linear");
  static const auto onednn =
      find_operators("mkldnn::_reorder_linear_weight", "mkldnn::_linear_pointwise");
  return dtype == at::kFloat ? mkl : onednn;
}

/// Throws Error(kInternal) where available() is false.
const Operators& available_operators(at::ScalarType dtype) {
  const auto& operators = operators_of(dtype);
  if (!operators) {
    fail(ErrorKind::kInternal, "PackedProducts: no operators for {}", c10::toString(dtype));
  }
  return *operators;
}

at::Tensor pack(const Operators& operators, const at::Tensor& weight, int64_t num_rows) {
  if (weight.scalar_type() == at::kFloat) {
    return operators.pack.typed<at::Tensor(const at::Tensor&, int64_t)>().call(weight, num_rows);
  }
  return operators.pack.typed<at::Tensor(const at::Tensor&, std::optional<int64_t>)>().call(
      weight, num_rows);
}

at::Tensor multiply(const Operators& operators,
                    const at::Tensor& x,
                    const at::Tensor& packed,
                    const at::Tensor& weight,
                    const at::Tensor& bias) {
  if (weight.scalar_type() == at::kFloat) {
    using Call = at::Tensor(const at::Tensor&,
                            const at::Tensor&,
                            const at::Tensor&,
                            const std::optional<at::Tensor>&,
                            int64_t);
    return operators.multiply.typed<Call>().call(x, packed, weight, optional_of(bias), x.size(0));
  }
  using Call = at::Tensor(const at::Tensor&,
                          const at::Tensor&,
                          const std::optional<at::Tensor>&,
                          std::string_view,
                          c10::List<std::optional<at::Scalar>>,
                          std::optional<std::string_view>);
  return operators.multiply.typed<Call>().call(
      x, packed, optional_of(bias), "none", c10::List<std::optional<at::Scalar>>(), "");
}

// The operators refuse a dtype that the processor has no instructions for (bfloat16 without
// AVX-512), and only a try tells.
bool works(at::ScalarType dtype) {
  const auto& operators = operators_of(dtype);
  if (!operators) return false;
  const c10::InferenceMode inference;
  const at::Tensor weight = at::zeros({16, 16}, at::TensorOptions().dtype(dtype));
  try {
    (void)multiply(*operators, weight, pack(*operators, weight, weight.size(0)), weight, {});
  } catch (const c10::Error&) {
    return false;
  }
  return true;
}

}  // namespace

at::Tensor Products::add_linear(const at::Tensor& added_NO,
                                const at::Tensor& x_NI,
                                const at::Tensor& weight_OI,
                                const at::Tensor& bias_O) const {
  return linear(x_NI, weight_OI, bias_O).add_(added_NO);
}

at::Tensor linear_backward(const at::Tensor& gradient_NO, const at::Tensor& weight_OI) {
  const at::Tensor result_NI = result_of(gradient_NO, weight_OI.size(1));
  multiply_into_(result_NI, gradient_NO, weight_OI);
  return result_NI;
}

void multiply_into_(const at::Tensor& result_NO,
                    const at::Tensor& x_NK,
                    const at::Tensor& factor_KO) {
  if (takes_panels(x_NK)) {
    multiply_by_panels_(result_NO, x_NK, factor_KO);
    return;
  }
  if (splits(x_NK)) {
    split_linear(result_NO, x_NK, factor_KO, {}, {});
    return;
  }
  at::Tensor result = result_NO;
  at::mm_out(result, x_NK, factor_KO);
}

const Products& plain_products() {
  static const PlainProducts products;
  return products;
}

bool PackedProducts::available(const at::Tensor& weight) {
  if (!has_kernels(weight)) return false;
  if (has_avx2_alone()) return true;
  static const bool float_works = works(at::kFloat);
  static const bool bfloat16_works = works(at::kBFloat16);
  return weight.scalar_type() == at::kFloat ? float_works : bfloat16_works;
}

void PackedProducts::add(const at::Tensor& weight_OI) {
  STRATAGRAM_CHECK(
      available(weight_OI) && weight_OI.dim() == 2,
      "PackedProducts: wanted a matrix of float32 or bfloat16 on the CPU, got {} on {}",
      c10::toString(weight_OI.scalar_type()),
      weight_OI.device().str());
  if (packs_panels(num_rows_)) {
    panels_.try_emplace(weight_OI.const_data_ptr(), weight_OI);
    return;
  }
  at::Tensor& packed = packed_[weight_OI.const_data_ptr()];
  if (packed.defined()) return;
  packed = pack(available_operators(weight_OI.scalar_type()), weight_OI.detach(), num_rows_);
}

at::Tensor PackedProducts::linear(const at::Tensor& x_NI,
                                  const at::Tensor& weight_OI,
                                  const at::Tensor& bias_O) const {
  if (x_NI.size(0) != num_rows_ && !has_avx2_alone()) {
    return plain_products().linear(x_NI, weight_OI, bias_O);
  }
  if (const auto panels = panels_.find(weight_OI.const_data_ptr()); panels != panels_.end()) {
    return panels->second.multiply(x_NI, bias_O);
  }
  const auto found = packed_.find(weight_OI.const_data_ptr());
  if (found == packed_.end()) return plain_products().linear(x_NI, weight_OI, bias_O);
  return multiply(
      available_operators(weight_OI.scalar_type()), x_NI, found->second, weight_OI, bias_O);
}

}  // namespace stratagram::model
