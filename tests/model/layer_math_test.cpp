#include "model/layer_math.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <functional>
#include <vector>

#include "tests/support/tiny_model.h"

namespace stratagram::model {
namespace {

using Tensors = std::vector<at::Tensor>;
using Function = std::function<at::Tensor(const Tensors&)>;

at::Tensor wave(std::vector<int64_t> shape, double pace) {
  int64_t count = 1;
  for (const int64_t n : shape) count *= n;
  return (at::arange(count, at::kDouble) * pace).sin().mul(2.5).view(shape);
}

// The result, then the gradients of all inputs for a gradient that differs by element.
Tensors value_and_gradients(const Function& function, const Tensors& inputs) {
  Tensors leaves;
  for (const at::Tensor& input : inputs) leaves.push_back(input.detach().requires_grad_(true));
  const at::Tensor value = function(leaves);
  // Numbers that every dtype holds exactly.
  const at::Tensor pull = wave(value.sizes().vec(), 0.77).to(at::kBFloat16).to(value.scalar_type());
  torch::autograd::backward({value}, {pull});
  Tensors results{value.detach()};
  for (const at::Tensor& leaf : leaves) results.push_back(leaf.grad());
  return results;
}

// Against libtorch's operators in float64 on the very same numbers.
void expect_equal_to_plain(const Function& fast, const Function& plain, const Tensors& inputs) {
  for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16}) {
    Tensors given, exact;
    for (const at::Tensor& input : inputs) {
      given.push_back(input.to(dtype));
      exact.push_back(given.back().to(at::kDouble));
    }
    const Tensors got = value_and_gradients(fast, given);
    const Tensors wanted = value_and_gradients(plain, exact);
    ASSERT_EQ(got.size(), wanted.size());
    for (size_t i = 0; i < got.size(); ++i) {
      EXPECT_EQ(got[i].scalar_type(), dtype);
      const double size = std::max(1.0, wanted[i].abs().max().item<double>());
      // float32: some roundings of sums; bfloat16: one rounding to 8 bits.
      EXPECT_LT(max_difference(got[i].to(at::kDouble), wanted[i]),
                size * (dtype == at::kFloat ? 2e-6 : 4e-3))
          << "result " << i << ", " << dtype;
    }
  }
}

TEST(LayerMath, RmsNormEqualsThePlainOne) {
  for (const std::vector<int64_t>& shape :
       {std::vector<int64_t>{1, 16}, {3, 7}, {200, 40}, {65, 576}, {5, 3, 64}}) {
    expect_equal_to_plain([](const Tensors& x) { return rms_norm(x[0], x[1], 1e-5); },
                          [](const Tensors& x) { return plain_rms_norm(x[0], x[1], 1e-5); },
                          {wave(shape, 0.9), wave({shape.back()}, 0.2) + 3.0});
  }
}

TEST(LayerMath, GatedSiluEqualsThePlainOne) {
  for (const std::vector<int64_t>& shape : {std::vector<int64_t>{1, 1}, {3, 17}, {90, 512}}) {
    expect_equal_to_plain([](const Tensors& x) { return gated_silu(x[0], x[1]); },
                          [](const Tensors& x) { return plain_gated_silu(x[0], x[1]); },
                          {wave(shape, 0.9) * 4.0, wave(shape, 0.21)});
  }
}

TEST(LayerMath, RotateEqualsThePlainOne) {
  for (const int64_t head_width : {2, 6, 32, 64, 128}) {
    const auto rotation_in = [&](at::ScalarType dtype) {
      std::vector<int64_t> positions;
      for (int64_t t = 0; t < 37; ++t) positions.push_back(t * 31 % 200);
      return make_rotation(wave({head_width / 2}, 0.3).abs().to(at::kFloat).to(dtype),
                           ids_tensor(positions));
    };
    const Rotation given = rotation_in(at::kFloat);
    const Rotation exact{.cos_N1F = given.cos_N1F.to(at::kDouble),
                         .sin_N1F = given.sin_N1F.to(at::kDouble)};
    expect_equal_to_plain([&](const Tensors& x) { return rotate(x[0], given); },
                          [&](const Tensors& x) { return plain_rotate(x[0], exact); },
                          {wave({37, 3, head_width}, 0.9)});
  }
}

TEST(LayerMath, TakesAnyStrides) {
  const at::Tensor whole = wave({6, 40}, 0.4).to(at::kFloat);
  const at::Tensor columns = whole.narrow(1, 3, 20);
  const at::Tensor weight = wave({20}, 0.1).to(at::kFloat) + 2.0;

  EXPECT_EQ(
      max_difference(rms_norm(columns, weight, 1e-6), rms_norm(columns.contiguous(), weight, 1e-6)),
      0.0);
  EXPECT_EQ(max_difference(gated_silu(columns, columns),
                           gated_silu(columns.contiguous(), columns.contiguous())),
            0.0);
}

}  // namespace
}  // namespace stratagram::model
