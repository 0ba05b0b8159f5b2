// text/wordpiece.h -- WordPiece tokenizers as BERT and the sentence encoders made of it use them,
// equal to Hugging Face's `tokenizers` on the same file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stratagram::text {

/// Immutable, so safe to share between threads; a copy is cheap and shares the tables.
class WordPieceTokenizer {
 public:
  /// Reads a tokenizer.json: BertNormalizer, BertPreTokenizer, WordPiece, and none,
  /// TemplateProcessing or BertProcessing around the text. Its `truncation` and `padding` are
  /// left to the caller. Throws Error(kData) naming the file, the field and what it holds when it
  /// is damaged or asks for anything else.
  static WordPieceTokenizer from_json_file(const std::filesystem::path& file);

  /// The ids of a text, without those that stand around it. Broken UTF-8 counts as U+FFFD.
  /// A letter that got its case after Unicode 15 is not made small.
  [[nodiscard]] std::vector<int32_t> encode(std::string_view text) const;

  /// encode() with prefix and suffix around it, cut at its end to `max_tokens` in all (at least as
  /// many as prefix and suffix have).
  [[nodiscard]] std::vector<int32_t> encode_with_special(std::string_view text,
                                                         int64_t max_tokens) const;

  /// What the post-processor puts before and after a text, e.g. [CLS] and [SEP].
  [[nodiscard]] std::span<const int32_t> prefix() const;
  [[nodiscard]] std::span<const int32_t> suffix() const;
  /// Largest id + 1, added tokens included.
  [[nodiscard]] int64_t vocab_size() const;
  /// By the token's spelling in the file, "##" included.
  [[nodiscard]] std::optional<int32_t> id_of(std::string_view token) const;

  /// The tables behind it; defined in wordpiece_tables.h.
  struct Tables;
  explicit WordPieceTokenizer(std::shared_ptr<const Tables> tables);

 private:
  std::shared_ptr<const Tables> tables_;
};

}  // namespace stratagram::text
