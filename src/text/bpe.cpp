#include "text/bpe.h"

#include <algorithm>
#include <bit>
#include <queue>

#include "core/error.h"

namespace stratagram::text {
namespace {

// Up to here, looking at every pair for each merge beats keeping a heap.
constexpr size_t kFew = 24;

uint64_t pair_key(int32_t left, int32_t right) {
  return static_cast<uint64_t>(static_cast<uint32_t>(left)) << 32 | static_cast<uint32_t>(right);
}

size_t slot_of(uint64_t pair, size_t mask) {
  return (pair * 0x9e3779b97f4a7c15U >> 20) & mask;
}

}  // namespace

Bpe::Bpe(IdOfBytes vocabulary,
         const std::vector<std::pair<std::string, std::string>>& merges,
         bool ignore_merges,
         const std::string& where)
    : vocabulary_(std::move(vocabulary)), id_of_byte_(256, -1) {
  int32_t largest = -1;
  for (const auto& [bytes, id] : vocabulary_) {
    largest = std::max(largest, id);
    if (bytes.size() == 1) id_of_byte_[static_cast<uint8_t>(bytes[0])] = id;
  }
  table_.resize(std::bit_ceil(2 * merges.size() + 2));
  int32_t rank = 0;
  for (const auto& [left, right] : merges) {
    const auto a = vocabulary_.find(left);
    const auto b = vocabulary_.find(right);
    const auto c = vocabulary_.find(left + right);
    if (a == vocabulary_.end() || b == vocabulary_.end() || c == vocabulary_.end()) {
      fail(ErrorKind::kData,
           "{}: merge {} ('{}' + '{}'): a part or the union is not in the vocabulary; the file was "
           "damaged or belongs to another tokenizer",
           where,
           rank,
           left,
           right);
    }
    insert({.pair = pair_key(a->second, b->second), .rank = rank++, .result = c->second});
  }
  // Most words of a text are one token; whether a token's bytes encode to itself is a property of
  // the tables, found once. With ignore_merges it holds for every token by definition.
  is_whole_.assign(largest + 1, ignore_merges);
  if (ignore_merges) return;
  std::vector<int32_t> ids;
  std::vector<int64_t> ends;
  for (const auto& [bytes, id] : vocabulary_) {
    ids.clear();
    ends.clear();
    encode(bytes, ids, ends);
    if (ids.size() == 1 && ids[0] == id) is_whole_[id] = true;
  }
}

void Bpe::insert(const Merge& merge) {
  const size_t mask = table_.size() - 1;
  size_t slot = slot_of(merge.pair, mask);
  while (table_[slot].pair != kEmpty) {
    if (table_[slot].pair == merge.pair) break;  // the later of two equal merges counts
    slot = (slot + 1) & mask;
  }
  table_[slot] = merge;
}

const Bpe::Merge* Bpe::find(int32_t left, int32_t right) const {
  const uint64_t pair = pair_key(left, right);
  const size_t mask = table_.size() - 1;
  for (size_t slot = slot_of(pair, mask); table_[slot].pair != kEmpty; slot = (slot + 1) & mask) {
    if (table_[slot].pair == pair) return &table_[slot];
  }
  return nullptr;
}

std::vector<Bpe::Piece> Bpe::pieces_of(std::string_view word) const {
  std::vector<Piece> pieces;
  pieces.reserve(word.size());
  for (size_t i = 0; i < word.size(); ++i) {
    const int32_t id = id_of_byte_[static_cast<uint8_t>(word[i])];
    if (id < 0) continue;
    const auto at = static_cast<int32_t>(pieces.size());
    pieces.push_back(
        {.id = id, .previous = at - 1, .next = at + 1, .end = static_cast<int32_t>(i) + 1});
  }
  if (!pieces.empty()) pieces.back().next = -1;
  return pieces;
}

void Bpe::join(std::vector<Piece>& pieces, int32_t left, int32_t result) const {
  Piece& first = pieces[left];
  Piece& second = pieces[first.next];
  first.id = result;
  first.end = second.end;
  first.next = second.next;
  if (second.next >= 0) pieces[second.next].previous = left;
  second.id = -1;
}

void Bpe::merge_few(std::vector<Piece>& pieces) const {
  while (true) {
    const Merge* best = nullptr;
    int32_t best_at = -1;
    for (int32_t at = 0; pieces[at].next >= 0; at = pieces[at].next) {
      const Merge* merge = find(pieces[at].id, pieces[pieces[at].next].id);
      if (merge != nullptr && (best == nullptr || merge->rank < best->rank)) {
        best = merge;
        best_at = at;
      }
    }
    if (best == nullptr) return;
    join(pieces, best_at, best->result);
  }
}

void Bpe::merge_many(std::vector<Piece>& pieces) const {
  struct Candidate {
    int32_t rank;
    int32_t at;
    uint64_t pair;
    int32_t result;
    bool operator>(const Candidate& other) const {
      return rank != other.rank ? rank > other.rank : at > other.at;
    }
  };
  std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> queue;
  const auto offer = [&](int32_t at) {
    if (at < 0 || pieces[at].next < 0) return;
    const Merge* merge = find(pieces[at].id, pieces[pieces[at].next].id);
    if (merge != nullptr) queue.push({merge->rank, at, merge->pair, merge->result});
  };
  for (int32_t at = 0; at < static_cast<int32_t>(pieces.size()); ++at) offer(at);
  while (!queue.empty()) {
    const Candidate top = queue.top();
    queue.pop();
    // Stale when either piece has changed since it was offered.
    const Piece& piece = pieces[top.at];
    if (piece.id < 0 || piece.next < 0 || pair_key(piece.id, pieces[piece.next].id) != top.pair) {
      continue;
    }
    join(pieces, top.at, top.result);
    offer(top.at);
    offer(pieces[top.at].previous);
  }
}

void Bpe::encode(std::string_view word,
                 std::vector<int32_t>& ids,
                 std::vector<int64_t>& ends) const {
  if (word.empty()) return;
  const auto whole = vocabulary_.find(word);
  if (whole != vocabulary_.end() && is_whole_[whole->second]) {
    ids.push_back(whole->second);
    ends.push_back(static_cast<int64_t>(word.size()));
    return;
  }
  std::vector<Piece> pieces = pieces_of(word);
  if (pieces.empty()) return;
  if (pieces.size() <= kFew) {
    merge_few(pieces);
  } else {
    merge_many(pieces);
  }
  for (int32_t at = 0; at >= 0; at = pieces[at].next) {
    ids.push_back(pieces[at].id);
    ends.push_back(pieces[at].end);
  }
}

}  // namespace stratagram::text
