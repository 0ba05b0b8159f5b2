// grams/catalogue_diff.h -- what became of one catalogue in another.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "grams/catalogue.h"

namespace stratagram::grams {

/// A gram of both that is not the same in both.
struct ChangedGram {
  Gram before{};
  Gram after{};
  bool role = false;
  bool cluster = false;
  bool origin = false;
  bool counts = false;  ///< occurrences or documents
};

/// Lists are in the order of the grams' texts.
struct CatalogueDiff {
  std::vector<Gram> added{};    ///< only in the second
  std::vector<Gram> removed{};  ///< only in the first
  std::vector<ChangedGram> changed{};
  int64_t num_same = 0;  ///< equal in every field
};

/// Clusters are compared by their names where both catalogues name that of the gram, else by their
/// numbers.
[[nodiscard]] CatalogueDiff diff(const Catalogue& before, const Catalogue& after);

/// For programs: both catalogues by name and digests, totals, and every gram that differs.
[[nodiscard]] nlohmann::ordered_json to_json(const CatalogueDiff& diff,
                                             const Catalogue& before,
                                             const Catalogue& after);

/// For people: the same, but grams of which only counts or origin changed are counted, not listed.
[[nodiscard]] std::string to_text(const CatalogueDiff& diff,
                                  const Catalogue& before,
                                  const Catalogue& after);

}  // namespace stratagram::grams
