// text/tokenizer_tables.h -- what a tokenizer is made of, once its file is read. For the readers
// and the tokenizer itself; others include text/tokenizer.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "text/added_tokens.h"
#include "text/bpe.h"
#include "text/pretokenizer.h"
#include "text/tokenizer.h"

namespace stratagram::text {

/// A tokenizer's file, whatever its format.
struct TokenizerParts {
  std::vector<std::pair<std::string, int32_t>> vocabulary;  ///< spelling, id; without added tokens
  std::vector<std::pair<std::string, std::string>> merges;  ///< spellings
  std::vector<AddedToken> added;
  Pretokenizer pretokenizer;
  bool nfc = false;
  bool ignore_merges = false;
  std::vector<int64_t> prefix;  ///< ids that the post-processor puts before a text
  std::vector<int64_t> suffix;  ///< and after it
};

struct Tokenizer::Tables {
  /// Throws Error(kData) naming `where` for a vocabulary without tokens, ids below 0 or far above
  /// the number of tokens, merges that do not fit, and a prefix or suffix outside the vocabulary.
  Tables(TokenizerParts parts, const std::string& where);

  struct Token {
    std::string bytes;
    bool exists = false;
    bool special = false;
  };

  std::vector<Token> tokens;  ///< by id
  Bpe bpe;
  Pretokenizer pretokenizer;
  AddedTokenFinder raw_tokens;         ///< sought in the text as it is
  AddedTokenFinder normalized_tokens;  ///< sought after normalisation
  std::unordered_map<std::string, int32_t> added_ids;
  bool nfc = false;
  std::vector<int32_t> prefix;
  std::vector<int32_t> suffix;
};

}  // namespace stratagram::text
