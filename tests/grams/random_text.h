// tests/grams/random_text.h -- texts that hold everything the normal form knows.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/stream.h"

namespace stratagram::grams {

// Words, gaps and formulas of every kind that the normal form knows, with few words, so that grams
// come again.
class RandomText {
 public:
  RandomText(uint64_t seed, std::string_view purpose)
      : stream_({.seed = seed, .purpose = purpose}) {}

  uint64_t below(uint64_t bound) { return stream_.below(bound, position_++); }

  std::string words(uint64_t count) {
    static const std::vector<std::string> kWords = {"so",
                                                    "Wait",
                                                    "let",
                                                    "ME",
                                                    "the",
                                                    "sum",
                                                    "let's",
                                                    "let\u2019s",
                                                    "caf\u00e9",
                                                    "cafe\u0301",
                                                    "\ufb01nd",
                                                    "12",
                                                    "Alice",
                                                    "now double check this",
                                                    "$x + 1$",
                                                    "\\frac{1}{2}",
                                                    "```y = 2```"};
    static const std::vector<std::string> kGaps = {
        " ", " ", " ", " ", " ", " ", ", ", ". ", "\n\n", "\n", " - ", "; ", "? "};
    std::string text;
    for (uint64_t i = 0; i < count; ++i) {
      const uint64_t word = below(kWords.size() + 3);
      text += word < kWords.size() ? kWords[word] : fmt::format("n{}", below(300));
      text += kGaps[below(kGaps.size())];
    }
    return text;
  }

 private:
  Stream stream_;
  uint64_t position_ = 0;
};

}  // namespace stratagram::grams
