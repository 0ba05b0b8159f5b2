#include "grams/gram_details.h"

#include <algorithm>
#include <bit>

namespace stratagram::grams {
namespace {

constexpr size_t kAhead = 16;

template <typename Key>
void add_one(std::vector<std::pair<Key, uint32_t>>& counts, Key key) {
  const auto found = std::ranges::lower_bound(counts, key, {}, &std::pair<Key, uint32_t>::first);
  if (found != counts.end() && found->first == key) {
    ++found->second;
  } else {
    counts.insert(found, {key, 1});
  }
}

}  // namespace

GramDetails::GramDetails(std::vector<uint64_t> hashes, const Options& options)
    : options_(options),
      hashes_(std::move(hashes)),
      details_(hashes_.size()),
      table_(std::bit_ceil(2 * hashes_.size() + 1)) {
  const size_t mask = table_.size() - 1;
  for (size_t i = 0; i < hashes_.size(); ++i) {
    size_t place = hashes_[i] & mask;
    while (table_[place].second != 0) place = (place + 1) & mask;
    table_[place] = {hashes_[i], static_cast<uint32_t>(i + 1)};
  }
}

// The index of a gram, or the number of grams for one that is not among them.
size_t GramDetails::find(uint64_t hash) const {
  const size_t mask = table_.size() - 1;
  for (size_t place = hash & mask; table_[place].second != 0; place = (place + 1) & mask) {
    if (table_[place].first == hash) return table_[place].second - 1;
  }
  return hashes_.size();
}

void GramDetails::add(const SpooledDocument& document, std::span<const WordHash> own_words) {
  own_before_.assign(1, 0);
  for (const WordHash word : document.words) {
    const bool own = std::ranges::binary_search(own_words, word & ~kBreakBit);
    own_before_.push_back(own_before_.back() + (own ? 1 : 0));
  }
  hash_grams(document.words, options_.lengths, grams_);
  const size_t mask = table_.size() - 1;
  for (size_t i = 0; i < grams_.size(); ++i) {
    if (i + kAhead < grams_.size()) __builtin_prefetch(&table_[grams_[i + kAhead].hash & mask]);
    const size_t index = find(grams_[i].hash);
    if (index < details_.size()) add_occurrence(document, grams_[i], details_[index]);
  }
  ++document_;
}

void GramDetails::add_occurrence(const SpooledDocument& document,
                                 const HashedGram& gram,
                                 GramDetail& detail) {
  ++detail.count;
  const uint32_t first = gram.first_word;
  if (first == 0 || (document.words[first] & kBreakBit) != 0) ++detail.num_starts;
  if (detail.last_document != document_) add_document(document, gram, detail);
  if (!detail.marked && own_before_[first + gram.num_words] > own_before_[first]) {
    detail.marked = true;
    ++detail.num_problem_text;
  }
}

void GramDetails::add_document(const SpooledDocument& document,
                               const HashedGram& gram,
                               GramDetail& detail) {
  detail.last_document = document_;
  detail.marked = false;
  detail.num_words = gram.num_words;
  ++detail.num_documents;
  detail.problems.insert(document.problem, options_.num_problems);
  add_one(detail.documents_by_source, document.source);
  if (document.step != kNoStep) add_one(detail.documents_by_step, document.step);

  const GramPlace place{.document = document_,
                        .problem = document.problem,
                        .first_word = gram.first_word,
                        .order = longer_gram(gram.hash, WordHash{document.problem} << 1)};
  auto& places = detail.places;
  const auto found = std::ranges::lower_bound(places, place.order, {}, &GramPlace::order);
  if (found != places.end() && found->problem == place.problem) return;  // the first of them stays
  const auto at = found - places.begin();
  if (places.size() == options_.max_places) {
    if (found == places.end()) return;
    places.pop_back();
  }
  places.insert(places.begin() + at, place);
}

}  // namespace stratagram::grams
