// analysis/lenses.h -- a text seen through a catalogue and through its random stand-ins, all in one
// pass over its words.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "grams/matcher.h"
#include "grams/placebo.h"

namespace stratagram::analysis {

struct FollowerKey {
  int64_t gram = 0;
  uint64_t words = 0;  ///< hash of what follows
};

/// What one catalogue marks. Grams are numbered as in the real catalogue: a random partner has the
/// number of the gram that it stands for.
struct Sighting {
  std::vector<grams::Occurrence> all;
  std::vector<grams::Occurrence> counted;
  int64_t planning_words = 0;
  std::vector<FollowerKey> followers;
};

struct Reading {
  int64_t num_words = 0;
  std::vector<Sighting> sightings;  ///< one a lens
};

/// Lens 0 is the catalogue, the others are the nulls. Immutable, so safe to share between threads.
class Lenses {
 public:
  /// `nulls` were drawn for this catalogue.
  Lenses(grams::Catalogue catalogue, std::span<const grams::Placebo> nulls, int64_t follower_words);

  [[nodiscard]] Reading read(std::string_view text) const;

  [[nodiscard]] size_t size() const { return num_lenses_; }
  [[nodiscard]] const grams::Catalogue& catalogue() const { return catalogue_; }

 private:
  /// Where an entry of the joint catalogue belongs.
  struct Owner {
    size_t lens = 0;
    int64_t gram = 0;
  };
  grams::Catalogue catalogue_;
  size_t num_lenses_;
  int64_t follower_words_;
  std::vector<std::vector<Owner>> owners_;  ///< by gram of the joint catalogue
  grams::Matcher joint_;

  [[nodiscard]] grams::Catalogue join(std::span<const grams::Placebo> nulls);
};

}  // namespace stratagram::analysis
