#include "grams/matcher.h"

#include <algorithm>
#include <array>

namespace stratagram::grams {
namespace {

constexpr int32_t kRoot = 0;
constexpr int32_t kUnknown = -1;
constexpr int64_t kLongest = 8;  // at least the words of the longest gram; a power of two

uint64_t edge(int32_t node, int32_t word) {
  return static_cast<uint64_t>(static_cast<uint32_t>(node)) << 32 | static_cast<uint32_t>(word);
}

}  // namespace

std::vector<Occurrence> counted_of(std::vector<Occurrence> all) {
  std::ranges::sort(all, [](const Occurrence& a, const Occurrence& b) {
    return a.words.begin != b.words.begin ? a.words.begin < b.words.begin
                                          : a.words.end > b.words.end;
  });
  std::vector<Occurrence> counted;
  for (const Occurrence& occurrence : all) {
    if (!counted.empty() && occurrence.words.begin < counted.back().words.end) continue;
    counted.push_back(occurrence);
  }
  return counted;
}

Matcher::Matcher(const Catalogue& catalogue) : catalogue_(catalogue), nodes_(1) {
  for (size_t i = 0; i < catalogue_.grams.size(); ++i) {
    int32_t node = kRoot;
    for (const Word& word : normalise(catalogue_.grams[i].text)) {
      const auto id = words_.emplace(word.text, static_cast<int32_t>(words_.size())).first->second;
      const auto [found, is_new] =
          children_.emplace(edge(node, id), static_cast<int32_t>(nodes_.size()));
      if (is_new) nodes_.push_back({.depth = nodes_[node].depth + 1});
      node = found->second;
    }
    nodes_[node].gram = static_cast<int32_t>(i);
  }
  link();
}

// Breadth first: a node's fail node is shallower, so it is linked already.
void Matcher::link() {
  std::vector<std::vector<std::pair<int32_t, int32_t>>> by_parent(nodes_.size());
  for (const auto& [key, target] : children_) {
    by_parent[key >> 32].emplace_back(static_cast<int32_t>(key & 0xffffffffU), target);
  }
  std::vector<int32_t> queue{kRoot};
  for (size_t i = 0; i < queue.size(); ++i) {
    const int32_t parent = queue[i];
    for (const auto& [word, target] : by_parent[parent]) {
      const int32_t fallback = parent == kRoot ? kRoot : next(nodes_[parent].fail, word);
      nodes_[target].fail = fallback;
      nodes_[target].shorter = nodes_[fallback].gram >= 0 ? fallback : nodes_[fallback].shorter;
      queue.push_back(target);
    }
  }
}

int32_t Matcher::word_id(std::string_view word) const {
  const auto found = words_.find(word);
  return found == words_.end() ? kUnknown : found->second;
}

int32_t Matcher::child(int32_t node, int32_t word) const {
  const auto found = children_.find(edge(node, word));
  return found == children_.end() ? kUnknown : found->second;
}

int32_t Matcher::next(int32_t node, int32_t word) const {
  while (true) {
    const int32_t target = child(node, word);
    if (target >= 0) return target;
    if (node == kRoot) return kRoot;
    node = nodes_[node].fail;
  }
}

Matches Matcher::find(std::string_view text) const {
  Matches matches;
  matches.all = find_all(text, [](const WordView&) {});
  matches.counted = counted_of(matches.all);
  return matches;
}

std::vector<Occurrence> Matcher::find_all(std::string_view text,
                                          const std::function<void(const WordView&)>& visit) const {
  std::vector<Occurrence> all;
  std::array<int64_t, kLongest> begins{};  // first bytes of the last words
  int64_t num_words = 0;
  int32_t state = kRoot;
  for_each_word(text, [&](const WordView& word) {
    visit(word);
    begins[num_words % kLongest] = word.bytes.begin;
    ++num_words;
    const int32_t id = word.opaque ? kUnknown : word_id(word.text);
    if (word.break_before || id == kUnknown) state = kRoot;
    if (id == kUnknown) return;
    state = next(state, id);
    for (int32_t node = nodes_[state].gram >= 0 ? state : nodes_[state].shorter; node != kRoot;
         node = nodes_[node].shorter) {
      const int64_t first = num_words - nodes_[node].depth;
      all.push_back({.gram = nodes_[node].gram,
                     .words = {first, num_words},
                     .bytes = {begins[first % kLongest], word.bytes.end}});
    }
  });
  return all;
}

}  // namespace stratagram::grams
