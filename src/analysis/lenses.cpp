#include "analysis/lenses.h"

#include <numeric>
#include <string>
#include <unordered_map>
#include <utility>

#include "core/stream.h"
#include "grams/followers.h"

namespace stratagram::analysis {

Lenses::Lenses(grams::Catalogue catalogue,
               std::span<const grams::Placebo> nulls,
               int64_t follower_words)
    : catalogue_(std::move(catalogue)),
      num_lenses_(1 + nulls.size()),
      follower_words_(follower_words),
      joint_(join(nulls)) {}

// Every text once, whichever catalogues hold it; fills owners_.
grams::Catalogue Lenses::join(std::span<const grams::Placebo> nulls) {
  grams::Catalogue joint{.name = "joint", .grams = {}};
  std::unordered_map<std::string, size_t> places;
  const auto add = [&](const std::string& text, Owner owner) {
    const auto [found, is_new] = places.emplace(text, joint.grams.size());
    if (is_new) {
      joint.grams.push_back({.text = text});
      owners_.emplace_back();
    }
    owners_[found->second].push_back(owner);
  };
  for (size_t i = 0; i < catalogue_.grams.size(); ++i) {
    add(catalogue_.grams[i].text, {.lens = 0, .gram = static_cast<int64_t>(i)});
  }
  for (size_t n = 0; n < nulls.size(); ++n) {
    for (size_t i = 0; i < nulls[n].catalogue.grams.size(); ++i) {
      add(nulls[n].catalogue.grams[i].text, {.lens = n + 1, .gram = nulls[n].partner_of[i]});
    }
  }
  return joint;
}

Reading Lenses::read(std::string_view text) const {
  Reading reading{.num_words = 0, .sightings = std::vector<Sighting>(num_lenses_)};
  std::vector<uint64_t> words;
  const std::vector<grams::Occurrence> found =
      joint_.find_all(text, [&](const grams::WordView& word) {
        words.push_back(hash_name(grams::follower_word(word.text)));
      });
  reading.num_words = static_cast<int64_t>(words.size());
  for (const grams::Occurrence& occurrence : found) {
    for (const Owner& owner : owners_[static_cast<size_t>(occurrence.gram)]) {
      grams::Occurrence mine = occurrence;
      mine.gram = owner.gram;
      reading.sightings[owner.lens].all.push_back(mine);
    }
  }
  for (Sighting& sighting : reading.sightings) {
    if (sighting.all.empty()) continue;
    sighting.counted = grams::counted_of(sighting.all);
    const grams::Matches matches{.all = sighting.all, .counted = sighting.counted};
    const std::vector<uint8_t> mask = grams::planning_words(sighting.all, reading.num_words);
    sighting.planning_words = std::accumulate(mask.begin(), mask.end(), int64_t{0});
    for (const grams::FollowerPlaces& places :
         grams::follower_places(matches, reading.num_words, follower_words_)) {
      FollowerKey key{.gram = places.gram, .words = 0};
      for (const int64_t w : places.words) {
        key.words = mix_bits(key.words ^ words[static_cast<size_t>(w)]);
      }
      sighting.followers.push_back(key);
    }
  }
  return reading;
}

}  // namespace stratagram::analysis
