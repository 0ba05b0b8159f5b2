#include "model/layer_math.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/linear.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <functional>
#include <vector>

#include "model/row_kernels.h"
#include "tests/support/tiny_model.h"

namespace stratagram::model {
namespace {

using Tensors = std::vector<at::Tensor>;
using Function = std::function<at::Tensor(const Tensors&)>;

at::Tensor wave(const std::vector<int64_t>& shape, double pace) {
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

// Against libtorch's operators in float64 on the very same numbers. `has_products`: sums of
// products may cancel, so there the operators' own error in that dtype is allowed, too.
void expect_equal_to_plain(const Function& fast,
                           const Function& plain,
                           const Tensors& inputs,
                           bool has_products = false) {
  for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16}) {
    Tensors given, exact;
    for (const at::Tensor& input : inputs) {
      given.push_back(input.to(dtype));
      exact.push_back(given.back().to(at::kDouble));
    }
    const Tensors got = value_and_gradients(fast, given);
    const Tensors wanted = value_and_gradients(plain, exact);
    const Tensors operators = value_and_gradients(plain, given);
    ASSERT_EQ(got.size(), wanted.size());
    for (size_t i = 0; i < got.size(); ++i) {
      EXPECT_EQ(got[i].scalar_type(), dtype);
      const double size = std::max(1.0, wanted[i].abs().max().item<double>());
      // float32: some roundings of sums; bfloat16: one rounding to 8 bits.
      double allowed = size * (dtype == at::kFloat ? 2e-6 : 4e-3);
      if (has_products) {
        allowed = std::max(allowed, 1.5 * max_difference(operators[i].to(at::kDouble), wanted[i]));
      }
      EXPECT_LT(max_difference(got[i].to(at::kDouble), wanted[i]), allowed)
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

TEST(LayerMath, NormLinearEqualsThePlainOne) {
  for (const bool has_biases : {false, true}) {
    for (const auto& [tokens, width] : {std::pair<int64_t, int64_t>{1, 16}, {7, 9}, {130, 64}}) {
      Tensors inputs{wave({tokens, width}, 0.9), wave({width}, 0.2) + 3.0};
      for (const int64_t outputs : {12, 5, 20}) {
        inputs.push_back(wave({outputs, width}, 0.11 + 0.01 * static_cast<double>(outputs)) * 0.1);
      }
      if (has_biases) {
        for (const int64_t outputs : {12, 5, 20}) inputs.push_back(wave({outputs}, 0.3));
      }
      const auto maps = [&](const Tensors& x) {
        JoinedLinear joined{.weights = {x.begin() + 2, x.begin() + 5}};
        if (has_biases) joined.biases = {x.begin() + 5, x.end()};
        const at::AutoGradMode off(false);
        joined.weight_OI = at::cat(joined.weights);
        if (has_biases) joined.bias_O = at::cat(joined.biases);
        return joined;
      };
      const Function fast = [&](const Tensors& x) {
        return norm_linear(x[0], {x[1], 1e-5}, maps(x), plain_products()).result_NO;
      };
      const Function plain = [&](const Tensors& x) {
        const JoinedLinear joined = maps(x);
        Tensors parts;
        for (size_t i = 0; i < 3; ++i) {
          parts.push_back(at::linear(plain_rms_norm(x[0], x[1], 1e-5),
                                     joined.weights[i],
                                     has_biases ? joined.biases[i] : at::Tensor()));
        }
        return at::cat(parts, 1);
      };
      expect_equal_to_plain(fast, plain, inputs, /*has_products=*/true);
      // Where there are no kernels, the same product by another way back.
      const Tensors got = value_and_gradients(fast, inputs);
      const Tensors wanted = value_and_gradients(plain, inputs);
      for (size_t i = 0; i < wanted.size(); ++i) {
        EXPECT_LT(max_difference(got[i], wanted[i]), 1e-11) << "result " << i << " in float64";
      }
    }
  }
}

// A residual stream: the gradient of what goes past the product joins in.
TEST(LayerMath, NormAndSumOfAResidualStreamEqualThePlainOnes) {
  for (const auto& [tokens, width] : {std::pair<int64_t, int64_t>{1, 16}, {7, 10}, {150, 64}}) {
    const Tensors inputs{wave({tokens, width}, 0.9),
                         wave({width}, 0.2) + 3.0,
                         wave({12, width}, 0.23) * 0.1,
                         wave({width, 12}, 0.31) * 0.1};
    const auto map_of = [](const at::Tensor& weight) {
      return JoinedLinear{.weight_OI = weight.detach(), .weights = {weight}};
    };
    const Function fast = [&](const Tensors& x) {
      const JoinedLinear in = map_of(x[2]);
      const JoinedLinear out = map_of(x[3]);
      const NormedProduct normed = norm_linear(x[0], {x[1], 1e-5}, in, plain_products());
      return add_linear(normed.x_NI, normed.result_NO, out, plain_products());
    };
    const Function plain = [&](const Tensors& x) {
      return x[0] + at::linear(at::linear(plain_rms_norm(x[0], x[1], 1e-5), x[2]), x[3]);
    };
    expect_equal_to_plain(fast, plain, inputs, /*has_products=*/true);
    const Tensors got = value_and_gradients(fast, inputs);
    const Tensors wanted = value_and_gradients(plain, inputs);
    for (size_t i = 0; i < wanted.size(); ++i) {
      EXPECT_LT(max_difference(got[i], wanted[i]), 1e-11) << "result " << i << " in float64";
    }
  }
}

TEST(LayerMath, GatedLinearEqualsThePlainOne) {
  for (const auto& [tokens, width] :
       {std::pair<int64_t, int64_t>{1, 1}, {3, 17}, {90, 512}, {200, 66}}) {
    expect_equal_to_plain(
        [](const Tensors& x) { return add_gated_linear(x[2], x[0], x[1], plain_products()); },
        [width = width](const Tensors& x) {
          return x[2] + at::linear(plain_gated_silu(x[0].narrow(1, 0, width),
                                                    x[0].narrow(1, width, width)),
                                   x[1]);
        },
        {wave({tokens, 2 * width}, 0.9) * 2.0,
         wave({11, width}, 0.21) * 0.1,
         wave({tokens, 11}, 0.5)},
        /*has_products=*/true);
  }
}

TEST(LayerMath, RotateEqualsThePlainOne) {
  for (const int64_t head_width : {2, 6, 32, 64, 128}) {
    const auto rotation_in = [&](at::ScalarType dtype) {
      std::vector<int64_t> positions;
      positions.reserve(37);
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

TEST(LayerMath, AddRowsAddsInFloat32) {
  for (const int64_t width : {1, 15, 16, 33, 4000}) {
    for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16}) {
      const at::Tensor sums = wave({5, width}, 0.3).to(at::kFloat);
      const at::Tensor x = wave({4, width}, 0.7).to(dtype);
      const at::Tensor wanted = sums.clone();
      const std::vector<int64_t> rows{4, 0, 4, 1};
      for (size_t n = 0; n < rows.size(); ++n) {
        wanted[rows[n]].add_(x[static_cast<int64_t>(n)].to(at::kFloat));
      }

      add_rows_(sums, ids_tensor(rows), x);

      EXPECT_TRUE(sums.equal(wanted)) << width << " of " << dtype;
    }
  }
}

TEST(LayerMath, TakesAnyStrides) {
  const at::Tensor whole = wave({6, 40}, 0.4).to(at::kFloat);
  const at::Tensor columns = whole.narrow(1, 3, 20);
  const at::Tensor weight = wave({20}, 0.1).to(at::kFloat) + 2.0;

  EXPECT_EQ(
      max_difference(rms_norm(columns, weight, 1e-6), rms_norm(columns.contiguous(), weight, 1e-6)),
      0.0);
  const at::Tensor down = wave({5, 10}, 0.3).to(at::kFloat);
  const at::Tensor sums = wave({6, 5}, 0.2).to(at::kFloat);
  EXPECT_EQ(max_difference(add_gated_linear(sums, columns, down, plain_products()),
                           add_gated_linear(sums, columns.contiguous(), down, plain_products())),
            0.0);
  // Heads that are part of a wider row, and heads with gaps between them.
  const at::Tensor wide = wave({6, 5, 8}, 0.4).to(at::kFloat);
  const Rotation rotation =
      make_rotation(wave({3}, 0.3).to(at::kFloat).abs(), ids_tensor({0, 4, 9, 1, 2, 3}));
  for (const at::Tensor& heads :
       {wide.view({6, 40}).narrow(1, 6, 12).view({6, 2, 6}), wide.narrow(2, 1, 6)}) {
    EXPECT_EQ(max_difference(rotate(heads, rotation), rotate(heads.contiguous(), rotation)), 0.0);
  }
}

}  // namespace
}  // namespace stratagram::model
