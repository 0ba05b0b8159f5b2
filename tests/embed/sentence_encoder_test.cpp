#include "embed/sentence_encoder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "core/file.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace stratagram::embed {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

const fs::path kFolder = fs::path(STRATAGRAM_TEST_DATA) / "embed/bert";

grams::Embeddings embed(const SentenceEncoder& encoder, const std::vector<std::string>& texts) {
  return encoder.embed(texts, [](int64_t) {});
}

// Rows of {text, vector} that `transformers` made; see make_sentence_goldens.py.
void expect_reference(const SentenceEncoder& encoder, const fs::path& golden, double tolerance) {
  const json rows = json::parse(read_file(golden));
  std::vector<std::string> texts;
  for (const json& row : rows) texts.push_back(row.at("text"));
  const grams::Embeddings found = embed(encoder, texts);
  ASSERT_GT(rows.size(), 5);
  for (size_t i = 0; i < rows.size(); ++i) {
    const auto wanted = rows[i].at("vector").get<std::vector<float>>();
    ASSERT_EQ(static_cast<size_t>(found.width), wanted.size());
    for (size_t j = 0; j < wanted.size(); ++j) {
      ASSERT_NEAR(found.row(static_cast<int64_t>(i))[j], wanted[j], tolerance) << texts[i];
    }
  }
}

// float32 sums in another order, over two layers.
TEST(SentenceEncoder, EqualsTransformersOnALittleFolder) {
  expect_reference(SentenceEncoder(kFolder), kFolder / "embeddings.json", 1e-5);
}

TEST(SentenceEncoder, EqualsTheReferenceOnTheRealModel) {
  const char* folder = std::getenv("STRATAGRAM_MINILM");
  const char* golden = std::getenv("STRATAGRAM_MINILM_GOLDEN");
  if (folder == nullptr || golden == nullptr) {
    GTEST_SKIP() << "STRATAGRAM_MINILM: a folder of all-MiniLM-L6-v2, STRATAGRAM_MINILM_GOLDEN: "
                    "make_sentence_goldens.py --real";
  }

  expect_reference(SentenceEncoder(folder), golden, 1e-4);
}

TEST(SentenceEncoder, GivesATextTheSameBitsWhateverElseIsEmbedded) {
  const SentenceEncoder encoder(kFolder);
  std::vector<std::string> texts;
  for (int i = 0; i < 700; ++i) texts.push_back("let me check " + std::to_string(i * i % 97));
  const grams::Embeddings all = embed(encoder, texts);
  std::ranges::reverse(texts);

  const grams::Embeddings reversed = embed(encoder, texts);

  for (const int64_t i : {int64_t{0}, int64_t{1}, int64_t{350}, int64_t{699}}) {
    const grams::Embeddings alone = embed(encoder, {texts[i]});
    EXPECT_TRUE(std::ranges::equal(alone.row(0), reversed.row(i)));
    EXPECT_TRUE(std::ranges::equal(alone.row(0), all.row(699 - i)));
  }
}

TEST(SentenceEncoder, CutsLongTextsAtTheFoldersLimit) {
  const SentenceEncoder encoder(kFolder);
  std::string thirty;
  for (int i = 0; i < 30; ++i) thirty += ". ";

  const grams::Embeddings found = embed(encoder, {thirty, thirty + "wait", thirty.substr(2)});

  EXPECT_TRUE(std::ranges::equal(found.row(0), found.row(1)));
  EXPECT_FALSE(std::ranges::equal(found.row(0), found.row(2)));
}

// The little folder with one file in other words.
void expect_refused(const std::string& name, const std::string& bytes, const std::string& what) {
  const TempFolder folder;
  fs::copy(kFolder, folder.path(), fs::copy_options::recursive);
  folder.write(name, bytes);
  expect_error([&] { const SentenceEncoder encoder(folder.path()); }, ErrorKind::kData, what);
}

std::string changed(const std::string& name, const char* key, const json& value) {
  json spec = json::parse(read_file(kFolder / name));
  spec[key] = value;
  return spec.dump();
}

TEST(SentenceFolder, IsRefusedWithWhatIsNotSupported) {
  expect_refused("modules.json",
                 R"([{"type": "a.Transformer", "path": ""}, {"type": "a.Dense", "path": "1"}])",
                 "got: Transformer, Dense");
  expect_refused(
      "1_Pooling/config.json", R"({"pooling_mode_max_tokens": true})", "got 'max_tokens'");
  expect_refused("1_Pooling/config.json",
                 R"({"pooling_mode_mean_tokens": true, "pooling_mode_cls_token": true})",
                 "wanted mean_tokens or cls_token alone");
  expect_refused("sentence_bert_config.json", R"({"do_lower_case": true})", "do_lower_case");
  expect_refused("sentence_bert_config.json", R"({"max_seq_length": 99})", "wanted 3 to 40");
  expect_refused("config.json", changed("config.json", "model_type", "roberta"), "got 'roberta'");
  expect_refused("config.json", changed("config.json", "hidden_act", "relu"), "got 'relu'");
  expect_refused("config.json", changed("config.json", "hidden_size", 48), "wanted [");
  expect_refused("config.json", changed("config.json", "num_hidden_layers", 3), "is missing");
  expect_refused("config.json", changed("config.json", "vocab_size", 5), "wanted [5, 24]");
  const json far = json::array({{{"id", 999}, {"content", "zz"}}});
  expect_refused(
      "tokenizer.json", changed("tokenizer.json", "added_tokens", far), "do not belong together");
}

TEST(SentenceFolder, PoolsTheFirstTokenWhereItSaysSo) {
  const TempFolder folder;
  fs::copy(kFolder, folder.path(), fs::copy_options::recursive);
  folder.write("1_Pooling/config.json", R"({"pooling_mode": "cls"})");

  const grams::Embeddings first = embed(SentenceEncoder(folder.path()), {"let me check"});

  EXPECT_FALSE(
      std::ranges::equal(first.row(0), embed(SentenceEncoder(kFolder), {"let me check"}).row(0)));
}

}  // namespace
}  // namespace stratagram::embed
