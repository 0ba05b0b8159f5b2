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
#include "text/gguf_files.h"

namespace stratagram::text {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string kFolder = std::string(STRATAGRAM_TEST_DATA) + "/text/";

// The range widened to whole characters, as the reference gives it.
std::vector<int64_t> widened(Range range, const std::string& text) {
  const auto is_inside = [&](int64_t at) {
    return at < static_cast<int64_t>(text.size()) &&
           (static_cast<uint8_t>(text[at]) & 0xc0U) == 0x80U;
  };
  while (is_inside(range.begin)) --range.begin;
  while (is_inside(range.end)) ++range.end;
  return {range.begin, range.end};
}

void expect_equal_ranges(const Encoding& encoding, const json& row, const std::string& where) {
  const auto text = row.at("text").get<std::string>();
  const auto wanted = row.at("byte_ranges").get<std::vector<std::vector<int64_t>>>();
  ASSERT_EQ(encoding.byte_ranges.size(), wanted.size()) << where;
  for (size_t i = 0; i < wanted.size(); ++i) {
    ASSERT_EQ(widened(encoding.byte_ranges[i], text), wanted[i]) << where << ": token " << i;
  }
}

// Every row of a golden that Hugging Face's `tokenizers` wrote; see make_tokenizer_goldens.py.
void expect_parity(const Tokenizer& tokenizer, const std::string& golden) {
  JsonlReader reader(golden);
  int64_t rows = 0;
  for (auto row = reader.next(); row; row = reader.next(), ++rows) {
    const auto ids = row->at("ids").get<std::vector<int32_t>>();
    if (row->contains("text")) {
      const auto text = row->at("text").get<std::string>();
      const Encoding encoding = tokenizer.encode(text, false);
      ASSERT_EQ(encoding.ids, ids) << reader.where() << ": " << row->dump();
      if (row->contains("byte_ranges")) expect_equal_ranges(encoding, *row, reader.where());
      if (::testing::Test::HasFatalFailure()) return;
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

// STRATAGRAM_TOKENIZER names a tokenizer.json, or the tokenizer's key-values of a GGUF as JSON.
Tokenizer tokenizer_in(const std::string& file) {
  const json spec = json::parse(read_file(file));
  return spec.contains("tokenizer.ggml.model") ? Tokenizer::from_gguf(spec, file)
                                               : Tokenizer::from_json_file(file);
}

// tests/support/check_tokenizers.py runs it on every real tokenizer at hand.
TEST(TokenizerParity, HoldsOnTheBigRun) {
  const char* file = std::getenv("STRATAGRAM_TOKENIZER");
  const char* golden = std::getenv("STRATAGRAM_TOKENIZER_PARITY");
  if (file == nullptr || golden == nullptr) {
    GTEST_SKIP() << "the big run: python tests/support/check_tokenizers.py";
  }

  expect_parity(tokenizer_in(file), golden);
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

TEST(Tokenizer, GivesIdsBeyondTheVocabularyNoBytesInAResponse) {
  const Tokenizer tokenizer = Tokenizer::from_json_file(kFolder + "qwen2/tokenizer.json");
  std::vector<int32_t> ids = tokenizer.encode("Wait", false).ids;
  const size_t last_of_text = ids.size() - 1;
  ids.push_back(static_cast<int32_t>(tokenizer.vocab_size()) + 3);

  const Decoded decoded = tokenizer.decode_with_ranges(ids);

  EXPECT_EQ(decoded.text, "Wait");
  EXPECT_EQ(decoded.byte_ranges.back(), (Range{4, 4}));
  EXPECT_EQ(decoded.byte_ranges[last_of_text].end, 4);
  EXPECT_FALSE(tokenizer.has_text(ids.back()));
  EXPECT_TRUE(tokenizer.has_text(ids.front()));
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

// U+0315 goes after U+0334 in NFC, and e with U+0301 is one character. U+0EBA is of Unicode 12: the
// reference, whose tables are older, neither sorts it nor lets a mark reach across it.
TEST(Tokenizer, NormalisesMarksByTheTablesOfTheReference) {
  const Tokenizer tokenizer = Tokenizer::from_json_file(kFolder + "qwen2/tokenizer.json");
  const auto normal = [&](const std::string& text) {
    return tokenizer.decode(tokenizer.encode(text, false).ids, false);
  };

  EXPECT_EQ(normal("e\xcc\x81 x\xcc\x95\xcc\xb4"), "\xc3\xa9 x\xcc\xb4\xcc\x95");
  EXPECT_EQ(normal("x\xcc\x95\xe0\xba\xba\xcc\xb4"), "x\xcc\x95\xe0\xba\xba\xcc\xb4");
  EXPECT_EQ(normal("e\xe0\xba\xba\xcc\x81"), "e\xe0\xba\xba\xcc\x81");
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

// A tokenizer.json as the key-values of a GGUF file.
json gguf_metadata_of(const json& spec, const Tokenizer& from_json) {
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
  return metadata;
}

TEST(TokenizerFile, FromGgufEqualsTheSameTokenizerFromJson) {
  const json spec = json::parse(read_file(kFolder + "smollm/tokenizer.json"));
  const Tokenizer from_json = Tokenizer::from_json_file(kFolder + "smollm/tokenizer.json");

  const Tokenizer from_gguf = Tokenizer::from_gguf(gguf_metadata_of(spec, from_json), "test.gguf");

  const std::string text = "<|im_start|>Wait, 123 let me\n\n  check<|im_end|>";
  EXPECT_EQ(from_gguf.encode(text, false).ids, from_json.encode(text, false).ids);
}

// Hugging Face's `tokenizers` numbers an added token anew when the vocabulary lacks it.
TEST(TokenizerFile, MadeOfAGgufHoldsAddedTokensInItsVocabularyToo) {
  const json spec = json::parse(read_file(kFolder + "smollm/tokenizer.json"));
  const Tokenizer from_json = Tokenizer::from_json_file(kFolder + "smollm/tokenizer.json");

  const auto files = tokenizer_files_of_gguf(gguf_metadata_of(spec, from_json), "test.gguf");
  const json vocabulary = json::parse(files.at("tokenizer.json")).at("model").at("vocab");

  EXPECT_EQ(static_cast<int64_t>(vocabulary.size()), from_json.vocab_size());
  for (const char* token : {"<|endoftext|>", "<|im_start|>", "<|im_end|>", "<think>"}) {
    EXPECT_EQ(vocabulary.at(token), from_json.id_of(token).value()) << token;
  }
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
