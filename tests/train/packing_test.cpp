#include "train/packing.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/tensor.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <span>

#include "core/stream.h"
#include "model/head.h"
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

// Sequences of given input lengths, prompts of one token: whose, says `prompts`.
class Made {
 public:
  Made(const std::vector<int64_t>& lengths, const std::vector<int64_t>& prompts)
      : response_(1000, 5), prompts_(*std::ranges::max_element(prompts) + 1, Ids{7}) {
    for (size_t i = 0; i < lengths.size(); ++i) {
      sequences_.push_back(
          {.prompt = prompts_[prompts[i]], .response = std::span(response_).first(lengths[i])});
    }
  }
  Made(const Made&) = delete;
  Made& operator=(const Made&) = delete;

  [[nodiscard]] const std::vector<Sequence>& sequences() const { return sequences_; }

 private:
  Ids response_;
  std::vector<Ids> prompts_;
  std::vector<Sequence> sequences_;
};

std::vector<int64_t> counted(int64_t end) {
  std::vector<int64_t> numbers(end);
  for (int64_t i = 0; i < end; ++i) numbers[i] = i;
  return numbers;
}

int64_t num_tokens(const std::vector<Sequence>& sequences) {
  return pack(sequences, at::Device(at::kCPU)).tokens_N.size(0);
}

TEST(PlanMicroBatches, PutsEachSequenceIntoOneBatchWithinTheBudget) {
  const Stream stream({.seed = 5, .purpose = "lengths"});
  std::vector<int64_t> lengths, prompts;
  for (uint64_t i = 0; i < 200; ++i) {
    lengths.push_back(1 + static_cast<int64_t>(stream.below(90, i)));
    prompts.push_back(static_cast<int64_t>(i < 100 ? i : 100 + (i - 100) / 7));
  }
  const Made made(lengths, prompts);

  std::vector<int64_t> seen;
  for (const std::vector<int64_t>& batch : plan_micro_batches(made.sequences(), 100)) {
    std::vector<Sequence> members;
    for (const int64_t index : batch) members.push_back(made.sequences()[index]);
    EXPECT_LE(num_tokens(members), 100);
    EXPECT_TRUE(std::is_sorted(batch.begin(), batch.end()));
    seen.insert(seen.end(), batch.begin(), batch.end());
  }

  std::sort(seen.begin(), seen.end());
  EXPECT_EQ(seen, counted(200));
}

TEST(PlanMicroBatches, FillsTheRoomThatLongSequencesLeave) {
  const Made made({2, 7, 3, 8}, counted(4));

  EXPECT_THAT(plan_micro_batches(made.sequences(), 10),
              ElementsAre(ElementsAre(0, 3), ElementsAre(1, 2)));
}

TEST(PlanMicroBatches, LeavesASequenceBeyondTheBudgetAlone) {
  const Made made({1, 30, 1}, counted(3));

  EXPECT_THAT(plan_micro_batches(made.sequences(), 10),
              ElementsAre(ElementsAre(1), ElementsAre(0, 2)));
}

TEST(PlanMicroBatches, KeepsThoseThatShareAPromptTogetherAsFarAsTheyFit) {
  // 4, 3 more and 3 more tokens with the prompt once; then a prompt of its own.
  const Made made({4, 4, 4, 4, 5}, {0, 0, 0, 0, 1});

  EXPECT_THAT(plan_micro_batches(made.sequences(), 10),
              ElementsAre(ElementsAre(0, 1, 2), ElementsAre(3, 4)));
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
  ASSERT_EQ(packed.groups.size(), 2U);
  EXPECT_EQ(packed.groups[0].prompt, 4);
  EXPECT_EQ(packed.groups[1].prompt, 3);
  EXPECT_TRUE(packed.groups[0].continuations.empty());
  EXPECT_THAT(items(packed.rows_M), ElementsAre(2, 3, 4, 5, 6));
  EXPECT_THAT(items(packed.targets_M), ElementsAre(20, 21, 22, 23, 24));
  EXPECT_THAT(packed.response_lengths, ElementsAre(2, 3));
}

TEST(Pack, TakesASharedPromptOnce) {
  const Ids prompt{10, 11, 12};
  const Ids twin{10, 11, 12};  // equal, but not shared
  const Ids first{20, 21, 22};
  const Ids second{23};
  const Ids third{24, 25};

  const PackedTokens packed =
      pack(std::vector<Sequence>{{prompt, first}, {prompt, second}, {prompt, third}, {twin, third}},
           at::Device(at::kCPU));

  EXPECT_THAT(items(packed.tokens_N), ElementsAre(10, 11, 12, 20, 21, 24, 10, 11, 12, 24));
  EXPECT_THAT(items(packed.positions_N), ElementsAre(0, 1, 2, 3, 4, 3, 0, 1, 2, 3));
  EXPECT_THAT(items(packed.rows_M), ElementsAre(2, 3, 4, 2, 2, 5, 8, 9));
  EXPECT_THAT(items(packed.targets_M), ElementsAre(20, 21, 22, 23, 24, 25, 24, 25));
  ASSERT_EQ(packed.groups.size(), 2U);
  EXPECT_EQ(packed.groups[0].prompt, 3);
  EXPECT_THAT(packed.groups[0].continuations, ElementsAre(2, 0, 1));
  EXPECT_EQ(packed.groups[1].prompt, 4);
  EXPECT_THAT(packed.response_lengths, ElementsAre(3, 1, 2, 2));
}

// Scores and gradients do not tell whether the prompt was computed once or for each response.
TEST(Pack, ASharedPromptChangesNoScoreAndNoGradient) {
  const Ids prompt{3, 1, 4, 1, 5};
  const std::vector<Ids> copies(3, prompt);
  const std::vector<Ids> responses{{9, 2, 6, 5}, {8}, {3, 5, 8, 9, 7, 9}};
  std::vector<at::Tensor> results[2];
  for (const bool shared : {false, true}) {
    const model::Transformer model = tiny_model({.dtype = at::kDouble});
    std::vector<Sequence> sequences;
    for (size_t i = 0; i < 3; ++i) {
      sequences.push_back({.prompt = shared ? prompt : copies[i], .response = responses[i]});
    }
    for (const auto& [name, weight] : model.weights()) weight.requires_grad_(true);
    const PackedTokens packed = pack(sequences, at::Device(at::kCPU));
    EXPECT_EQ(packed.tokens_N.size(0), shared ? 13 : 23);
    model::PackedAttention attention(packed.groups);
    const at::Tensor hidden_ND = model.forward(packed.tokens_N, packed.positions_N, attention);
    const model::TokenScores scores = model::token_scores(
        hidden_ND.index_select(0, packed.rows_M), model.head_weight_VD(), packed.targets_M, {});
    (scores.logprobs_N * scores.entropies_N).sum().backward();
    results[shared ? 1 : 0] = {scores.logprobs_N.detach(), scores.entropies_N.detach()};
    for (const auto& [name, weight] : model.weights()) {
      results[shared ? 1 : 0].push_back(weight.grad());
    }
  }
  for (size_t i = 0; i < results[0].size(); ++i) {
    EXPECT_LT(max_difference(results[0][i], results[1][i]), 1e-10) << i;
  }
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
