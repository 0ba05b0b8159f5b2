// grams/freeze.h -- from candidates and what was said of them to a catalogue (definitions,
// section 2, "Freeze").
//
// Selections are laid over each other in their order, reviews after all others wherever they stand,
// because no program overrules a person. For each gram the last one that names it says whether it
// is strategic, the last one with a role says its role. Clusters are those of the last selection
// that has any, as numbers of two clusterings say nothing of each other.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "grams/candidates.h"
#include "grams/catalogue.h"
#include "grams/selection.h"

namespace stratagram::grams {

/// A selection as it came in a file.
struct Layer {
  std::string file{};  ///< what messages call it
  Selection selection{};
};

/// What became of a layer.
struct LayerUse {
  std::string method{};
  std::string file{};
  int64_t num_grams = 0;      ///< that it names
  int64_t num_strategic = 0;  ///< of those, by its own word
  int64_t num_decided = 0;    ///< grams whose last word it has
  int64_t num_added = 0;      ///< against the layers below: strategic by its word alone
  int64_t num_rejected = 0;   ///< against the layers below: strategic but for its word
};

struct FreezeOptions {
  std::string name{};         ///< letters, digits, '.', '_' and '-'
  std::string source{};       ///< for people; empty: what was mined and who chose
  bool other_corpus = false;  ///< takes selections that were made from other texts
};

struct Frozen {
  Catalogue catalogue;  ///< in the order of their texts
  std::vector<LayerUse> layers{};
  int64_t num_uncounted = 0;  ///< grams that are no candidates, so have no counts
};

/// Origin of a gram: "manual" where only a person says that it is strategic, else "annotated" where
/// a judge does, else "mined".
///
/// Throws Error: kConfig for a name of other characters, and without a selection; kData for a
/// selection of another corpus, a strategic gram that is no candidate though no review added it
/// (both allowed with `other_corpus`), and when nothing is strategic.
[[nodiscard]] Frozen freeze(const CandidateList& candidates,
                            std::vector<Layer> layers,
                            const FreezeOptions& options);

}  // namespace stratagram::grams
