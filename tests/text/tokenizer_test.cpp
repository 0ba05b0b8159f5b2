#include "text/tokenizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/file.h"
#include "core/jsonl.h"
#include "core/utf8.h"
#include "tests/support/temp_folder.h"

namespace stratagram::text {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string kFolder = std::string(STRATAGRAM_TEST_DATA) + "/text/";

// Every row of a golden that Hugging Face's `tokenizers` wrote; see make_tokenizer_goldens.py.
void expect_parity(const Tokenizer& tokenizer, const std::string& golden) {
  JsonlReader reader(golden);
  int64_t rows = 0;
  for (auto row = reader.next(); row; row = reader.next(), ++rows) {
    const auto ids = row->at("ids").get<std::vector<int32_t>>();
    if (row->contains("text")) {
      const auto text = row->at("text").get<std::string>();
      ASSERT_EQ(tokenizer.encode(text, false).ids, ids) << reader.where() << ": " << row->dump();
      ASSERT_EQ(tokenizer.encode(text, true).ids,
                row->at("special_ids").get<std::vector<int32_t>>())
          << reader.where();
    } else {
      ASSERT_EQ(tokenizer.decode(ids, false), row->at("decoded")) << reader.where();
      ASSERT_EQ(tokenizer.decode(ids, true), row->at("decoded_plain")) << reader.where();
    }
  }
  EXPECT_GT(rows, 100);
}

class FamilyTokenizer : public ::testing::TestWithParam<const char*> {};

TEST_P(FamilyTokenizer, EqualsTheReferenceOnTheGolden) {
  const std::string folder = kFolder + GetParam();

  expect_parity(Tokenizer::from_json_file(folder + "/tokenizer.json"), folder + "/golden.jsonl");
}

// The ranges of a text's tokens lie in order and hold all its bytes but those of composed
// characters twice (their tokens share them).
TEST_P(FamilyTokenizer, RangesCoverTheTextInOrder) {
  const Tokenizer tokenizer = Tokenizer::from_json_file(kFolder + GetParam() + "/tokenizer.json");
  JsonlReader reader(kFolder + GetParam() + "/golden.jsonl");
  for (auto row = reader.next(); row; row = reader.next()) {
    if (!row->contains("text")) continue;
    const auto text = row->at("text").get<std::string>();
    int64_t covered = 0;
    for (const Range& range : tokenizer.encode(text, false).byte_ranges) {
      ASSERT_LE(range.begin, covered) << reader.where();
      ASSERT_GE(range.end, covered) << reader.where();
      covered = range.end;
    }
    ASSERT_EQ(covered, static_cast<int64_t>(text.size())) << reader.where();
  }
}

INSTANTIATE_TEST_SUITE_P(Tokenizer,
                         FamilyTokenizer,
                         ::testing::Values("qwen2", "llama3", "smollm"));

// The big run: STRATAGRAM_TOKENIZER=tokenizer.json STRATAGRAM_TOKENIZER_PARITY=rows.jsonl.
TEST(TokenizerParity, HoldsOnTheBigRun) {
  const char* file = std::getenv("STRATAGRAM_TOKENIZER");
  const char* golden = std::getenv("STRATAGRAM_TOKENIZER_PARITY");
  if (file == nullptr || golden == nullptr) {
    GTEST_SKIP() << "set STRATAGRAM_TOKENIZER and STRATAGRAM_TOKENIZER_PARITY to run it";
  }

  expect_parity(Tokenizer::from_json_file(file), golden);
}

TEST(Tokenizer, DecodesResponsesIntoRangesThatTileTheText) {
  const Tokenizer tokenizer = Tokenizer::from_json_file(kFolder + "qwen2/tokenizer.json");
  std::vector<int32_t> ids = tokenizer.encode("Wait \xe6\x97\xa5", false).ids;
  ids.push_back(tokenizer.id_of("<|im_end|>").value());

  const Decoded decoded = tokenizer.decode_with_ranges(ids);

  EXPECT_EQ(decoded.text, "Wait \xe6\x97\xa5");
  int64_t end = 0;
  for (const Range& range : decoded.byte_ranges) {
    EXPECT_EQ(range.begin, end);
    end = range.end;
  }
  EXPECT_EQ(end, static_cast<int64_t>(decoded.text.size()));
  EXPECT_EQ(decoded.byte_ranges.back().begin, decoded.byte_ranges.back().end);
}

TEST(Tokenizer, EncodesBrokenUtf8AsReplacementCharacters) {
  const Tokenizer tokenizer = Tokenizer::from_json_file(kFolder + "qwen2/tokenizer.json");

  const Encoding broken = tokenizer.encode(
      "a\xff"
      "b",
      false);

  EXPECT_EQ(broken.ids,
            tokenizer
                .encode("a\xef\xbf\xbd"
                        "b",
                        false)
                .ids);
  EXPECT_EQ(broken.byte_ranges.back().end, 3);
}

TEST(Tokenizer, EncodesALongWordInTimeThatGrowsWithItsLength) {
  const Tokenizer tokenizer = Tokenizer::from_json_file(kFolder + "qwen2/tokenizer.json");
  std::string word;
  for (int64_t i = 0; i < 200000; ++i) word += static_cast<char>('a' + i * i % 26);

  // A second is far beyond n log n and far below n squared.
  EXPECT_EQ(tokenizer.decode(tokenizer.encode(word, false).ids, false), word);
}

TEST(Tokenizer, NamesAnIdOutsideTheVocabulary) {
  const Tokenizer tokenizer = Tokenizer::from_json_file(kFolder + "qwen2/tokenizer.json");

  for (const int32_t id : {-1, 100000}) {
    try {
      (void)tokenizer.decode(std::vector<int32_t>{id}, false);
      FAIL() << "id " << id << " was decoded";
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr("token id " + std::to_string(id)));
    }
  }
}

