#include "train/memory_plan.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "model/hf_config.h"
#include "model/tensor_pages.h"
#include "model/weights.h"
#include "tests/support/expect_error.h"
#include "tests/support/process_memory.h"
#include "tests/support/tensor_memory.h"
#include "tests/support/tiny_model.h"
#include "train/adamw.h"
#include "train/gradients.h"
#include "train/score.h"

namespace stratagram::train {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// An update of a model of this shape, on sequences of one length.
struct Case {
  std::string name;
  model::ModelConfig config;
  at::ScalarType dtype = at::kFloat;
  bool recompute = false;
  int64_t micro_batch_tokens = 256;
  int64_t sequence_tokens = 128;
  int64_t kept_logits_mb = 0;

  // Two micro-batches, so that gradients of the first live while the second runs.
  [[nodiscard]] int64_t num_sequences() const {
    return 2 * std::max<int64_t>(1, micro_batch_tokens / sequence_tokens);
  }
  [[nodiscard]] model::Transformer model() const {
    return {config, model::random_weights(config, 7, dtype)};
  }
  [[nodiscard]] PassShape shape() const {
    return {.longest_sequence = sequence_tokens,
            .update_tokens = num_sequences() * sequence_tokens,
            .step_tokens = num_sequences() * sequence_tokens,
            .micro_batch_tokens = micro_batch_tokens,
            .recompute_layers = recompute,
            .kept_logits_mb = kept_logits_mb};
  }
};

model::ModelConfig lab_config() {
  return model::read_hf_config("data/models/lab");
}

// Scores, gradients and one step of the optimizer, as one step of a run makes them.
void learn_once(const model::Transformer& model, const Case& c) {
  AdamW optimizer(model.weights(), {});
  const int64_t num_prompt = 8;
  std::vector<int32_t> ids(c.sequence_tokens + 1);
  for (size_t t = 0; t < ids.size(); ++t) {
    ids[t] = static_cast<int32_t>(t * 7 % static_cast<size_t>(c.config.vocab_size));
  }
  const std::span<const int32_t> row(ids);
  const Sequence sequence{.prompt = row.first(num_prompt), .response = row.subspan(num_prompt)};
  const std::vector<float> advantages(sequence.response.size(), 1.0F);
  const std::vector<float> logprobs(sequence.response.size(), -3.0F);
  std::vector<Response> responses;
  Update update;
  for (int64_t i = 0; i < c.num_sequences(); ++i) {
    responses.push_back({.group = i,
                         .sequence = sequence,
                         .advantages = advantages,
                         .rollout_logprobs = logprobs,
                         .old_logprobs = logprobs});
    update.responses.push_back(i);
    update.weights.push_back(1e-3);
  }
  const std::vector<Sequence> sequences(responses.size(), sequence);
  (void)score_sequences(model, sequences, {.micro_batch_tokens = c.micro_batch_tokens});
  const GradientStats stats = accumulate_gradients(model,
                                                   responses,
                                                   update,
                                                   {.temperature = 0.9,
                                                    .micro_batch_tokens = c.micro_batch_tokens,
                                                    .recompute_layers = c.recompute,
                                                    .kept_logits_mb = c.kept_logits_mb});
  ASSERT_TRUE(stats.finite);
  ASSERT_EQ(stats.num_micro_batches, 2);
  ASSERT_TRUE(optimizer.step_(1e-5).applied);
}

// What the plan counts, tensor by tensor. A plan beyond twice the truth would refuse runs that fit.
void expect_between_the_peak_and_twice_of_it(const Case& c) {
  SCOPED_TRACE(c.name);
  const model::Transformer model = c.model();
  const TrainingPlan plan = plan_passes(model, nullptr, c.shape());
  const TensorMemory memory;

  learn_once(model, c);

  const int64_t peak = memory.peak() + plan.weights;
  EXPECT_GE(plan.peak(), peak) << plan.text();
  EXPECT_LE(plan.peak(), 2 * peak) << plan.text();
}

TEST(TrainingPlan, LiesBetweenTheMeasuredPeakAndTwiceOfItForTheLabModel) {
  for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16}) {
    for (const bool recompute : {false, true}) {
      const std::string name =
          fmt::format("{}{}", c10::toString(dtype), recompute ? ", recomputed" : "");
      expect_between_the_peak_and_twice_of_it(
          {.name = name, .config = lab_config(), .dtype = dtype, .recompute = recompute});
    }
  }
}

