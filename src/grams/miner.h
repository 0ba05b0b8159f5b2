// grams/miner.h -- all n-grams of solutions that occur in enough of them (definitions, section 2,
// "Collect").
//
// The files are read twice: once for the words, which go to a scratch file, and once for the texts
// of what was found. In between only numbers are read. Memory does not grow with the text: half of
// `memory_bytes` counts occurrences by a hash, half of it documents, which go to disk in sorted
// runs beyond that. Then half holds the problems of each gram, in several passes where there are
// too many, and the whole of it bounds the result. Outside the bound are 50 bytes a solution and 60
// a problem (to know those that came before), the different words of the problems, and about ten
// times the longest solution.
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

/// Told now and then: what is done, with how many documents, and of how many (0: not known yet).
using MiningProgress = std::function<void(std::string_view what, int64_t done, int64_t total)>;

/// Throws Error: kConfig for options beyond the ranges above; kData like SolutionReader, when no
/// solution counts, for what is no file, when more candidates are found than memory_bytes hold
/// (16 MiB at least; about 1,900 bytes each with 5 contexts), and when a file changed while it was
/// read; kDevice when the scratch folder is full; kInterrupted.
[[nodiscard]] CandidateList mine(std::span<const std::filesystem::path> paths,
                                 const text::SolutionOptions& reading,
                                 const MiningOptions& options,
                                 const MiningProgress& progress);

}  // namespace stratagram::grams
