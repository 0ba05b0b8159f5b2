// grams/unlisted.h -- what many responses say and a catalogue knows nothing of: candidates for its
// next version.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "grams/candidates.h"
#include "grams/catalogue.h"

namespace stratagram::grams {

struct UnlistedGram {
  std::string text;
  int64_t documents = 0;  ///< responses that hold it; equal ones to one problem are one
  double share = 0;       ///< of all of those
  /// Shares in the first half of the training steps and in the rest; none for fewer than two steps.
  std::optional<double> early{};
  std::optional<double> late{};
};

/// The candidates that share no run of words with the catalogue: none of its grams lies inside
/// them, nor they inside one. Those that hold a name or quantity of the problem in more than half
/// of their responses are left out. By falling `late` share (`share` without steps), then by text.
[[nodiscard]] std::vector<UnlistedGram> unlisted_grams(const CandidateList& candidates,
                                                       const Catalogue& catalogue);

}  // namespace stratagram::grams
