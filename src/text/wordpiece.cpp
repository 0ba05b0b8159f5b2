#include "text/wordpiece.h"

#include <algorithm>
#include <utility>

#include "core/error.h"
#include "core/utf8.h"
#include "text/normalized.h"
#include "text/wordpiece_tables.h"

namespace stratagram::text {
namespace {

// Bytes are those of valid UTF-8.
bool starts_character(char byte) {
  return (static_cast<uint8_t>(byte) & 0xc0U) != 0x80U;
}

int64_t num_characters(std::string_view word) {
  return std::ranges::count_if(word, starts_character);
}

// The longest piece that is in the vocabulary, again and again; a word with a rest that begins with
// no piece is unknown as a whole. Time grows with the square of the word's length, which is
// bounded.
void append_word_(const WordPieceTokenizer::Tables& tables,
                  std::string_view word,
                  std::vector<int32_t>& ids) {
  const size_t before = ids.size();
  const auto give_up = [&] {
    ids.resize(before);
    ids.push_back(tables.unknown);
  };
  if (num_characters(word) > tables.max_characters) return give_up();
  std::string piece;
  for (size_t begin = 0; begin < word.size();) {
    piece = begin > 0 ? tables.continuing : "";
    const size_t lead = piece.size();
    piece += word.substr(begin);
    auto found = tables.vocabulary.find(piece);
    while (found == tables.vocabulary.end() && piece.size() > lead) {
      while (!starts_character(piece.back())) piece.pop_back();
      piece.pop_back();
      if (piece.size() > lead) found = tables.vocabulary.find(piece);
    }
    if (found == tables.vocabulary.end()) return give_up();
    ids.push_back(found->second);
    begin += piece.size() - lead;
  }
}

}  // namespace

WordPieceTokenizer::WordPieceTokenizer(std::shared_ptr<const Tables> tables)
    : tables_(std::move(tables)) {}

std::vector<int32_t> WordPieceTokenizer::encode(std::string_view text) const {
  std::vector<int32_t> ids;
  const NormalizedText valid(text, /*nfc=*/false);
  const auto part_of = [](std::string_view whole, Range range) {
    return whole.substr(range.begin, range.end - range.begin);
  };
  const auto add = [&](int32_t id, Range /*range*/) { ids.push_back(id); };
  tables_->raw_tokens.split(
      valid.text(),
      [&](Range part) {
        const std::string normal = tables_->normalizer.normalize(part_of(valid.text(), part));
        tables_->normalized_tokens.split(
            normal,
            [&](Range gap) {
              for (const std::string_view word : bert_words(part_of(normal, gap))) {
                append_word_(*tables_, word, ids);
              }
            },
            add);
      },
      add);
  return ids;
}

std::vector<int32_t> WordPieceTokenizer::encode_with_special(std::string_view text,
                                                             int64_t max_tokens) const {
  const auto num_special = static_cast<int64_t>(prefix().size() + suffix().size());
  STRATAGRAM_CHECK(max_tokens >= num_special,
                   "encode_with_special: wanted room for {} special tokens, got {}",
                   num_special,
                   max_tokens);
  std::vector<int32_t> inner = encode(text);
  inner.resize(std::min(inner.size(), static_cast<size_t>(max_tokens - num_special)));
  std::vector<int32_t> ids(prefix().begin(), prefix().end());
  ids.insert(ids.end(), inner.begin(), inner.end());
  ids.insert(ids.end(), suffix().begin(), suffix().end());
  return ids;
}

std::span<const int32_t> WordPieceTokenizer::prefix() const {
  return tables_->prefix;
}

std::span<const int32_t> WordPieceTokenizer::suffix() const {
  return tables_->suffix;
}

int64_t WordPieceTokenizer::vocab_size() const {
  return tables_->vocab_size;
}

std::optional<int32_t> WordPieceTokenizer::id_of(std::string_view token) const {
  for (const IdOfPiece* ids : {&tables_->added, &tables_->vocabulary}) {
    if (const auto found = ids->find(token); found != ids->end()) return found->second;
  }
  return std::nullopt;
}

}  // namespace stratagram::text
