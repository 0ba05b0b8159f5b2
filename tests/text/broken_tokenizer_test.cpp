// Tokenizer files that are damaged or lie: each is refused with the field that is wrong.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/file.h"
#include "core/stream.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"
#include "text/chat_template.h"
#include "text/gguf_files.h"
#include "text/tokenizer.h"

namespace stratagram::text {
namespace {

using nlohmann::json;

json good_file(const std::string& family) {
  return json::parse(
      read_file(std::string(STRATAGRAM_TEST_DATA) + "/text/" + family + "/tokenizer.json"));
}

Tokenizer load(const std::string& bytes) {
  const TempFolder folder;
  return Tokenizer::from_json_file(folder.write("tokenizer.json", bytes));
}

void expect_refused(const std::string& bytes, const std::string& what) {
  expect_error([&] { (void)load(bytes); }, ErrorKind::kData, what);
  expect_error([&] { (void)load(bytes); }, ErrorKind::kData, "tokenizer.json");
}

TEST(BrokenTokenizer, OldAndNewSpellingsOfMergesAreTheSameTokenizer) {
  json old_spelling = good_file("qwen2");
  json new_spelling = old_spelling;
  for (json& merge : old_spelling["model"]["merges"]) {
    if (merge.is_array()) merge = merge[0].get<std::string>() + " " + merge[1].get<std::string>();
  }
  for (json& merge : new_spelling["model"]["merges"]) {
    if (!merge.is_string()) continue;
    const auto text = merge.get<std::string>();
    merge = {text.substr(0, text.find(' ')), text.substr(text.find(' ') + 1)};
  }
  ASSERT_NE(old_spelling, new_spelling);
  const std::string text = "Wait, let me think about the other way: 12 \xc3\xa9\n\n";

  EXPECT_EQ(load(old_spelling.dump()).encode(text, true).ids,
            load(new_spelling.dump()).encode(text, true).ids);
}

TEST(BrokenTokenizer, AMergeThatIsNoPairIsNamedByItsNumber) {
  json bad = good_file("smollm");
  bad["model"]["merges"][3] = "alone";
  expect_refused(bad.dump(), "merge 3: wanted two tokens");
  bad["model"]["merges"][3] = {"a", "b", "c"};
  expect_refused(bad.dump(), "merge 3: wanted two tokens");
  bad["model"]["merges"][3] = 5;
  expect_refused(bad.dump(), "merge 3: wanted two tokens");
}

// 4294967297 is 1 in 32 bits.
TEST(BrokenTokenizer, AnIdBeyond32BitsIsNotWrappedIntoTheVocabulary) {
  json bad = good_file("qwen2");
  bad["model"]["vocab"]["zzzz"] = 4294967297;
  expect_refused(bad.dump(), "token 'zzzz': id 4294967297: wanted 0 to");
  bad = good_file("qwen2");
  bad["added_tokens"][0]["id"] = 4294967297;
  expect_refused(bad.dump(), "id 4294967297: wanted 0 to");
}

TEST(BrokenTokenizer, AnIdThatThePostProcessorAddsMustBeInTheVocabulary) {
  for (const int64_t id : {int64_t{-1}, int64_t{100000}, int64_t{4294967297}}) {
    json bad = good_file("llama3");
    for (auto& [name, token] : bad["post_processor"]["special_tokens"].items()) token["ids"] = {id};
    expect_refused(bad.dump(), "post_processor: id " + std::to_string(id));
  }
}

TEST(BrokenTokenizer, FieldsOfAnotherTypeAreRefused) {
  for (const char* field :
       {"model", "added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder"}) {
    for (const json& value : {json(5), json("x"), json::array({5}), json{{"type", 5}}}) {
      json bad = good_file("qwen2");
      bad[field] = value;
      expect_refused(bad.dump(), "tokenizer.json");
    }
  }
}

TEST(BrokenTokenizer, AFileCutShortIsRefusedWhereverItEnds) {
  const std::string whole = good_file("llama3").dump();
  for (size_t size = 0; size < whole.size(); size += 97) {
    expect_refused(whole.substr(0, size), "not a JSON object");
  }
}

TEST(BrokenTokenizer, AFileNestedWithoutEndIsRefused) {
  expect_refused("{\"model\":" + std::string(1'000'000, '['), "nested deeper");
}

TEST(BrokenTokenizer, AMissingFileIsNamed) {
  expect_error([] { (void)Tokenizer::from_json_file("nowhere/tokenizer.json"); },
               ErrorKind::kData,
               "nowhere/tokenizer.json: cannot be read: No such file");
}

TEST(BrokenTokenizer, FlippedBitsAreDataErrorsOrATokenizerThatDecodesWhatItEncodes) {
  const std::string good = good_file("llama3").dump();
  const Stream stream({.seed = 3, .purpose = "flip"});
  int64_t refused = 0;
  for (uint64_t i = 0; i < 400; ++i) {
    std::string bad = good;
    bad[stream.below(bad.size(), 2 * i)] ^= static_cast<char>(1U << stream.below(8, 2 * i + 1));
    try {
      const Tokenizer tokenizer = load(bad);
      (void)tokenizer.decode(tokenizer.encode("Wait, 12 <|im_end|>", true).ids, false);
    } catch (const Error& error) {
      ASSERT_EQ(error.kind(), ErrorKind::kData) << error.what();
      ++refused;
    }
  }
  EXPECT_GT(refused, 50);
}

json gguf_metadata() {
  return {{"tokenizer.ggml.model", "gpt2"},
          {"tokenizer.ggml.pre", "smollm"},
          {"tokenizer.ggml.tokens", {"a", "b", "ab", "<s>"}},
          {"tokenizer.ggml.token_type", {1, 1, 1, 3}},
          {"tokenizer.ggml.merges", {"a b"}},
          {"tokenizer.ggml.add_bos_token", true},
          {"tokenizer.ggml.bos_token_id", 3}};
}

TEST(BrokenTokenizer, OfGgufNamesTheKeyThatIsWrong) {
  const auto refuse = [](const json& change, const char* what) {
    json bad = gguf_metadata();
    bad.update(change);
    expect_error([&] { (void)tokenizer_files_of_gguf(bad, "m.gguf"); }, ErrorKind::kData, what);
    expect_error([&] { (void)Tokenizer::from_gguf(bad, "m.gguf"); }, ErrorKind::kData, "m.gguf");
  };
  ASSERT_NO_THROW((void)tokenizer_files_of_gguf(gguf_metadata(), "m.gguf"));

  refuse({{"tokenizer.ggml.model", "llama"}}, "wanted gpt2 (byte-level BPE), got 'llama'");
  refuse({{"tokenizer.ggml.token_type", {1, 1}}}, "wanted 4 values, one a token, got 2");
  refuse({{"tokenizer.ggml.merges", {"ab"}}}, "tokenizer.ggml.merges: wanted \"a b\", got 'ab'");
  refuse({{"tokenizer.ggml.tokens", json::array()},
          {"tokenizer.ggml.token_type", json::array()},
          {"tokenizer.ggml.merges", json::array()}},
         "the vocabulary is empty");
  refuse({{"tokenizer.ggml.bos_token_id", 4}}, "id 4: wanted 0 to 3");
  refuse({{"tokenizer.ggml.bos_token_id", -1}}, "id -1: wanted 0 to 3");
  refuse({{"tokenizer.ggml.bos_token_id", 4294967299}}, "id 4294967299: wanted 0 to 3");
  refuse({{"tokenizer.ggml.tokens", 5}}, "field 'tokenizer.ggml.tokens'");
}

TEST(BrokenTokenizer, AChatTemplateListWithOtherThingsInItIsRefused) {
  const auto refuse = [](const std::string& bytes, const char* what) {
    const TempFolder folder;
    folder.write("tokenizer_config.json", bytes);
    expect_error([&] { (void)chat_template_of(folder.path()); }, ErrorKind::kData, what);
  };

  refuse(R"({"chat_template": [5]})", "chat_template");
  refuse(R"({"chat_template": [{"name": 5}]})", "field 'name': wanted a string, got 5");
  refuse(R"({"chat_template": [{"name": "default"}]})", "field 'template'");
  refuse("{\"chat_template\": ", "tokenizer_config.json: is not a JSON object");
}

}  // namespace
}  // namespace stratagram::text