TEST(TrainingPlan, LiesBetweenTheMeasuredPeakAndTwiceOfItForOtherShapes) {
  model::ModelConfig large_head = lab_config();
  large_head.family = model::Family::kLlama;
  large_head.qk_norm = false;
  large_head.tied_head = false;
  large_head.vocab_size = 20000;
  model::ModelConfig one_layer = lab_config();
  one_layer.num_layers = 1;
  one_layer.num_kv_heads = one_layer.num_heads;
  model::ModelConfig many_heads = lab_config();
  many_heads.num_heads = 24;
  many_heads.mlp_width = 192;

  expect_between_the_peak_and_twice_of_it({.name = "large head", .config = large_head});
  expect_between_the_peak_and_twice_of_it({.name = "large head, its logits kept",
                                           .config = large_head,
                                           .micro_batch_tokens = 1024,
                                           .kept_logits_mb = 1000});
  expect_between_the_peak_and_twice_of_it({.name = "large head, half of its logits kept",
                                           .config = large_head,
                                           .micro_batch_tokens = 1024,
                                           .kept_logits_mb = 40});
  expect_between_the_peak_and_twice_of_it({.name = "one layer", .config = one_layer});
  expect_between_the_peak_and_twice_of_it(
      {.name = "many heads, recomputed", .config = many_heads, .recompute = true});
  expect_between_the_peak_and_twice_of_it({.name = "a sequence beyond the micro-batch",
                                           .config = lab_config(),
                                           .micro_batch_tokens = 16,
                                           .sequence_tokens = 500});
}

// Attention then takes each query head for itself.
TEST(TrainingPlan, LiesBetweenTheMeasuredPeakAndTwiceOfItForLongSequences) {
  model::ModelConfig many_heads = lab_config();
  many_heads.num_heads = 24;
  for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16}) {
    for (const model::ModelConfig& config : {lab_config(), many_heads}) {
      expect_between_the_peak_and_twice_of_it(
          {.name = fmt::format("{}, {} heads", c10::toString(dtype), config.num_heads),
           .config = config,
           .dtype = dtype,
           .micro_batch_tokens = 1200,
           .sequence_tokens = 600});
    }
  }
}

// Ends the process, with 0 when the plan lies between the growth of resident memory and twice of
// it.
void measure_resident_memory(const Case& c) {
  model::use_tensor_pages();  // as the program does
  const model::Transformer model = c.model();
  Case small = c;
  small.micro_batch_tokens = small.sequence_tokens = 16;
  learn_once(model, small);               // the program's own pages
  model::tensor_pages().release_kept_();  // what it left free would hide growth
  malloc_trim(0);
  std::ofstream("/proc/self/clear_refs") << "5";  // the peak so far is forgotten
  const TrainingPlan plan = plan_passes(model, nullptr, c.shape());
  const int64_t before = memory_of_process("VmRSS");

  learn_once(model, c);

  const int64_t grown = memory_of_process("VmHWM") - before;
  const int64_t planned = plan.peak() - plan.weights;
  std::fprintf(stderr, "%s", fmt::format("planned {}, grown by {}\n", planned, grown).c_str());
  std::_Exit(grown <= planned && planned <= 2 * grown ? 0 : 1);
}

// Each in a process of its own, whose memory no earlier test has touched.
TEST(TrainingPlanDeathTest, LiesBetweenTheGrowthOfResidentMemoryAndTwiceOfIt) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizers keep what was freed";
#endif
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  // bfloat16 is slow on many CPUs.
  for (const auto& [dtype, tokens] :
       {std::pair(at::kFloat, 3072), std::pair(at::kBFloat16, 1024)}) {
    for (const bool recompute : {false, true}) {
      const Case c{.name = fmt::format("{} {}", c10::toString(dtype), recompute),
                   .config = lab_config(),
                   .dtype = dtype,
                   .recompute = recompute,
                   .micro_batch_tokens = tokens};

      EXPECT_EXIT(measure_resident_memory(c), testing::ExitedWithCode(0), "planned") << c.name;
    }
  }
}

