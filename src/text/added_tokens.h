// text/added_tokens.h -- tokens that are found in a text before anything else cuts it.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/records.h"

namespace stratagram::text {

struct AddedToken {
  int32_t id = 0;
  std::string content{};
  bool special = false;
  bool lstrip = false;       ///< takes the white space before it
  bool rstrip = false;       ///< takes the white space after it
  bool single_word = false;  ///< only where no letter, digit or underscore is beside it
  bool normalized = false;   ///< sought in the normalised text
};

/// Reads `added_tokens` of a tokenizer.json. Throws Error(kData) naming `where` and the field.
[[nodiscard]] std::vector<AddedToken> parse_added_tokens(const nlohmann::json& list,
                                                         const std::string& where);

/// A token id. Throws Error(kData) naming `where` and the token for one below 0 or beyond 32 bits.
[[nodiscard]] int32_t checked_token_id(int64_t id,
                                       const std::string& spelling,
                                       const std::string& where);

/// Finds the leftmost, then longest token. Immutable, safe to share between threads.
class AddedTokenFinder {
 public:
  /// Tokens with empty content are ignored.
  explicit AddedTokenFinder(const std::vector<AddedToken>& tokens);

  /// Calls `gap` for each stretch of text between tokens that is not empty and `token` for each
  /// token found, left to right.
  void split(std::string_view text,
             const std::function<void(Range)>& gap,
             const std::function<void(int32_t id, Range)>& token) const;

 private:
  [[nodiscard]] const AddedToken* longest_at(std::string_view text, size_t at) const;

  std::array<std::vector<AddedToken>, 256> by_first_byte_;  ///< longest first
  bool empty_ = true;
};

}  // namespace stratagram::text
