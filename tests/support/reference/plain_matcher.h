// tests/support/reference/plain_matcher.h -- every gram of a catalogue at every word, by looking up
// each run of 1 to 6 words in a set of texts. For comparison.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "grams/catalogue.h"
#include "grams/matcher.h"
#include "grams/normaliser.h"

namespace stratagram::reference {

/// gram, first byte, byte after the last.
using PlainOccurrence = std::tuple<int64_t, int64_t, int64_t>;

class PlainMatcher {
 public:
  explicit PlainMatcher(const grams::Catalogue& catalogue) {
    for (size_t i = 0; i < catalogue.grams.size(); ++i) {
      grams_[catalogue.grams[i].text] = static_cast<int64_t>(i);
    }
  }

  [[nodiscard]] std::set<PlainOccurrence> find(std::string_view text) const {
    std::set<PlainOccurrence> all;
    const std::vector<grams::Word> words = grams::normalise(text);
    for (size_t first = 0; first < words.size(); ++first) {
      std::string run;
      for (size_t last = first; last < words.size() && last < first + 6; ++last) {
        if (words[last].opaque || (last > first && words[last].break_before)) break;
        run += (last > first ? " " : "") + words[last].text;
        const auto found = grams_.find(run);
        if (found == grams_.end()) continue;
        all.emplace(found->second, words[first].bytes.begin, words[last].bytes.end);
      }
    }
    return all;
  }

 private:
  std::unordered_map<std::string, int64_t> grams_;
};

/// What a matcher found, to compare with.
[[nodiscard]] inline std::set<PlainOccurrence> plain(const grams::Matches& matches) {
  std::set<PlainOccurrence> all;
  for (const grams::Occurrence& o : matches.all) all.emplace(o.gram, o.bytes.begin, o.bytes.end);
  return all;
}

}  // namespace stratagram::reference
