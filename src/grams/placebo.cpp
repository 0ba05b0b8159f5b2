#include "grams/placebo.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/error.h"
#include "core/stream.h"
#include "grams/followers.h"
#include "grams/normaliser.h"

namespace stratagram::grams {
namespace {

int64_t num_words_of(const std::string& gram) {
  return std::ranges::count(gram, ' ') + 1;
}

std::set<int64_t> lengths_of(const Catalogue& catalogue) {
  std::set<int64_t> lengths;
  for (const Gram& gram : catalogue.grams) lengths.insert(num_words_of(gram.text));
  return lengths;
}

// A word of rare characters may not be its own normal form; a catalogue could not hold it.
bool is_normal(std::string_view gram) {
  return joined(normalise(gram)) == gram;
}

// Candidates of one length in order of count, then of text; of which some are taken already.
class Shelf {
 public:
  explicit Shelf(const std::vector<PlaceboCandidate>& all) : all_(all) {}

  // A random one of those within a tenth of the wanted count, or of the `min_choices` nearest; an
  // empty text when none is left. Of two as near the less frequent is the nearer one.
  PlaceboCandidate take_(int64_t wanted, int64_t min_choices, const Stream& stream) {
    for (uint64_t draw = 0; taken_.size() < all_.size(); ++draw) {
      auto [low, high] = within_a_tenth(wanted);
      while (num_free(low, high) < min_choices && (low > 0 || high < all_.size())) {
        const bool below = low > 0 && (high == all_.size() ||
                                       wanted - all_[low - 1].count <= all_[high].count - wanted);
        below ? --low : ++high;
      }
      const int64_t free = num_free(low, high);
      const size_t chosen =
          free_at(low, free == 0 ? 0 : stream.below(static_cast<uint64_t>(free), draw));
      taken_.insert(std::ranges::lower_bound(taken_, chosen), chosen);
      if (is_normal(all_[chosen].text)) return all_[chosen];
    }
    return {};
  }

 private:
  [[nodiscard]] std::pair<size_t, size_t> within_a_tenth(int64_t wanted) const {
    const auto slack = static_cast<int64_t>(std::floor(0.1 * static_cast<double>(wanted)));
    const auto place = [&](int64_t count) {
      return static_cast<size_t>(
          std::ranges::lower_bound(all_, count, {}, &PlaceboCandidate::count) - all_.begin());
    };
    return {place(wanted - slack), place(wanted + slack + 1)};
  }
  [[nodiscard]] int64_t num_free(size_t low, size_t high) const {
    const auto taken =
        std::ranges::lower_bound(taken_, high) - std::ranges::lower_bound(taken_, low);
    return static_cast<int64_t>(high - low) - taken;
  }
  // The place of the rank-th one from `low` on that is not taken.
  [[nodiscard]] size_t free_at(size_t low, size_t rank) const {
    size_t at = low + rank;
    for (auto taken = std::ranges::lower_bound(taken_, low); taken != taken_.end() && *taken <= at;
         ++taken) {
      ++at;
    }
    return at;
  }

