// grams/gram_features.h -- what the selector looks at: numbers of a gram that need no model but,
// for two of them, vectors of the grams.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "grams/candidates.h"

namespace stratagram::grams {

inline constexpr std::string_view kReasoningFeature = "reasoning";

struct FeatureSetting {
  const Corpus* corpus = nullptr;
  /// Who wrote solutions without thinking aloud; empty: unknown, then "reasoning" is 0 for all.
  std::vector<std::string> plain_sources{};
};

struct CountFeature {
  std::string_view name;
  std::string_view meaning;
  double (*value)(const Candidate& candidate, const FeatureSetting& setting);
};

/// In the order of count_features():
///   problems      log of the share of the problems whose solutions hold the gram
///   spread        problems per solution that holds it, above 0, up to 1
///   repeats       log of occurrences per solution that holds it: what comes again and again inside
///                 one solution is mostly procedure (paper section 2.1: rare within a solution)
///   problem_text  share of those solutions where it holds an own word of the problem
///   digits        share of its words with a digit
///   starts        share of the occurrences that begin a sentence
///   reasoning     log of its document frequency among those who think aloud over that among
///                 those who do not, half a document added to each
///   words         how many
[[nodiscard]] std::span<const CountFeature> count_features();

/// Throws Error(kConfig) for a plain source that the corpus does not have, with those it has, and
/// when all are plain.
void check_sources(const FeatureSetting& setting);

}  // namespace stratagram::grams
