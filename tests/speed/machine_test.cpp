// Peaks of the machine and of this process's memory.
#include "speed/machine.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/ones.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/tensor_pages.h"
#include "speed/memory.h"
#include "speed/noise.h"
#include "train/clock.h"

namespace stratagram::speed {
namespace {

constexpr int64_t kMega = 1'000'000;

TEST(GemmPeak, GrowsNoFasterThanTheProductsThatAreTimed) {
  // A product of one row reads each weight for two operations, so it cannot reach what one of many
  // rows reaches; were the operations counted wrongly, it could.
  const double one = gemm_peak(at::kFloat, at::Device(at::kCPU), {.rows = 1, .width = 1024});
  const double many = gemm_peak(at::kFloat, at::Device(at::kCPU), {.rows = 256, .width = 1024});

  EXPECT_GT(one, 1e6);
  EXPECT_GT(many, one);
}

TEST(GemmPeak, IsOfEitherDtype) {
  EXPECT_GT(gemm_peak(at::kBFloat16, at::Device(at::kCPU), {.rows = 64, .width = 64}), 1e6);
}

TEST(GemmSpeed, TakesTheTimeAskedForAndHasABestAboveItsMean) {
  const ProductShape shape{.rows = 64, .width = 256};
  const train::Clock clock;

  const GemmSpeed speed = gemm_speed(at::kFloat, at::Device(at::kCPU), shape, 0.2);

  EXPECT_GE(clock.seconds(), 0.2);
  EXPECT_GT(speed.mean, 0.0);
  EXPECT_GE(speed.best, speed.mean);
}

TEST(CopyBandwidth, IsAboveWhatADiskReaches) {
  EXPECT_GT(copy_bandwidth(16 * kMega), 1e8);
}

TEST(Peaks, PreferTheFasterDtypeAndFloat32WhenEqual) {
  EXPECT_EQ((Peaks{.float32 = 1, .bfloat16 = 2}.faster()), at::kBFloat16);
  EXPECT_EQ((Peaks{.float32 = 2, .bfloat16 = 1}.faster()), at::kFloat);
  EXPECT_EQ((Peaks{.float32 = 1, .bfloat16 = 1}.faster()), at::kFloat);
  EXPECT_EQ((Peaks{.float32 = 1, .bfloat16 = 2}.of(at::kBFloat16)), 2.0);
  EXPECT_EQ((Peaks{.float32 = 1, .bfloat16 = 2}.of(at::kFloat)), 1.0);
}

TEST(DescribeMachine, NamesProcessorThreadsAndVectors) {
  const Machine machine = describe_machine();

  EXPECT_NE(machine.processor, "");
  EXPECT_GE(machine.threads, 1);
  EXPECT_NE(machine.vectors, "");
}

TEST(ResetPeakMemory, GivesBackWhatIsKeptForFurtherTensors) {
  model::TensorPages& pages = model::tensor_pages();
  pages.allocate(5'000'000).clear();
  ASSERT_GT(pages.kept(), 0);

  (void)reset_peak_memory();

  EXPECT_EQ(pages.kept(), 0);
}

TEST(ResetPeakMemory, ForgetsWhatWasHeldBefore) {
  {
    const at::Tensor large = at::ones({50 * kMega});
  }  // 200 MB
  if (!reset_peak_memory()) GTEST_SKIP() << "this system does not let a process reset its peak";
  const int64_t before = resident_memory();

  EXPECT_LT(peak_memory() - before, 20 * kMega);
  {
    const at::Tensor small = at::ones({15 * kMega});
  }  // 60 MB
  EXPECT_GT(peak_memory() - before, 50 * kMega);
  EXPECT_LT(peak_memory() - before, 90 * kMega);
}

TEST(Noise, IsTheSameForTheSameSeedAndHasTheDeviation) {
  const at::Tensor a = noise({100, 100}, 0.5, 3, at::kFloat);

  EXPECT_TRUE(a.equal(noise({100, 100}, 0.5, 3, at::kFloat)));
  EXPECT_FALSE(a.equal(noise({100, 100}, 0.5, 4, at::kFloat)));
  EXPECT_NEAR(a.std().item<double>(), 0.5, 0.02);
}

}  // namespace
}  // namespace stratagram::speed
