// tests/support/reference/plain_bpe.h -- byte-pair encoding as its paper states it: join the pair
// that comes first in the list of merges, over and over. Slow; for comparison.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "text/byte_level.h"
#include "text/pretokenizer.h"

namespace stratagram::reference {

/// A tokenizer.json without normaliser, added tokens and ignore_merges: text of plain ASCII has no
/// need of the first two, and the last is obeyed.
class PlainBpe {
 public:
  explicit PlainBpe(const nlohmann::json& spec)
      : vocabulary_(spec.at("model").at("vocab").get<std::map<std::string, int32_t>>()),
        ignore_merges_(spec.at("model").value("ignore_merges", false)),
        pretokenizer_(text::parse_pretokenizer(spec.at("pre_tokenizer"), "reference")) {
    int32_t rank = 0;
    for (const auto& merge : spec.at("model").at("merges")) {
      const std::string joined = merge.is_string() ? merge.get<std::string>() : "";
      const size_t space = joined.find(' ');
      const auto pair = merge.is_string()
                            ? std::pair(joined.substr(0, space), joined.substr(space + 1))
                            : merge.get<std::pair<std::string, std::string>>();
      ranks_[pair] = rank++;
    }
  }

  [[nodiscard]] std::vector<int32_t> encode(std::string_view text) const {
    std::vector<int32_t> ids;
    for (const Range& word : pretokenizer_.words(text)) {
      for (const std::string& part : parts_of(text.substr(word.begin, word.end - word.begin))) {
        ids.push_back(vocabulary_.at(part));
      }
    }
    return ids;
  }

 private:
  [[nodiscard]] std::vector<std::string> parts_of(std::string_view word) const {
    const std::string whole = text::spelling_of_bytes(word);
    if (ignore_merges_ && vocabulary_.contains(whole)) return {whole};
    std::vector<std::string> parts;
    for (const char c : word) parts.push_back(text::spelling_of_bytes({&c, 1}));
    while (true) {
      size_t best = parts.size();
      int32_t best_rank = 0;
      for (size_t i = 0; i + 1 < parts.size(); ++i) {
        const auto found = ranks_.find({parts[i], parts[i + 1]});
        if (found == ranks_.end()) continue;
        if (best == parts.size() || found->second < best_rank) {
          best = i;
          best_rank = found->second;
        }
      }
      if (best == parts.size()) return parts;
      parts[best] += parts[best + 1];
      parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(best) + 1);
    }
  }

  std::map<std::string, int32_t> vocabulary_;
  std::map<std::pair<std::string, std::string>, int32_t> ranks_;
  bool ignore_merges_;
  text::Pretokenizer pretokenizer_;
};

}  // namespace stratagram::reference
