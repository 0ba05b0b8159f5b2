// text/bert_normalizer.h -- what a BERT tokenizer does to a text before its vocabulary is asked:
// BertNormalizer and BertPreTokenizer of tokenizer.json, by the Unicode tables of Hugging Face's
// `tokenizers`, which are old. Models were trained on what those do.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace stratagram::text {

struct BertNormalizer {
  bool clean_text = true;            ///< controls go, white space becomes a space
  bool handle_chinese_chars = true;  ///< a space on both sides of each CJK ideograph
  bool strip_accents = true;         ///< decompose (NFD), then drop the marks
  bool lowercase = true;

  /// Broken UTF-8 counts as U+FFFD, which clean_text takes out.
  [[nodiscard]] std::string normalize(std::string_view text) const;
};

/// The words of a normalised text, left to right: cut at white space, each punctuation mark a word
/// of its own. Views into `text`, which is valid UTF-8.
[[nodiscard]] std::vector<std::string_view> bert_words(std::string_view text);

}  // namespace stratagram::text