void expect_refused(const json& spec, const char* what) {
  const TempFolder folder;
  const auto file = folder.write("tokenizer.json", spec.dump());
  try {
    (void)Tokenizer::from_json_file(file);
    FAIL() << "wanted an error that says: " << what;
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kData);
    EXPECT_THAT(error.what(), HasSubstr(what));
    EXPECT_THAT(error.what(), HasSubstr("tokenizer.json"));
  }
}

TEST(TokenizerFile, IsRefusedWithTheFieldThatIsWrong) {
  const json good = json::parse(read_file(kFolder + "qwen2/tokenizer.json"));

  json bad = good;
  bad["model"]["type"] = "Unigram";
  expect_refused(bad, "got 'Unigram'");
  bad = good;
  bad["pre_tokenizer"] = {{"type", "Metaspace"}};
  expect_refused(bad, "got 'Metaspace'");
  bad = good;
  bad["normalizer"] = {{"type", "NFKC"}};
  expect_refused(bad, "got 'NFKC'");
  bad = good;
  bad["decoder"] = {{"type", "WordPiece"}};
  expect_refused(bad, "decoder");
  bad = good;
  bad["model"]["merges"].push_back("a b c");
  expect_refused(bad, "wanted two tokens");
  bad = good;
  bad["model"]["merges"].push_back("qq zz");
  expect_refused(bad, "not in the vocabulary");
  bad = good;
  bad["model"]["vocab"]["zzzz"] = 2000000000;
  expect_refused(bad, "id 2000000000");
  bad = good;
  bad["model"]["vocab"] = json::object();
  expect_refused(bad, "vocabulary is empty");
  bad = good;
  bad["added_tokens"][0]["id"] = "one";
  expect_refused(bad, "field 'id'");
  expect_refused(json::array(), "not a JSON object");
}

TEST(TokenizerFile, FromGgufEqualsTheSameTokenizerFromJson) {
  const json spec = json::parse(read_file(kFolder + "smollm/tokenizer.json"));
  const Tokenizer from_json = Tokenizer::from_json_file(kFolder + "smollm/tokenizer.json");
  json metadata = {{"tokenizer.ggml.model", "gpt2"}, {"tokenizer.ggml.pre", "smollm"}};
  std::vector<std::string> tokens(from_json.vocab_size());
  std::vector<int64_t> types(tokens.size(), 1);
  for (const auto& [spelling, id] : spec["model"]["vocab"].items()) tokens[id] = spelling;
  for (const json& added : spec["added_tokens"]) {
    tokens[added["id"]] = added["content"];
    types[added["id"]] = added["special"] ? 3 : 4;
  }
  metadata["tokenizer.ggml.tokens"] = tokens;
  metadata["tokenizer.ggml.token_type"] = types;
  metadata["tokenizer.ggml.merges"] = spec["model"]["merges"];

  const Tokenizer from_gguf = Tokenizer::from_gguf(metadata, "test.gguf");

  const std::string text = "<|im_start|>Wait, 123 let me\n\n  check<|im_end|>";
  EXPECT_EQ(from_gguf.encode(text, false).ids, from_json.encode(text, false).ids);
}

TEST(TokenizerFile, OfGgufNamesAnUnknownPretokenizer) {
  const json metadata = {{"tokenizer.ggml.model", "gpt2"},
                         {"tokenizer.ggml.pre", "tekken"},
                         {"tokenizer.ggml.tokens", {"a"}},
                         {"tokenizer.ggml.merges", json::array()}};
  try {
    (void)Tokenizer::from_gguf(metadata, "m.gguf");
    FAIL() << "tekken was taken";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("got 'tekken'"));
  }
}

}  // namespace
}  // namespace stratagram::text
