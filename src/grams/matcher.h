// grams/matcher.h -- finds the grams of a catalogue in texts, all in one pass (Aho and Corasick
// 1975, over words).
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/records.h"
#include "grams/catalogue.h"
#include "grams/normaliser.h"

namespace stratagram::grams {

struct Occurrence {
  int64_t gram = 0;  ///< index in the catalogue
  Range words;       ///< of the text's word sequence
  Range bytes;       ///< of the text: from the first word's first byte to the last word's last
  friend bool operator==(const Occurrence&, const Occurrence&) = default;
};

struct Matches {
  std::vector<Occurrence> all;      ///< every occurrence, overlapping ones too, by last word
  std::vector<Occurrence> counted;  ///< left to right, the longest at each word, none overlapping
};

/// Of all occurrences those that count: left to right, the longest at each word, none overlapping.
[[nodiscard]] std::vector<Occurrence> counted_of(std::vector<Occurrence> all);

/// Immutable, so safe to share between threads.
class Matcher {
 public:
  explicit Matcher(const Catalogue& catalogue);

  /// Time grows linearly with the text and the occurrences.
  [[nodiscard]] Matches find(std::string_view text) const;

  /// Every occurrence, by last word, without choosing those that count; `visit` sees each word of
  /// the text on the way, so that a text is normalised once whatever else is asked of it.
  [[nodiscard]] std::vector<Occurrence> find_all(
      std::string_view text, const std::function<void(const WordView&)>& visit) const;

  [[nodiscard]] const Catalogue& catalogue() const { return catalogue_; }

 private:
  struct Node {
    int32_t fail = 0;
    int32_t gram = -1;    ///< that ends here
    int32_t shorter = 0;  ///< nearest node on the fail path where a gram ends; 0 = none
    int32_t depth = 0;
  };
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };

  [[nodiscard]] int32_t word_id(std::string_view word) const;
  [[nodiscard]] int32_t child(int32_t node, int32_t word) const;
  [[nodiscard]] int32_t next(int32_t node, int32_t word) const;
  void link();

  Catalogue catalogue_;
  std::unordered_map<std::string, int32_t, Hash, std::equal_to<>> words_;
  std::vector<Node> nodes_;
  std::unordered_map<uint64_t, int32_t> children_;  ///< node << 32 | word
};

}  // namespace stratagram::grams
