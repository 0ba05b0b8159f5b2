// text/bpe.h -- byte-pair encoding of one word (Sennrich et al. 2016, arXiv 1508.07909) over bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace stratagram::text {

/// A hash that finds a std::string key by a view of it.
struct ViewHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};
using IdOfBytes = std::unordered_map<std::string, int32_t, ViewHash, std::equal_to<>>;

/// Immutable after construction.
class Bpe {
 public:
  /// merges: pairs of token bytes, the first merged first; pairs of tokens that are not in the
  /// vocabulary, or whose union is not, are an Error(kData) that names `where` and the merge.
  Bpe(IdOfBytes vocabulary,
      const std::vector<std::pair<std::string, std::string>>& merges,
      bool ignore_merges,
      const std::string& where);

  /// Appends the tokens of one word, with the end of each in bytes from the word's start. Bytes
  /// that have no token are dropped, as the reference does.
  void encode(std::string_view word, std::vector<int32_t>& ids, std::vector<int64_t>& ends) const;

  [[nodiscard]] const IdOfBytes& vocabulary() const { return vocabulary_; }

 private:
  struct Merge {
    uint64_t pair = kEmpty;  ///< left id << 32 | right id
    int32_t rank = 0;
    int32_t result = 0;
  };
  static constexpr uint64_t kEmpty = ~uint64_t{0};

  struct Piece {
    int32_t id = 0;
    int32_t previous = -1;
    int32_t next = -1;
    int32_t end = 0;  ///< in bytes
  };

  [[nodiscard]] const Merge* find(int32_t left, int32_t right) const;
  void insert(const Merge& merge);
  [[nodiscard]] std::vector<Piece> pieces_of(std::string_view word) const;
  void merge_few(std::vector<Piece>& pieces) const;
  void merge_many(std::vector<Piece>& pieces) const;
  void join(std::vector<Piece>& pieces, int32_t left, int32_t result) const;

  IdOfBytes vocabulary_;
  std::vector<int32_t> id_of_byte_;  ///< -1 where a byte has no token
  std::vector<Merge> table_;         ///< open addressing; a power of two, at most half full
  std::vector<bool> is_whole_;       ///< by id: encoding the token's own bytes gives just the token
};

}  // namespace stratagram::text
