#include "model/joined_linear.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <gtest/gtest.h>

#include "tests/support/tiny_model.h"

namespace stratagram::model {
namespace {

at::Tensor numbers(int64_t rows, double first) {
  return (at::arange(rows * 3, at::kFloat) + first).view({rows, 3});
}

TEST(Join, KeepsTheValuesInOneStorage) {
  at::Tensor a = numbers(2, 0), b = numbers(4, 100), c = numbers(1, 200);
  const at::Tensor wanted = at::cat({a, b, c});

  const at::Tensor whole = join_(std::vector<at::Tensor*>{&a, &b, &c});

  EXPECT_EQ(max_difference(whole, wanted), 0.0);
  EXPECT_EQ(max_difference(at::cat({a, b, c}), wanted), 0.0);
  const auto version = whole._version();
  b.mul_(-1);
  EXPECT_EQ(max_difference(whole.narrow(0, 2, 4), b), 0.0) << "a change of a part shows";
  EXPECT_EQ(whole._version(), version) << "but does not count as one of the whole";
}

TEST(Join, LeavesWhatLiesTogether) {
  at::Tensor a = numbers(2, 0), b = numbers(4, 100);
  const at::Tensor first = join_(std::vector<at::Tensor*>{&a, &b});
  const void* place = b.const_data_ptr();

  const at::Tensor again = join_(std::vector<at::Tensor*>{&a, &b});

  EXPECT_EQ(b.const_data_ptr(), place);
  EXPECT_EQ(again.const_data_ptr(), first.const_data_ptr());
  EXPECT_EQ(again.sizes(), first.sizes());
}

TEST(Join, MovesPartsThatLieInAnotherOrder) {
  at::Tensor a = numbers(2, 0), b = numbers(4, 100);
  (void)join_(std::vector<at::Tensor*>{&a, &b});

  const at::Tensor turned = join_(std::vector<at::Tensor*>{&b, &a});

  EXPECT_EQ(max_difference(turned, at::cat({b, a})), 0.0);
}

TEST(Transformer, SharesItsWeightsWithAnotherMadeFromThem) {
  const Transformer model = tiny_model();
  const Transformer other(model.config(), model.weights());
  const at::Tensor before = full_pass_logits(other, {1, 2});

  for (const char* part : {"self_attn.k_proj", "self_attn.v_proj", "mlp.gate_proj"}) {
    model.weights().at(std::string("model.layers.1.") + part + ".weight").mul_(2);
  }

  EXPECT_GT(max_difference(before, full_pass_logits(other, {1, 2})), 1e-4);
  EXPECT_EQ(max_difference(full_pass_logits(model, {1, 2}), full_pass_logits(other, {1, 2})), 0.0);
}

}  // namespace
}  // namespace stratagram::model
