// text/wordpiece_tables.h -- what a WordPiece tokenizer is made of, once its file is read. For the
// reader and the tokenizer itself; others include text/wordpiece.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "text/added_tokens.h"
#include "text/bert_normalizer.h"
#include "text/wordpiece.h"

namespace stratagram::text {

struct StringHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};
using IdOfPiece = std::unordered_map<std::string, int32_t, StringHash, std::equal_to<>>;

struct WordPieceTokenizer::Tables {
  BertNormalizer normalizer;
  IdOfPiece vocabulary{};                  ///< spelling as in the file; without added tokens
  IdOfPiece added{};                       ///< which the vocabulary may hold too
  std::string continuing{};                ///< prefix of a piece inside a word, "##"
  int32_t unknown = 0;                     ///< [UNK]
  int64_t max_characters = 0;              ///< a longer word is unknown
  AddedTokenFinder raw_tokens{{}};         ///< sought in the text as it is
  AddedTokenFinder normalized_tokens{{}};  ///< sought after normalisation
  std::vector<int32_t> prefix{};
  std::vector<int32_t> suffix{};
  int64_t vocab_size = 0;
};

}  // namespace stratagram::text
