// grams/quotes.h -- texts for grams that are known as numbers: the files are read once more.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "grams/candidates.h"
#include "text/solutions.h"

namespace stratagram::grams {

/// A place whose text is wanted.
struct WantedQuote {
  uint64_t hash = 0;  ///< of the gram that must stand there
  uint32_t document = 0;
  uint32_t first_word = 0;
  uint32_t num_words = 0;
  uint32_t candidate = 0;  ///< its index
  uint32_t context = 0;    ///< which of its contexts this is; beyond them, only the text is wanted
};

struct QuotedFiles {
  text::SolutionReader reader;
  const std::vector<bool>& row_counts;  ///< rows that are documents, in the order of reading
};

/// Fills the texts of the candidates, and their contexts, which are there but empty. `tick` is
/// told the number of each document. Throws Error(kData) when another gram stands at a place: the
/// files changed; and like SolutionReader::next().
void quote(QuotedFiles files,
           std::vector<WantedQuote> wanted,
           const std::function<void(int64_t document)>& tick,
           std::vector<Candidate>& candidates);

}  // namespace stratagram::grams
