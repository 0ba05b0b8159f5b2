#include "embed/policy_encoder.h"

#include <ATen/ops/arange.h>
#include <gtest/gtest.h>

#include "tests/support/expect_error.h"
#include "tests/support/tiny_model.h"

namespace stratagram::embed {
namespace {

const text::Tokenizer& tokenizer() {
  static const text::Tokenizer of_file = text::Tokenizer::from_json_file(
      std::string(STRATAGRAM_TEST_DATA) + "/text/llama3/tokenizer.json");
  return of_file;
}

model::Transformer policy() {
  return tiny_model({.vocab_size = tokenizer().vocab_size()});
}

TEST(PolicyEncoder, GivesTheMeanOfTheLastHiddenStatesOverTheTextsOwnTokens) {
  const model::Transformer model = policy();
  const PolicyEncoder encoder(model, tokenizer(), {});
  const std::vector<std::string> texts = {"let me check"};

  const grams::Embeddings found = encoder.embed(texts, [](int64_t) {});

  // The tokenizer puts one token before a text and one behind it.
  std::vector<int64_t> ids;
  for (const int32_t id : tokenizer().encode(texts[0], true).ids) ids.push_back(id);
  ids.pop_back();
  const auto length = static_cast<int64_t>(ids.size());
  model::PackedAttention attention({length});
  const at::Tensor hidden_ND =
      model.forward(ids_tensor(ids), packed_positions({length}), attention);
  const at::Tensor mean_D = hidden_ND.narrow(0, 1, length - 1).mean(0);
  ASSERT_EQ(found.width, model.config().width);
  for (int64_t j = 0; j < found.width; ++j) {
    // float32: matrix products of another height may sum in another order.
    EXPECT_NEAR(found.row(0)[j], mean_D[j].item<float>(), 2e-5);
  }
}

TEST(PolicyEncoder, RefusesATextWithoutTokens) {
  const model::Transformer model = policy();
  const PolicyEncoder encoder(model, tokenizer(), {});
  const std::vector<std::string> texts = {""};

  expect_error(
      [&] { (void)encoder.embed(texts, [](int64_t) {}); }, ErrorKind::kData, "wanted 1 to");
}

}  // namespace
}  // namespace stratagram::embed
