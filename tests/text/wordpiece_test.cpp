#include "text/wordpiece.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "core/file.h"
#include "core/jsonl.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"
#include "text/bert_normalizer.h"

namespace stratagram::text {
namespace {

using nlohmann::json;

const std::string kFolder = std::string(STRATAGRAM_TEST_DATA) + "/embed/bert";

// Rows that Hugging Face's `tokenizers` wrote; see make_sentence_goldens.py.
void expect_parity(const std::string& file, const std::string& golden) {
  const WordPieceTokenizer tokenizer = WordPieceTokenizer::from_json_file(file);
  JsonlReader reader(golden);
  int64_t rows = 0;
  for (auto row = reader.next(); row; row = reader.next(), ++rows) {
    const auto text = row->at("text").get<std::string>();
    ASSERT_EQ(tokenizer.encode(text), row->at("ids").get<std::vector<int32_t>>())
        << reader.where() << ": " << row->dump();
    ASSERT_EQ(tokenizer.encode_with_special(text, 1 << 20),
              row->at("special_ids").get<std::vector<int32_t>>())
        << reader.where();
  }
  EXPECT_GT(rows, 100);
}

TEST(WordPiece, EqualsTheReferenceOnTheGolden) {
  expect_parity(kFolder + "/tokenizer.json", kFolder + "/wordpiece.jsonl");
}

TEST(WordPiece, EqualsTheReferenceOnTheBigRun) {
  const char* file = std::getenv("STRATAGRAM_WORDPIECE");
  const char* golden = std::getenv("STRATAGRAM_WORDPIECE_PARITY");
  if (file == nullptr || golden == nullptr) {
    GTEST_SKIP() << "the big run: make_sentence_goldens.py --big";
  }

  expect_parity(file, golden);
}

TEST(WordPiece, KeepsTheTokensAroundATextThatIsCut) {
  const WordPieceTokenizer tokenizer =
      WordPieceTokenizer::from_json_file(kFolder + "/tokenizer.json");

  const std::vector<int32_t> ids = tokenizer.encode_with_special(". . . . .", 4);

  ASSERT_EQ(ids.size(), 4U);
  EXPECT_EQ(ids.front(), tokenizer.id_of("[CLS]"));
  EXPECT_EQ(ids.back(), tokenizer.id_of("[SEP]"));
}

// The only letter whose small form is two characters; without accents taken off it shows.
TEST(BertNormalizer, MakesADottedCapitalIAnIWithADot) {
  EXPECT_EQ(BertNormalizer{.strip_accents = false}.normalize("\xc4\xb0"), "i\xcc\x87");
}

// U+07FD is younger than the tables of the reference, which do not sort it before U+08D4.
TEST(BertNormalizer, LeavesYoungMarksWhereTheyAre) {
  const std::string text = "x\xe0\xa3\x94\xdf\xbd";

  EXPECT_EQ(BertNormalizer{}.normalize(text), text);
}

TEST(WordPiece, RefusesWhatItIsNot) {
  const json good = json::parse(read_file(kFolder + "/tokenizer.json"));
  const auto refuse = [&](const char* pointer, const json& value, const char* what) {
    json bad = good;
    bad[json::json_pointer(pointer)] = value;
    const TempFolder folder;
    const auto file = folder.write("tokenizer.json", bad.dump());
    expect_error([&] { (void)WordPieceTokenizer::from_json_file(file); }, ErrorKind::kData, what);
  };

  refuse("/model/type", "BPE", "wanted WordPiece, got 'BPE'");
  refuse("/model/vocab", json::object(), "vocab: wanted");
  refuse("/model/vocab/a", 4294967297, "id 4294967297: wanted 0 to");
  refuse("/model/vocab/a", 2000000000, "id 2000000000: wanted 0 to");
  refuse("/model/unk_token", "[NONE]", "unk_token '[NONE]' is not in its vocab");
  refuse("/model/max_input_chars_per_word", 0, "max_input_chars_per_word: wanted 1 to");
  refuse("/normalizer", {{"type", "NFKC"}}, "wanted BertNormalizer, got 'NFKC'");
  refuse("/normalizer", json(), "wanted BertNormalizer, got 'none'");
  refuse("/pre_tokenizer", {{"type", "Whitespace"}}, "wanted BertPreTokenizer, got 'Whitespace'");
  refuse("/post_processor", {{"type", "ByteLevel"}}, "got 'ByteLevel'");
  refuse("/post_processor/single", json::array(), "wanted one text, got 0");
  refuse("/post_processor/single/1/Sequence/type_id", 1, "wanted type_id 0");
  refuse("/post_processor/special_tokens/[CLS]/ids", {70000}, "post_processor: id 70000");
  refuse("/model/vocab", 5, "tokenizer.json");
}

TEST(WordPiece, ReadsTheOlderFormOfItsPostProcessor) {
  json spec = json::parse(read_file(kFolder + "/tokenizer.json"));
  spec["post_processor"] = {
      {"type", "BertProcessing"}, {"sep", {"[SEP]", 3}}, {"cls", {"[CLS]", 2}}};
  const TempFolder folder;
  const auto file = folder.write("tokenizer.json", spec.dump());

  EXPECT_EQ(WordPieceTokenizer::from_json_file(file).encode_with_special("wait", 64),
            WordPieceTokenizer::from_json_file(kFolder + "/tokenizer.json")
                .encode_with_special("wait", 64));
}

}  // namespace
}  // namespace stratagram::text
