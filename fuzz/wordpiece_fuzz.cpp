// Any bytes as the tokenizer.json of WordPiece: what loads encodes any text into ids that it has.
#include <string>

#include "core/error.h"
#include "core/file.h"
#include "fuzz/driver.h"
#include "fuzz/input_file.h"
#include "text/wordpiece.h"

namespace stratagram {
namespace {

constexpr std::string_view kText =
    "Wait, let's check: 3 + 12 = 15.\n\n  \t\xe6\x97\xa5\xe6\x9c\xac \xc3\xa9 e\xcc\x81 "
    "[CLS]\xff\xed\xa0\x80[SEP] \xc4\xb0";

std::vector<std::string> seeds() {
  const std::string cut = R"({"added_tokens": [{"id": 0, "content": "[UNK]", "special": true}],
    "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
      "strip_accents": null, "lowercase": true},
    "pre_tokenizer": {"type": "BertPreTokenizer"},
    "post_processor": {"type": "BertProcessing", "sep": ["b", 2], "cls": ["a", 1]},
    "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
      "max_input_chars_per_word": 100, "vocab": {"[UNK]": 0, "a": 1, "b": 2, "##c": 3, "3": 4}}})";
  return {read_file(STRATAGRAM_TEST_DATA "/embed/bert/tokenizer.json"), cut};
}

void check_ids(const text::WordPieceTokenizer& tokenizer, std::span<const int32_t> ids) {
  for (const int32_t id : ids) {
    STRATAGRAM_CHECK(id >= 0 && id < tokenizer.vocab_size(), "id {} outside the vocabulary", id);
  }
}

void try_file(const fuzz::InputFile& file, std::string_view bytes) {
  const auto tokenizer = text::WordPieceTokenizer::from_json_file(file.write(bytes));
  fuzz::must_accept([&] {
    const auto around = static_cast<int64_t>(tokenizer.prefix().size() + tokenizer.suffix().size());
    check_ids(tokenizer, tokenizer.encode(kText));
    const std::vector<int32_t> ids = tokenizer.encode_with_special(kText, around + 3);
    check_ids(tokenizer, ids);
    STRATAGRAM_CHECK(static_cast<int64_t>(ids.size()) <= around + 3, "more tokens than allowed");
  });
}

int run(int argc, char** argv) {
  const fuzz::InputFile file;
  return fuzz::run_fuzz(argc, argv, seeds, [&](std::string_view bytes) { try_file(file, bytes); });
}

}  // namespace
}  // namespace stratagram

int main(int argc, char** argv) {
  return stratagram::run(argc, argv);
}
