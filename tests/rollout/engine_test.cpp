#include "rollout/engine.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/tensor.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>

#include "core/interrupt.h"
#include "model/head.h"
#include "rollout/response.h"
#include "tests/support/expect_error.h"
#include "tests/support/tiny_model.h"

namespace stratagram::rollout {
namespace {

using Completions = std::vector<std::vector<Completion>>;

struct Setting {
  text::Tokenizer tokenizer = text::Tokenizer::from_json_file(std::string(STRATAGRAM_TEST_DATA) +
                                                              "/text/qwen2/tokenizer.json");
  model::Transformer model = tiny_model({.vocab_size = tokenizer.vocab_size(), .scale = 0.15});
  std::vector<int32_t> ends{tokenizer.id_of("<|im_end|>").value()};

  [[nodiscard]] Request request(const std::string& text, int64_t samples) const {
    return {.prompt = {.problem_id = text,
                       .text = text,
                       .token_ids = tokenizer.encode(text, false).ids},
            .num_samples = samples};
  }
  [[nodiscard]] std::vector<Request> requests() const {
    return {request("Wait, let me check the sum again.", 5),
            request("a", 3),
            request("Let's try another way: if x = 12 then 3x + 4 = 40", 4),
            request("The area of a circle", 1)};
  }
  [[nodiscard]] Completions generate(const std::vector<Request>& asked,
                                     const EngineConfig& config,
                                     const SamplingConfig& sampling = {
                                         .max_new_tokens = 40}) const {
    Engine engine(model, tokenizer, ends, config);
    return engine.generate(asked, sampling, {.seed = 11, .step = 2});
  }
};

void expect_same(const Completion& a, const Completion& b) {
  EXPECT_EQ(a.token_ids, b.token_ids);
  EXPECT_EQ(a.text, b.text);
  EXPECT_EQ(a.finish, b.finish);
  ASSERT_EQ(a.logprobs.size(), b.logprobs.size());
  // Equal to the bit where it was seen (AVX-512, 16 rows); libtorch promises less.
  for (size_t t = 0; t < a.logprobs.size(); ++t) EXPECT_NEAR(a.logprobs[t], b.logprobs[t], 1e-5);
}

TEST(Engine, GivesTheSameCompletionWhateverElseIsInTheBatch) {
  const Setting setting;
  const std::vector<Request> requests = setting.requests();
  const EngineConfig config{.max_sequences = 6, .block_tokens = 4};
  const Completions together = setting.generate(requests, config);

  for (size_t i = 0; i < requests.size(); ++i) {
    const Completions alone = setting.generate({requests[i]}, config);
    for (size_t s = 0; s < alone[0].size(); ++s) expect_same(alone[0][s], together[i][s]);
  }
  std::vector<Request> reversed(requests.rbegin(), requests.rend());
  Completions backwards = setting.generate(reversed, config);
  std::reverse(backwards.begin(), backwards.end());
  for (size_t i = 0; i < requests.size(); ++i) {
    for (size_t s = 0; s < together[i].size(); ++s) expect_same(backwards[i][s], together[i][s]);
  }
}

struct PackedHeight {
  at::ScalarType dtype = at::kFloat;
  int64_t rows = 0;
};

class PackedEngine : public ::testing::TestWithParam<PackedHeight> {};

// Of five rows the products may be panels where those of nine are libtorch's.
INSTANTIATE_TEST_SUITE_P(Rollout,
                         PackedEngine,
                         ::testing::Values(PackedHeight{at::kFloat, 5},
                                           PackedHeight{at::kFloat, 9},
                                           PackedHeight{at::kBFloat16, 5},
                                           PackedHeight{at::kBFloat16, 9}),
                         [](const auto& one) {
                           return c10::toString(one.param.dtype) + std::to_string(one.param.rows);
                         });

// With packed weights a pass has as many rows as responses, also fewer than 16; where a processor
// packs none of the dtype, the same model must run without.
TEST_P(PackedEngine, GivesTheSameCompletionWhateverElseIsInTheBatch) {
  Setting setting;
  setting.model = tiny_model({.vocab_size = setting.tokenizer.vocab_size(),
                              .dtype = GetParam().dtype,
                              .scale = 0.06,
                              .wide = true});
  ASSERT_EQ(setting.model.can_pack(),
            model::PackedProducts::available(setting.model.head_weight_VD()));
  const std::vector<Request> requests = setting.requests();
  const EngineConfig config{.max_sequences = GetParam().rows, .block_tokens = 4};
  const Completions together = setting.generate(requests, config);

  for (size_t i = 0; i < requests.size(); ++i) {
    const Completions alone = setting.generate({requests[i]}, config);
    for (size_t s = 0; s < alone[0].size(); ++s) expect_same(alone[0][s], together[i][s]);
  }
}

TEST(Engine, GivesTheSameSampleWhenOnlyThatSampleIsAskedFor) {
  const Setting setting;
  const EngineConfig config{.max_sequences = 6, .block_tokens = 4};
  Request third = setting.request("Wait, let me check the sum again.", 1);
  third.first_sample = 2;

  const Completion alone = setting.generate({third}, config)[0][0];

  EXPECT_EQ(alone.sample, 2);
  expect_same(alone, setting.generate(setting.requests(), config)[0][2]);
}

// Sharing, block size and scarce memory change where keys lie, never what is attended to.
TEST(Engine, GivesTheSameTokensForEveryBlockSizeAndMemory) {
  const Setting setting;
  const std::vector<Request> requests = setting.requests();
  const Completions reference = setting.generate(requests, {.max_sequences = 6, .block_tokens = 1});

  for (const EngineConfig& config :
       {EngineConfig{.max_sequences = 6, .block_tokens = 3},
        EngineConfig{.max_sequences = 6, .block_tokens = 64},
        EngineConfig{.max_sequences = 6, .block_tokens = 4, .memory_budget_mb = 1}}) {
    const Completions completions = setting.generate(requests, config);
    for (size_t i = 0; i < requests.size(); ++i) {
      for (size_t s = 0; s < reference[i].size(); ++s) {
        expect_same(completions[i][s], reference[i][s]);
      }
    }
  }
}

// Rollout and trainer are one forward and one log-probability; only the order of sums may differ.
TEST(Engine, LogprobsAndEntropiesAreThoseOfTheTrainersPass) {
  const Setting setting;
  const std::vector<Request> requests = setting.requests();
  const SamplingConfig sampling{.temperature = 0.7, .max_new_tokens = 40};
  const Completions completions =
      setting.generate(requests, {.max_sequences = 6, .block_tokens = 4}, sampling);

  for (size_t i = 0; i < requests.size(); ++i) {
    for (const Completion& completion : completions[i]) {
      const auto& prompt = requests[i].prompt.token_ids;
      std::vector<int64_t> ids(prompt.begin(), prompt.end());
      ids.insert(ids.end(), completion.token_ids.begin(), completion.token_ids.end());
      const auto total = static_cast<int64_t>(ids.size());
      const auto length = static_cast<int64_t>(completion.token_ids.size());
      model::PackedAttention attention({total});
      const at::Tensor hidden_ND =
          setting.model.forward(ids_tensor(ids), packed_positions({total}), attention);
      const model::TokenScores scores =
          model::token_scores(hidden_ND.narrow(0, total - length - 1, length),
                              setting.model.head_weight_VD(),
                              ids_tensor(std::vector<int64_t>(ids.end() - length, ids.end())),
                              {.temperature = sampling.temperature});

      EXPECT_LT(max_difference(scores.logprobs_N, at::tensor(completion.logprobs)), 2e-5);
      EXPECT_LT(max_difference(scores.entropies_N, at::tensor(completion.entropies)), 2e-5);
    }
  }
}

TEST(Engine, SamplesOfAGroupDifferAndSeedsDiffer) {
  const Setting setting;
  const EngineConfig config{.max_sequences = 4};
  const Request request = setting.request("Wait, let me check", 4);

  const Completions completions = setting.generate({request}, config);
  Engine engine(setting.model, setting.tokenizer, setting.ends, config);
  const SamplingConfig sampling{.max_new_tokens = 40};
  const Completions other_seed = engine.generate({request}, sampling, {.seed = 12, .step = 2});
  const Completions other_step = engine.generate({request}, sampling, {.seed = 11, .step = 3});

  EXPECT_NE(completions[0][0].token_ids, completions[0][1].token_ids);
  EXPECT_NE(completions[0][0].token_ids, other_seed[0][0].token_ids);
  EXPECT_NE(completions[0][0].token_ids, other_step[0][0].token_ids);
}

TEST(Engine, FillsEveryFieldOfACompletion) {
  const Setting setting;
  const Completions completions = setting.generate(setting.requests(), {.max_sequences = 6});

  for (const auto& group : completions) {
    for (const Completion& c : group) {
      ASSERT_FALSE(c.token_ids.empty());
      EXPECT_EQ(c.logprobs.size(), c.token_ids.size());
      EXPECT_EQ(c.entropies.size(), c.token_ids.size());
      EXPECT_EQ(c.seed, 11U);
      int64_t end = 0;
      for (const Range& range : c.byte_ranges) {
        EXPECT_EQ(range.begin, end);
        end = range.end;
      }
      EXPECT_EQ(end, static_cast<int64_t>(c.text.size()));
      EXPECT_TRUE(c.finish != Finish::kLength || c.token_ids.size() == 40U);
      EXPECT_EQ(c.finish == Finish::kStop, c.token_ids.back() == setting.ends[0]);
    }
  }
}

TEST(Engine, NamesTheProblemWhoseBudgetExceedsThePositions) {
  const Setting setting;

  expect_error(
      [&] { (void)setting.generate({setting.request("Wait", 1)}, {}, {.max_new_tokens = 256}); },
      ErrorKind::kConfig,
      "problem 'Wait'");
}

TEST(Engine, SaysInNumbersThatAPlanDoesNotFit) {
  const Setting setting;
  const model::Transformer wide =
      tiny_model({.vocab_size = setting.tokenizer.vocab_size(), .num_layers = 200});
  const Engine engine(
      wide, setting.tokenizer, setting.ends, {.max_sequences = 1, .memory_budget_mb = 3});

  expect_error([&] { (void)engine.plan({setting.request("Wait", 1)}, {.max_new_tokens = 200}); },
               ErrorKind::kDevice,
               "the budget is 3 MB");
}

TEST(Engine, StopsSoonAfterAnInterrupt) {
  const Setting setting;
  Engine engine(setting.model, setting.tokenizer, setting.ends, {.max_sequences = 2});
  Callbacks callbacks;
  callbacks.on_step = [](int64_t tokens, int64_t /*responses*/) {
    if (tokens > 10) request_interrupt();
  };

  expect_error(
      [&] {
        (void)engine.generate(setting.requests(), {.max_new_tokens = 40}, {.seed = 1}, callbacks);
      },
      ErrorKind::kInterrupted,
      "stopped");
  clear_interrupt();
}

TEST(Engine, StreamsTheTextOfEachResponse) {
  const Setting setting;
  Engine engine(setting.model, setting.tokenizer, setting.ends, {.max_sequences = 6});
  std::map<std::pair<int64_t, int64_t>, std::string> streamed;
  Callbacks callbacks;
  callbacks.on_text = [&](int64_t request, int64_t sample, std::string_view bytes) {
    streamed[{request, sample}] += bytes;
  };

  const Completions completions =
      engine.generate(setting.requests(), {.max_new_tokens = 40}, {.seed = 1}, callbacks);

  for (size_t i = 0; i < completions.size(); ++i) {
    for (const Completion& c : completions[i]) {
      EXPECT_EQ((streamed[{static_cast<int64_t>(i), c.sample}]), c.text);
    }
  }
}

class ResponseEnd : public ::testing::Test {
 protected:
  std::optional<Finish> add(Response& response, int32_t token) const {
    return response.add({.token = token}, setting.tokenizer, sampling, setting.ends);
  }
  [[nodiscard]] int32_t token(const std::string& spelling) const {
    return setting.tokenizer.id_of(spelling).value();
  }
  Setting setting;
  SamplingConfig sampling{.max_new_tokens = 100};
};

TEST_F(ResponseEnd, ComesWithTheEndToken) {
  Response response(0, 0);

  EXPECT_EQ(add(response, token("a")), std::nullopt);
  EXPECT_EQ(add(response, setting.ends[0]), Finish::kStop);
}

TEST_F(ResponseEnd, ComesWithAStopStringAcrossTokens) {
  sampling.stop = {"xyz", "ba"};
  Response response(0, 0);

  EXPECT_EQ(add(response, token("a")), std::nullopt);
  EXPECT_EQ(add(response, token("b")), std::nullopt);
  EXPECT_EQ(add(response, token("a")), Finish::kStop);
}

TEST_F(ResponseEnd, ComesAtTheBudget) {
  sampling.max_new_tokens = 2;
  Response response(0, 0);

  EXPECT_EQ(add(response, token("a")), std::nullopt);
  EXPECT_EQ(add(response, token("b")), Finish::kLength);
}

TEST_F(ResponseEnd, ComesWith64EqualTokensInARow) {
  Response response(0, 0);

  EXPECT_EQ(add(response, token("b")), std::nullopt);
  for (int i = 0; i < 63; ++i) EXPECT_EQ(add(response, token("a")), std::nullopt);
  EXPECT_EQ(add(response, token("a")), Finish::kDegenerate);
}

}  // namespace
}  // namespace stratagram::rollout
