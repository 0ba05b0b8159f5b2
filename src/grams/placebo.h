// grams/placebo.h -- a catalogue that stands in for another in everything but meaning: the control
// of a rule that acts on strategic grams (definitions, section 3), and the null model of what is
// measured on them.
#pragma once

#include <cstdint>
#include <map>
#include <memory_resource>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/digest.h"
#include "grams/matcher.h"

namespace stratagram::grams {

struct Placebo {
  Catalogue catalogue;
  std::vector<int64_t> partner_of{};  ///< index in the original, of each of the catalogue's grams
  int64_t num_matched = 0;  ///< grams of the original that occur in the texts, each has a partner
  int64_t original_count = 0;  ///< occurrences of those in the texts, overlapping ones too
  int64_t placebo_count = 0;   ///< occurrences of their partners
};

struct PoolOptions {
  /// N-grams that are kept; with more, a random half of them is given up, again and again. Those
  /// that stay are counted exactly. 0: all are kept.
  size_t max_ngrams = 0;
  /// A partner is drawn from at least so many n-grams, those nearest in count where fewer lie
  /// within a tenth.
  int64_t min_choices = 1;
  /// Grams for which no n-gram is left get no partner; otherwise that is an error.
  bool skip_unmatched = false;
};

/// An n-gram that a gram may be given as its partner.
struct PlaceboCandidate {
  std::string_view text;
  int64_t count = 0;
};

/// The n-grams of some texts, of which partners are drawn. Memory: up to about 100 bytes an n-gram.
/// Not thread-safe.
class PlaceboPool {
 public:
  /// `matcher` must outlive the pool.
  explicit PlaceboPool(const Matcher& matcher, PoolOptions options = {});

  void add(std::string_view text);

  /// A catalogue for each seed, as make_placebo() gives it. Throws like that one. To be called
  /// once, after the last text.
  [[nodiscard]] std::vector<Placebo> draw(std::span<const uint64_t> seeds);

  /// Grams of the original that occur in the texts.
  [[nodiscard]] int64_t num_occurring() const;

  /// N-grams that are kept now, those that touch an occurrence of the catalogue among them.
  [[nodiscard]] size_t num_ngrams() const { return ngrams_.size(); }

 private:
  struct Entry {
    int64_t count = 0;  ///< below 0: touches an occurrence of the catalogue somewhere
    size_t text = 0;    ///< where it stands in texts_
    uint32_t num_bytes = 0;
    uint32_t num_words = 0;
  };
  using Candidates = std::map<int64_t, std::vector<PlaceboCandidate>>;  ///< by number of words
  void count_ngrams(const std::vector<uint8_t>& planning);
  void halve();
  [[nodiscard]] Candidates candidates() const;
  [[nodiscard]] Placebo draw_one(const Candidates& candidates, uint64_t seed) const;

  const Matcher& matcher_;
  PoolOptions options_;
  std::set<int64_t> lengths_;  ///< in words, of the original's grams
  std::vector<int64_t> original_counts_;
  std::pmr::unsynchronized_pool_resource memory_;              ///< millions of nodes come and go
  std::pmr::unordered_map<uint64_t, Entry> ngrams_{&memory_};  ///< by hash
  uint64_t max_hash_ = UINT64_MAX;  ///< n-grams of a higher one were given up
  std::string texts_;
  std::vector<Word> words_;  ///< of the text that is added
  std::vector<uint64_t> word_hashes_;
  int64_t num_texts_ = 0;
  Sha256 corpus_;
};

/// Gives each gram of the catalogue that occurs in the texts a random partner: an n-gram of the
/// texts with as many words and about as many occurrences (within a tenth where there is one, else
/// the nearest), none of which shares a word with an occurrence of the catalogue. Grams that never
/// occur mark nothing and get none. `seed` keys the choice; texts and seed decide the result.
/// Throws Error(kData) when no gram occurs, or when the texts hold too few other n-grams.
[[nodiscard]] Placebo make_placebo(const Matcher& matcher,
                                   std::span<const std::string> texts,
                                   uint64_t seed);

}  // namespace stratagram::grams
