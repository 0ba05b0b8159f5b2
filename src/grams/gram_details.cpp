#include "grams/gram_details.h"

#include <algorithm>
#include <bit>

namespace stratagram::grams {
namespace {

constexpr size_t kAhead = 16;

void add_one(std::vector<std::pair<uint32_t, uint32_t>>& counts, uint32_t key) {
  // The numbers rise as they first come, so the last one is the likely one.
  if (!counts.empty() && counts.back().first == key) {
    ++counts.back().second;
    return;
  }
  const auto found =
      std::ranges::lower_bound(counts, key, {}, &std::pair<uint32_t, uint32_t>::first);
  if (found != counts.end() && found->first == key) {
    ++found->second;
  } else {
    counts.insert(found, {key, 1});
  }
}

void prefetch(const GramDetail& detail) {
  __builtin_prefetch(detail.documents_by_source.data(), 1);
  if (!detail.documents_by_step.empty()) __builtin_prefetch(&detail.documents_by_step.back(), 1);
  __builtin_prefetch(detail.places.data());
  __builtin_prefetch(detail.places.data() + detail.places.size() / 2);
}

}  // namespace

GramDetails::GramDetails(std::vector<uint64_t> hashes, const Options& options)
    : options_(options),
      hashes_(std::move(hashes)),
      details_(hashes_.size()),
      table_(std::bit_ceil(2 * hashes_.size() + 1)),
      problems_(hashes_.size(), options.num_problems, options.max_bytes) {
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

void GramDetails::find_own_words(const SpooledDocument& document,
                                 std::span<const WordHash> own_words) {
  uint64_t may_be = 0;  // a bit for what the first six bits of an own word can be
  for (const WordHash word : own_words) may_be |= uint64_t{1} << (word >> 58);
  own_before_.assign(1, 0);
  for (const WordHash word : document.words) {
    const bool own = (may_be >> (word >> 58) & 1) != 0 &&
                     std::ranges::binary_search(own_words, word & ~kBreakBit);
    own_before_.push_back(own_before_.back() + (own ? 1 : 0));
  }
}

void GramDetails::find_grams(const SpooledDocument& document) {
  hash_grams(document.words, options_.lengths, grams_);
  found_.clear();
  const size_t mask = table_.size() - 1;
  for (size_t i = 0; i < grams_.size(); ++i) {
    if (i + kAhead < grams_.size()) __builtin_prefetch(&table_[grams_[i + kAhead].hash & mask]);
    const size_t index = find(grams_[i].hash);
    if (index < details_.size()) found_.push_back({.gram = grams_[i], .index = index});
  }
}

void GramDetails::add(const SpooledDocument& document, std::span<const WordHash> own_words) {
  find_grams(document);
  if (first_round_) find_own_words(document, own_words);
  for (size_t i = 0; i < found_.size(); ++i) {
    // First the detail is asked for, then what it points to.
    if (i + kAhead < found_.size()) __builtin_prefetch(&details_[found_[i + kAhead].index], 1);
    if (i + kAhead / 2 < found_.size()) prefetch(details_[found_[i + kAhead / 2].index]);
    if (first_round_) {
      add_occurrence(document, found_[i].gram, found_[i].index);
    } else {
      problems_.add(found_[i].index, document.problem);
    }
  }
  ++document_;
}

bool GramDetails::next_round() {
  first_round_ = false;
  if (problems_.next_round()) return true;
  for (size_t i = 0; i < details_.size(); ++i) details_[i].num_problems = problems_.count(i);
  return false;
}

void GramDetails::add_occurrence(const SpooledDocument& document,
                                 const HashedGram& gram,
                                 size_t index) {
  GramDetail& detail = details_[index];
  ++detail.count;
  const uint32_t first = gram.first_word;
  if (first == 0 || (document.words[first] & kBreakBit) != 0) ++detail.num_starts;
  if (detail.last_document != document_) {
    add_document(document, gram, detail);
    problems_.add(index, document.problem);
  }
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
  add_one(detail.documents_by_source, document.source);
  if (document.step != kNoStep) add_one(detail.documents_by_step, document.step);

  const GramPlace place{.document = document_,
                        .problem = document.problem,
                        .first_word = gram.first_word,
                        .order = longer_gram(gram.hash, document.problem_hash)};
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
