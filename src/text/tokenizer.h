// text/tokenizer.h -- byte-level BPE tokenizers as GPT-2, Llama 3, Qwen and SmolLM2 use them, equal
// to Hugging Face's `tokenizers` on the same file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/records.h"

namespace stratagram::text {

struct Encoding {
  std::vector<int32_t> ids;
  std::vector<Range> byte_ranges;  ///< of the input text; parallel to ids
};

struct Decoded {
  std::string text;                ///< the tokens' bytes; broken UTF-8 is kept as it is
  std::vector<Range> byte_ranges;  ///< parallel to the ids; they tile `text`
};

/// Immutable, so safe to share between threads; a copy is cheap and shares the tables.
class Tokenizer {
 public:
  /// Reads a tokenizer.json. Throws Error(kData) naming the file, the field and what it holds when
  /// it is damaged or asks for a kind of tokenizer that is not supported.
  static Tokenizer from_json_file(const std::filesystem::path& file);

  /// Reads GGUF key-values ("tokenizer.ggml.tokens", ...) given as one JSON object. Throws like
  /// from_json_file.
  static Tokenizer from_gguf(const nlohmann::json& metadata, const std::string& where);

  /// add_special: also the tokens that the file's post-processor puts around a text (their range is
  /// empty). Broken UTF-8 in the text is encoded as U+FFFD.
  [[nodiscard]] Encoding encode(std::string_view text, bool add_special) const;

  /// The text of some tokens, broken UTF-8 replaced by U+FFFD. Throws Error(kData) for an id
  /// outside the vocabulary, naming it.
  [[nodiscard]] std::string decode(std::span<const int32_t> ids, bool skip_special) const;

  /// The text of a response with the bytes that each token owns (definitions, section 1): special
  /// tokens own an empty range and no text. So do ids without a token: models often have more
  /// embedding rows than their tokenizer has tokens, and a policy can sample each of them.
  [[nodiscard]] Decoded decode_with_ranges(std::span<const int32_t> ids) const;

  /// Raw bytes of one token; a special token's literal text. Throws like decode().
  [[nodiscard]] std::string_view token_bytes(int32_t id) const;
  /// True for ids in the vocabulary that are not special: those whose bytes make up a response.
  [[nodiscard]] bool has_text(int32_t id) const;
  /// True for tokens that stand for no text, like an end token. False outside the vocabulary.
  [[nodiscard]] bool is_special(int32_t id) const;
  /// Largest id + 1, added tokens included.
  [[nodiscard]] int64_t vocab_size() const;
  /// By the token's spelling in the file.
  [[nodiscard]] std::optional<int32_t> id_of(std::string_view token) const;

  /// The tables behind it; defined in tokenizer_tables.h.
  struct Tables;
  explicit Tokenizer(std::shared_ptr<const Tables> tables);

 private:
  [[nodiscard]] bool contains(int32_t id) const;

  std::shared_ptr<const Tables> tables_;
};

}  // namespace stratagram::text