TEST(TrainingPlan, GrowsInProportionToTheMicroBatchUntilThatHoldsTheWholeUpdate) {
  const model::Transformer model = tiny_model();
  const auto activations = [&](int64_t tokens) {
    return plan_passes(model,
                       nullptr,
                       {.longest_sequence = 100,
                        .update_tokens = 4000,
                        .step_tokens = 4000,
                        .micro_batch_tokens = tokens})
        .activations;
  };

  EXPECT_EQ(activations(2000), 2 * activations(1000));
  EXPECT_EQ(activations(4000), 4 * activations(1000));
  EXPECT_EQ(activations(9000), activations(4000));
  // A sequence that is longer goes alone.
  EXPECT_EQ(activations(10), activations(100));
}

TEST(TrainingPlan, LeavesOutTheStateThatIsOnDisk) {
  const model::Transformer model(lab_config(),
                                 model::random_weights(lab_config(), 7, at::kBFloat16));
  PassShape shape{.longest_sequence = 8, .update_tokens = 8, .step_tokens = 8};
  const TrainingPlan in_memory = plan_passes(model, nullptr, shape);
  shape.state_on_disk = true;
  const TrainingPlan on_disk = plan_passes(model, nullptr, shape);

  const int64_t most = std::min(model.num_parameters(), AdamW::kItemsAtOnce);
  EXPECT_EQ(in_memory.masters + in_memory.moments, 10 * model.num_parameters());
  EXPECT_EQ(on_disk.masters + on_disk.moments, 10 * most);
  EXPECT_EQ(in_memory.pass(), on_disk.pass());
}

TEST(TrainingPlan, HoldsMastersForLowPrecisionAndAReferenceForAKlTerm) {
  const PassShape shape{.longest_sequence = 8, .update_tokens = 8, .step_tokens = 8};
  const model::Transformer full = tiny_model();
  const model::Transformer low = tiny_model({.dtype = at::kBFloat16});
  const int64_t parameters = full.num_parameters();

  const TrainingPlan of_full = plan_passes(full, nullptr, shape);
  const TrainingPlan of_low = plan_passes(low, &low, shape);

  EXPECT_EQ(of_full.held(), parameters * (4 + 8));
  EXPECT_EQ(of_full.reference, 0);
  EXPECT_EQ(of_full.masters, 0);
  EXPECT_EQ(of_low.held(), parameters * (2 + 2 + 2 + 8));
  EXPECT_EQ(of_low.masters, parameters * 2);
  EXPECT_THAT(of_full.text(), Not(HasSubstr("masters")));
}

TEST(TrainingPlan, PeaksInItsLargestPhase) {
  TrainingPlan plan{.weights = 1, .moments = 2, .gradients = 40, .activations = 50};
  EXPECT_EQ(plan.peak(), 3 + 90);

  plan.key_values = 7;  // given back before training
  EXPECT_EQ(plan.peak(), 3 + 90);
  plan.rollout = 84;
  EXPECT_EQ(plan.peak(), 3 + 7 + 84);
  plan.resume = 1000;  // before there are keys and values
  EXPECT_EQ(plan.peak(), 3 + 1000);
}

TEST(CheckFits, SaysTheNumbersAndTheAdviceOfAPlanBeyondItsBudget) {
  const int64_t mega = 1'000'000;
  TrainingPlan plan{.weights = 10 * mega,
                    .moments = 20 * mega,
                    .gradients = 10 * mega,
                    .activations = 200 * mega,
                    .budget = 240 * mega};
  EXPECT_NO_THROW(check_fits(plan, "lower x"));
  plan.budget = 0;  // unknown
  EXPECT_NO_THROW(check_fits(plan, "lower x"));
  plan.budget = 239 * mega;

  expect_error([&] { check_fits(plan, "lower x"); },
               ErrorKind::kDevice,
               "training needs weights 10 MB + moments 20 MB + the largest of gradients 10 MB + "
               "activations 200 MB = 240 MB of 239 MB; lower x");
}

}  // namespace
}  // namespace stratagram::train
