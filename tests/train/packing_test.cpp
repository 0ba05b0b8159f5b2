#include "train/packing.h"

#include <ATen/ops/tensor.h>
#include <gmock/gmock.h>

#include <algorithm>

#include "core/stream.h"
#include "tests/support/expect_error.h"
#include "tests/support/tiny_model.h"

namespace stratagram::train {
namespace {

using testing::ElementsAre;

using Ids = std::vector<int32_t>;

std::vector<int64_t> items(const at::Tensor& x_N) {
  const auto* values = x_N.const_data_ptr<int64_t>();
  return {values, values + x_N.numel()};
}

TEST(PlanMicroBatches, PutsEachSequenceIntoOneBatchWithinTheBudget) {
  const Stream stream({.seed = 5, .purpose = "lengths"});
  std::vector<int64_t> lengths;
  for (uint64_t i = 0; i < 200; ++i) {
    lengths.push_back(1 + static_cast<int64_t>(stream.below(90, i)));
  }

  std::vector<int64_t> seen;
  for (const std::vector<int64_t>& batch : plan_micro_batches(lengths, 100)) {
    int64_t tokens = 0;
    for (const int64_t index : batch) tokens += lengths[index];
    EXPECT_LE(tokens, 100);
    EXPECT_TRUE(std::is_sorted(batch.begin(), batch.end()));
    seen.insert(seen.end(), batch.begin(), batch.end());
  }

  std::sort(seen.begin(), seen.end());
  ASSERT_EQ(seen.size(), lengths.size());
  for (size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(seen[i], static_cast<int64_t>(i));
}

TEST(PlanMicroBatches, FillsTheRoomThatLongSequencesLeave) {
  const std::vector<int64_t> lengths{2, 7, 3, 8};

  EXPECT_THAT(plan_micro_batches(lengths, 10), ElementsAre(ElementsAre(0, 3), ElementsAre(1, 2)));
}

TEST(PlanMicroBatches, LeavesASequenceBeyondTheBudgetAlone) {
  const std::vector<int64_t> lengths{1, 30, 1};

  EXPECT_THAT(plan_micro_batches(lengths, 10), ElementsAre(ElementsAre(1), ElementsAre(0, 2)));
}

TEST(Pack, PredictsEachResponseTokenFromTheRowBeforeIt) {
  const Ids prompt_a{10, 11, 12};
  const Ids response_a{20, 21};
  const Ids prompt_b{13};
  const Ids response_b{22, 23, 24};

  const PackedTokens packed = pack(
      std::vector<Sequence>{{prompt_a, response_a}, {prompt_b, response_b}}, at::Device(at::kCPU));

  EXPECT_THAT(items(packed.tokens_N), ElementsAre(10, 11, 12, 20, 13, 22, 23));
  EXPECT_THAT(items(packed.positions_N), ElementsAre(0, 1, 2, 3, 0, 1, 2));
  EXPECT_THAT(packed.lengths, ElementsAre(4, 3));
  EXPECT_THAT(items(packed.rows_M), ElementsAre(2, 3, 4, 5, 6));
  EXPECT_THAT(items(packed.targets_M), ElementsAre(20, 21, 22, 23, 24));
  EXPECT_THAT(packed.response_lengths, ElementsAre(2, 3));
}

TEST(Pack, NamesTheSequenceWithoutResponse) {
  const Ids prompt{1};
  const Ids response{2};

  expect_error(
      [&] {
        (void)pack(std::vector<Sequence>{{prompt, response}, {prompt, {}}}, at::Device(at::kCPU));
      },
      ErrorKind::kInternal,
      "sequence 1 has 1 prompt and 0 response tokens");
}

TEST(UnpackValues, UndoesPackValues) {
  const std::vector<std::vector<float>> values{{1, 2}, {3}, {4, 5, 6}};
  const std::vector<std::span<const float>> views(values.begin(), values.end());

  const at::Tensor packed_M = pack_values(views, at::TensorOptions().dtype(at::kDouble));

  EXPECT_EQ(packed_M.scalar_type(), at::kDouble);
  EXPECT_EQ(unpack_values(packed_M, std::vector<int64_t>{2, 1, 3}), values);
}

}  // namespace
}  // namespace stratagram::train
