#include "train/disk_tensors.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "tests/support/process_memory.h"
#include "tests/support/temp_folder.h"

namespace stratagram::train {
namespace {

TEST(DiskTensors, KeepTheirNumbersWhenTheirMemoryIsGivenBack) {
  const TempFolder folder;
  constexpr int64_t kItems = 5'000'000;
  DiskTensors tensors(folder.path(), DiskTensors::bytes_of({kItems}) + DiskTensors::bytes_of({3}));
  const at::Tensor small = tensors.zeros({3});
  const at::Tensor large = tensors.zeros({kItems});
  EXPECT_EQ(large.abs().max().item<double>(), 0.0);
  const at::Tensor wanted = at::arange(kItems, at::kFloat);

  large.copy_(wanted);
  small.fill_(7);
  const int64_t before = mapped_file_memory();
  DiskTensors::release(large);
  const int64_t after = mapped_file_memory();

  EXPECT_LT(after, before - kItems * 4 * 9 / 10);
  EXPECT_TRUE(large.equal(wanted));
  EXPECT_EQ(small.sum().item<double>(), 21.0);
  DiskTensors::fetch(small);
  EXPECT_EQ(small.sum().item<double>(), 21.0);
}

TEST(DiskTensors, OutliveTheObjectThatMadeThem) {
  const TempFolder folder;
  at::Tensor tensor;
  {
    DiskTensors tensors(folder.path(), DiskTensors::bytes_of({10}));
    tensor = tensors.zeros({10}).fill_(2);
  }
  EXPECT_EQ(tensor.sum().item<double>(), 20.0);
}

TEST(DiskTensors, RefuseMoreThanTheFileHolds) {
  const TempFolder folder;
  DiskTensors tensors(folder.path(), DiskTensors::bytes_of({10}));
  (void)tensors.zeros({10});

  EXPECT_THROW((void)tensors.zeros({1}), Error);
}

}  // namespace
}  // namespace stratagram::train
