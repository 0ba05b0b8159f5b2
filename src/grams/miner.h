// grams/miner.h -- all n-grams of solutions that occur in enough of them (definitions, section 2,
// "Collect").
//
// The files are read twice: once for the words, which go to a scratch file, and once for the texts
// of what was found. In between only numbers are read. Memory does not grow with the text: half of
// `memory_bytes` counts occurrences by a hash, half of it documents, which go to disk in sorted
// runs beyond that. Outside the bound are 50 bytes a solution and 60 a problem (to know those that
// came before), and the result, which is what the caller asked for.
//
// Exact, but for two grams that share 64 bits: see word_hash.h.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string_view>

#include "grams/candidates.h"
#include "grams/word_hash.h"
#include "text/solutions.h"

namespace stratagram::grams {

struct MiningOptions {
  GramLengths lengths{};      ///< in words: 1 <= min_words <= max_words <= kMaxGramWords
  bool only_correct = false;  ///< those that are known to be
  int64_t min_documents = 5;  ///< at least 1
  int64_t max_contexts = 5;   ///< 0 or more
  double merge_share = 0.9;   ///< of merge_fragments(); above 1 keeps every fragment
  uint64_t memory_bytes = uint64_t{1} << 30;
  std::filesystem::path scratch = std::filesystem::temp_directory_path();
};

/// Told now and then: what is done, and with how many documents.
using MiningProgress = std::function<void(std::string_view what, int64_t num_documents)>;

/// Throws Error: kConfig for options beyond the ranges above; kData like SolutionReader, when no
/// solution counts, when more candidates are found than memory_bytes hold (about 1,500 bytes
/// each), and when a file changed while it was read; kDevice when the scratch folder is full;
/// kInterrupted.
[[nodiscard]] CandidateList mine(std::span<const std::filesystem::path> paths,
                                 const text::SolutionOptions& reading,
                                 const MiningOptions& options,
                                 const MiningProgress& progress);

}  // namespace stratagram::grams