  const std::vector<PlaceboCandidate>& all_;
  std::vector<size_t> taken_;  ///< ascending
};

}  // namespace

PlaceboPool::PlaceboPool(const Matcher& matcher, PoolOptions options)
    : matcher_(matcher),
      options_(options),
      lengths_(lengths_of(matcher.catalogue())),
      original_counts_(matcher.catalogue().grams.size(), 0) {
  ngrams_.reserve(options.max_ngrams);
}

void PlaceboPool::add(std::string_view text) {
  words_.clear();
  word_hashes_.clear();
  const std::vector<Occurrence> all = matcher_.find_all(text, [&](const WordView& word) {
    words_.push_back({.text = std::string(word.text),
                      .bytes = word.bytes,
                      .opaque = word.opaque,
                      .break_before = word.break_before});
    word_hashes_.push_back(hash_name(word.text));
  });
  for (const Occurrence& occurrence : all) {
    ++original_counts_[static_cast<size_t>(occurrence.gram)];
  }
  count_ngrams(planning_words(all, static_cast<int64_t>(words_.size())));
  ++num_texts_;
  corpus_.update(sha256(text));
}

// Every n-gram of the wanted lengths that no break and no formula interrupts.
void PlaceboPool::count_ngrams(const std::vector<uint8_t>& planning) {
  if (lengths_.empty()) return;
  for (size_t begin = 0; begin < words_.size(); ++begin) {
    uint64_t hash = 0;
    bool touches = false;
    for (int64_t length = 1; length <= *lengths_.rbegin(); ++length) {
      const size_t at = begin + static_cast<size_t>(length) - 1;
      if (at >= words_.size() || words_[at].opaque) break;
      if (length > 1 && words_[at].break_before) break;
      hash = mix_bits(hash ^ word_hashes_[at]);
      touches = touches || planning[at] != 0;
      if (hash > max_hash_ || !lengths_.contains(length)) continue;
      const auto [found, is_new] = ngrams_.try_emplace(hash);
      Entry& entry = found->second;
      if (is_new) {
        const size_t first = texts_.size();
        for (size_t w = begin; w <= at; ++w) {
          if (w > begin) texts_ += ' ';
          texts_ += words_[w].text;
        }
        entry = {.count = 0,
                 .text = first,
                 .num_bytes = static_cast<uint32_t>(texts_.size() - first),
                 .num_words = static_cast<uint32_t>(length)};
      }
      if (touches) entry.count = -1;
      if (entry.count >= 0) ++entry.count;
      if (options_.max_ngrams > 0 && ngrams_.size() > options_.max_ngrams) halve();
    }
  }
}

// What stays was counted from its first occurrence on, as the bound only ever falls.
void PlaceboPool::halve() {
  max_hash_ /= 2;
  std::erase_if(ngrams_, [&](const auto& item) { return item.first > max_hash_; });
  std::string kept;
  for (auto& [hash, entry] : ngrams_) {
    const size_t first = kept.size();
    kept.append(texts_, entry.text, entry.num_bytes);
    entry.text = first;
  }
  texts_ = std::move(kept);
}

int64_t PlaceboPool::num_occurring() const {
  return std::ranges::count_if(original_counts_, [](int64_t count) { return count > 0; });
}

PlaceboPool::Candidates PlaceboPool::candidates() const {
  Candidates by_length;
  for (const auto& [hash, entry] : ngrams_) {
    if (entry.count <= 0) continue;
    by_length[entry.num_words].push_back(
        {std::string_view(texts_).substr(entry.text, entry.num_bytes), entry.count});
  }
  for (auto& [length, of_length] : by_length) {
    // The order in which a hash map gives them makes no difference.
    std::ranges::sort(of_length, [](const PlaceboCandidate& a, const PlaceboCandidate& b) {
      return a.count != b.count ? a.count < b.count : a.text < b.text;
    });
  }
  return by_length;
}

Placebo PlaceboPool::draw_one(const Candidates& candidates, uint64_t seed) const {
  const Catalogue& original = matcher_.catalogue();
  static const std::vector<PlaceboCandidate> none;
  Placebo placebo{.catalogue = {.name = "placebo-of-" + original.name, .grams = {}}};
  std::map<int64_t, Shelf> shelves;
  for (size_t i = 0; i < original.grams.size(); ++i) {
    const int64_t wanted = original_counts_[i];
    if (wanted == 0) continue;
    const std::string& text = original.grams[i].text;
    const int64_t length = num_words_of(text);
    const auto found = candidates.find(length);
    Shelf& shelf =
        shelves.try_emplace(length, found == candidates.end() ? none : found->second).first->second;
    const Stream stream({.seed = seed, .purpose = "placebo", .problem = hash_name(text)});
    const PlaceboCandidate partner = shelf.take_(wanted, options_.min_choices, stream);
    if (partner.text.empty() && options_.skip_unmatched) continue;
    if (partner.text.empty()) {
      fail(ErrorKind::kData,
           "placebo: no partner of {} words is left for '{}' ({} occurrences); give more texts",
           length,
           text,
           wanted);
    }
    ++placebo.num_matched;
    placebo.original_count += wanted;
    placebo.placebo_count += partner.count;
    placebo.partner_of.push_back(static_cast<int64_t>(i));
    placebo.catalogue.grams.push_back(
        {.text = std::string(partner.text), .origin = "placebo", .count = partner.count});
  }
  return placebo;
}

std::vector<Placebo> PlaceboPool::draw(std::span<const uint64_t> seeds) {
  const Catalogue& original = matcher_.catalogue();
  if (num_occurring() == 0) {
    fail(
        ErrorKind::kData,
        "placebo: none of the {} grams of {} occurs in the {} texts; give texts of the policy that "
        "is to be trained",
        original.grams.size(),
        original.name,
        num_texts_);
  }
  const Candidates by_length = candidates();
  const std::string corpus_digest = std::exchange(corpus_, Sha256()).finish();
  std::vector<Placebo> placebos;
  for (const uint64_t seed : seeds) {
    Placebo& placebo = placebos.emplace_back(draw_one(by_length, seed));
    placebo.catalogue.corpus_digest = corpus_digest;
    placebo.catalogue.source = fmt::format(
        "random partners of the grams of {} ({}), seed {}", original.name, original.digest(), seed);
  }
  return placebos;
}

Placebo make_placebo(const Matcher& matcher, std::span<const std::string> texts, uint64_t seed) {
  PlaceboPool pool(matcher);
  for (const std::string& text : texts) pool.add(text);
  return std::move(pool.draw({{seed}}).front());
}

}  // namespace stratagram::grams
