#include "text/tokenizer.h"

#include <algorithm>

#include "core/error.h"
#include "core/utf8.h"
#include "text/byte_level.h"
#include "text/normalized.h"
#include "text/tokenizer_tables.h"

namespace stratagram::text {
namespace {

// An id far beyond the number of tokens would make tables of that size; a damaged file has one.
constexpr int64_t kMaxGaps = 1 << 20;

Bpe make_bpe(const TokenizerParts& parts, const std::string& where) {
  IdOfBytes ids;
  ids.reserve(parts.vocabulary.size());
  for (const auto& [spelling, id] : parts.vocabulary) ids.emplace(bytes_of_spelling(spelling), id);
  std::vector<std::pair<std::string, std::string>> merges;
  merges.reserve(parts.merges.size());
  for (const auto& [left, right] : parts.merges) {
    merges.emplace_back(bytes_of_spelling(left), bytes_of_spelling(right));
  }
  return {std::move(ids), merges, parts.ignore_merges, where};
}

std::vector<AddedToken> select(const std::vector<AddedToken>& tokens, bool normalized) {
  std::vector<AddedToken> selected;
  for (const AddedToken& token : tokens) {
    if (token.normalized == normalized) selected.push_back(token);
  }
  return selected;
}

int64_t checked_size(const TokenizerParts& parts, const std::string& where) {
  int64_t largest = -1;
  const auto see = [&](const std::string& spelling, int32_t id) {
    const auto limit =
        static_cast<int64_t>(parts.vocabulary.size() + parts.added.size()) + kMaxGaps;
    if (id < 0 || id >= limit) {
      fail(ErrorKind::kData,
           "{}: token '{}': id {}: wanted 0 to {}; the file was damaged",
           where,
           spelling,
           id,
           limit - 1);
    }
    largest = std::max<int64_t>(largest, id);
  };
  for (const auto& [spelling, id] : parts.vocabulary) see(spelling, id);
  for (const AddedToken& token : parts.added) see(token.content, token.id);
  if (parts.vocabulary.empty()) fail(ErrorKind::kData, "{}: the vocabulary is empty", where);
  return largest + 1;
}

}  // namespace

Tokenizer::Tables::Tables(TokenizerParts parts, const std::string& where)
    : tokens(checked_size(parts, where)),
      bpe(make_bpe(parts, where)),
      pretokenizer(std::move(parts.pretokenizer)),
      raw_tokens(select(parts.added, false)),
      normalized_tokens(select(parts.added, true)),
      nfc(parts.nfc) {
  for (const auto& [spelling, id] : parts.vocabulary) {
    tokens[id] = {.bytes = bytes_of_spelling(spelling), .exists = true};
  }
  for (const AddedToken& token : parts.added) {
    tokens[token.id] = {
        .bytes = bytes_of_spelling(token.content), .exists = true, .special = token.special};
    added_ids.emplace(token.content, token.id);
  }
  const auto checked_ids = [&](const std::vector<int64_t>& ids) {
    std::vector<int32_t> known;
    for (const int64_t id : ids) {
      if (id < 0 || id >= static_cast<int64_t>(tokens.size()) || !tokens[id].exists) {
        fail(
            ErrorKind::kData,
            "{}: post_processor: id {}: wanted 0 to {}, a token of the vocabulary, to put around a "
            "text; the file was damaged",
            where,
            id,
            tokens.size() - 1);
      }
      known.push_back(static_cast<int32_t>(id));
    }
    return known;
  };
  prefix = checked_ids(parts.prefix);
  suffix = checked_ids(parts.suffix);
}

Tokenizer::Tokenizer(std::shared_ptr<const Tables> tables) : tables_(std::move(tables)) {}

Encoding Tokenizer::encode(std::string_view text, bool add_special) const {
  Encoding encoding;
  const auto add = [&](int32_t id, Range range) {
    encoding.ids.push_back(id);
    encoding.byte_ranges.push_back(range);
  };
  const auto size = static_cast<int64_t>(text.size());
  if (add_special) {
    for (const int32_t id : tables_->prefix) add(id, {0, 0});
  }
  // PCRE2 and the added tokens want valid UTF-8; most texts are.
  const NormalizedText valid(text, /*nfc=*/false);
  std::vector<int32_t> ids;
  std::vector<int64_t> ends;
  tables_->raw_tokens.split(
      valid.text(),
      [&](Range part) {
        const NormalizedText normal(valid.text().substr(part.begin, part.end - part.begin),
                                    tables_->nfc);
        const auto origin = [&](Range range) {
          const Range inner = normal.original(range);
          return valid.original({part.begin + inner.begin, part.begin + inner.end});
        };
        tables_->normalized_tokens.split(
            normal.text(),
            [&](Range gap) {
              const std::string_view piece = normal.text().substr(gap.begin, gap.end - gap.begin);
              for (const Range& word : tables_->pretokenizer.words(piece)) {
                ids.clear();
                ends.clear();
                tables_->bpe.encode(piece.substr(word.begin, word.end - word.begin), ids, ends);
                int64_t begin = gap.begin + word.begin;
                for (size_t i = 0; i < ids.size(); ++i) {
                  const int64_t end = gap.begin + word.begin + ends[i];
                  add(ids[i], origin({begin, end}));
                  begin = end;
                }
              }
            },
            [&](int32_t id, Range range) { add(id, origin(range)); });
      },
      [&](int32_t id, Range range) { add(id, valid.original(range)); });
  if (add_special) {
    for (const int32_t id : tables_->suffix) add(id, {size, size});
  }
  return encoding;
}

std::string Tokenizer::decode(std::span<const int32_t> ids, bool skip_special) const {
  std::string bytes;
  for (const int32_t id : ids) {
    const std::string_view token = token_bytes(id);
    if (!(skip_special && is_special(id))) bytes += token;
  }
  return replace_broken_utf8(bytes);
}

Decoded Tokenizer::decode_with_ranges(std::span<const int32_t> ids) const {
  Decoded decoded;
  decoded.byte_ranges.reserve(ids.size());
  for (const int32_t id : ids) {
    const auto begin = static_cast<int64_t>(decoded.text.size());
    const std::string_view token = token_bytes(id);
    if (!is_special(id)) decoded.text += token;
    decoded.byte_ranges.push_back({begin, static_cast<int64_t>(decoded.text.size())});
  }
  return decoded;
}

std::string_view Tokenizer::token_bytes(int32_t id) const {
  if (id < 0 || id >= vocab_size() || !tables_->tokens[id].exists) {
    fail(
        ErrorKind::kData,
        "token id {} is not in the tokenizer's vocabulary (0 to {}); the tokenizer does not belong "
        "to these tokens",
        id,
        vocab_size() - 1);
  }
  return tables_->tokens[id].bytes;
}

bool Tokenizer::is_special(int32_t id) const {
  return id >= 0 && id < vocab_size() && tables_->tokens[id].special;
}

int64_t Tokenizer::vocab_size() const {
  return static_cast<int64_t>(tables_->tokens.size());
}

std::optional<int32_t> Tokenizer::id_of(std::string_view token) const {
  if (const auto found = tables_->added_ids.find(std::string(token));
      found != tables_->added_ids.end()) {
    return found->second;
  }
  const auto found = tables_->bpe.vocabulary().find(bytes_of_spelling(token));
  if (found == tables_->bpe.vocabulary().end()) return std::nullopt;
  return found->second;
}

}  // namespace stratagram::text
