#include "rollout/policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/file.h"
#include "model/weights.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"
#include "tests/support/tiny_model.h"

namespace stratagram::rollout {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kTokenizer = STRATAGRAM_TEST_DATA "/text/qwen2/tokenizer.json";

// A folder with a tiny model and its tokenizer, as a hub would have it.
class PolicyFolder : public ::testing::Test {
 protected:
  PolicyFolder() {
    const model::Transformer model = tiny_model({.vocab_size = 400});
    model::ModelConfig config = model.config();
    config.end_token_ids = {382};
    save_hf_folder(temp.path(), config, model.weights(), {});
    fs::copy_file(kTokenizer, temp.path() / "tokenizer.json");
  }

  TempFolder temp;
};

TEST_F(PolicyFolder, ComesBackBitForBitFromWhatItSaves) {
  const Policy policy = load_policy(temp.path(), {});
  const TempFolder saved;

  save_policy(policy, saved.path());
  const Policy again = load_policy(saved.path(), {});

  ASSERT_EQ(again.model.weights().size(), policy.model.weights().size());
  for (const auto& [name, weight] : policy.model.weights()) {
    EXPECT_TRUE(weight.equal(again.model.weights().at(name))) << name;
  }
  EXPECT_EQ(again.model.config(), policy.model.config());
  EXPECT_EQ(again.end_token_ids, policy.end_token_ids);
  EXPECT_EQ(again.prompt("p", "", "Wait").token_ids, policy.prompt("p", "", "Wait").token_ids);
}

TEST_F(PolicyFolder, RendersItsPromptByTheTemplateAndTokenizesExactlyThat) {
  const Policy policy = load_policy(temp.path(), {.chat_template = "chatml"});

  const Prompt prompt = policy.prompt("p", "Be brief.", "Wait");

  EXPECT_EQ(prompt.problem_id, "p");
  EXPECT_EQ(prompt.text,
            "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nWait<|im_end|>\n"
            "<|im_start|>assistant\n");
  EXPECT_EQ(policy.tokenizer.decode(prompt.token_ids, false), prompt.text);
  EXPECT_EQ(prompt.token_ids.front(), 381);  // one token, not its spelling
}

TEST_F(PolicyFolder, DrawsWeightsAnewFromASeedWithoutReadingAny) {
  fs::remove(temp.path() / "model.safetensors");

  const Policy once = load_policy(temp.path(), {.random_weights_seed = 1});
  const Policy twice = load_policy(temp.path(), {.random_weights_seed = 1});
  const Policy other = load_policy(temp.path(), {.random_weights_seed = 2});

  const auto& embedding = [](const Policy& policy) {
    return policy.model.weights().at("model.embed_tokens.weight");
  };
  EXPECT_TRUE(embedding(once).equal(embedding(twice)));
  EXPECT_FALSE(embedding(once).equal(embedding(other)));
}

TEST_F(PolicyFolder, IsLoadedInTheDtypeAskedFor) {
  EXPECT_EQ(load_policy(temp.path(), {.dtype = "bfloat16"}).model.dtype(), at::kBFloat16);
}

TEST_F(PolicyFolder, NamesAnUnknownTemplateDtypeAndDevice) {
  expect_error([&] { (void)load_policy(temp.path(), {.chat_template = "alpaca"}); },
               ErrorKind::kConfig,
               "alpaca");
  expect_error(
      [&] { (void)load_policy(temp.path(), {.dtype = "int4"}); }, ErrorKind::kConfig, "int4");
  for (const char* device : {"gpu", "meta", "cuda:x"}) {
    expect_error([&] { (void)load_policy(temp.path(), {.device = device}); },
                 ErrorKind::kConfig,
                 std::string("wanted cpu or cuda:N, got '") + device);
  }
}

}  // namespace
}  // namespace stratagram::rollout
