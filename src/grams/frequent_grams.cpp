#include "grams/frequent_grams.h"

#include <algorithm>
#include <bit>
#include <queue>
#include <utility>

#include "core/interrupt.h"

namespace stratagram::grams {
namespace {

constexpr uint64_t kMinSlots = 1024;
constexpr size_t kFirstPlaces = 1 << 12;
// How far ahead memory is asked for: its latency is that of about so many grams.
constexpr size_t kAhead = 16;
constexpr size_t kMaxRuns = 16;
constexpr uint64_t kEntriesBetweenChecks = 1 << 20;
constexpr const char* kInterruptNotice = "stopped; nothing was written, so run the command again";

struct RunEntry {
  uint64_t hash = 0;
  uint64_t num_documents = 0;
};

// A run that is read, at its next entry.
struct Cursor {
  RunEntry entry;
  ScratchFile* run = nullptr;

  [[nodiscard]] bool advance() { return run->read(std::as_writable_bytes(std::span(&entry, 1))); }
  friend bool operator>(const Cursor& a, const Cursor& b) { return a.entry.hash > b.entry.hash; }
};

void write(ScratchFile& run, const RunEntry& entry) {
  run.write(std::as_bytes(std::span(&entry, 1)));
}

// Gives each hash of the runs once, rising, with the sum of its documents.
template <typename Take>
void merge(std::span<ScratchFile* const> runs, const Take& take) {
  std::priority_queue<Cursor, std::vector<Cursor>, std::greater<>> heads;
  for (ScratchFile* run : runs) {
    run->rewind();
    Cursor cursor{.entry = {}, .run = run};
    if (cursor.advance()) heads.push(cursor);
  }
  RunEntry sum{};
  for (uint64_t i = 0; !heads.empty(); ++i) {
    if (i % kEntriesBetweenChecks == 0) throw_if_interrupted(kInterruptNotice);
    Cursor head = heads.top();
    heads.pop();
    if (head.entry.hash != sum.hash) {
      if (sum.num_documents > 0) take(sum);
      sum = {.hash = head.entry.hash, .num_documents = 0};
    }
    sum.num_documents += head.entry.num_documents;
    if (head.advance()) heads.push(head);
  }
  if (sum.num_documents > 0) take(sum);
}

}  // namespace

FrequencyFilter::FrequencyFilter(uint64_t num_expected, uint64_t max_bytes) {
  const uint64_t slots =
      std::max(kMinSlots, std::min(std::bit_ceil(num_expected), std::bit_floor(max_bytes)));
  slots_.resize(slots);
  shift_ = 64 - std::countr_zero(slots);
}

void FrequencyFilter::add(std::span<const HashedGram> grams) {
  for (size_t i = 0; i < grams.size(); ++i) {
    if (i + kAhead < grams.size()) {
      __builtin_prefetch(&slots_[slot_of(grams[i + kAhead].hash)], 1);
    }
    uint8_t& slot = slots_[slot_of(grams[i].hash)];
    if (slot != UINT8_MAX) ++slot;
  }
}

void FrequencyFilter::keep(int64_t min_documents, std::vector<HashedGram>& grams) const {
  const auto wanted = static_cast<uint8_t>(std::min<int64_t>(min_documents, UINT8_MAX));
  size_t kept = 0;
  for (size_t i = 0; i < grams.size(); ++i) {
    if (i + kAhead < grams.size()) __builtin_prefetch(&slots_[slot_of(grams[i + kAhead].hash)]);
    const HashedGram gram = grams[i];
    grams[kept] = gram;
    kept += slots_[slot_of(gram.hash)] >= wanted ? 1 : 0;
  }
  grams.resize(kept);
}

// A table that grows by doubling holds its old half while it fills the new one.
DocumentCounter::DocumentCounter(uint64_t max_bytes, std::filesystem::path scratch)
    : scratch_(std::move(scratch)),
      max_places_(std::max(kFirstPlaces, std::bit_floor(max_bytes / sizeof(Entry) * 2 / 3))),
      table_(kFirstPlaces) {}

DocumentCounter::Entry& DocumentCounter::place_of(uint64_t hash) {
  const size_t mask = table_.size() - 1;
  size_t place = hash & mask;
  while (table_[place].num_documents != 0 && table_[place].hash != hash) place = (place + 1) & mask;
  return table_[place];
}

void DocumentCounter::add(std::span<const HashedGram> grams) {
  ++document_;
  // In pieces, so that a long document cannot fill the table beyond its bound. A gram that is in
  // two pieces with a spill between them would count twice; spill() keeps the entries of the
  // document that is being read.
  const size_t piece = kFirstPlaces / 4;
  for (size_t begin = 0; begin < grams.size(); begin += piece) {
    const auto part = grams.subspan(begin, std::min(piece, grams.size() - begin));
    make_room(part.size());
    const size_t mask = table_.size() - 1;
    for (size_t i = 0; i < part.size(); ++i) {
      if (i + kAhead < part.size()) __builtin_prefetch(&table_[part[i + kAhead].hash & mask], 1);
      Entry& entry = place_of(part[i].hash);
      if (entry.num_documents == 0) {
        entry.hash = part[i].hash;
        ++num_used_;
      } else if (entry.last_document == document_) {
        continue;
      }
      ++entry.num_documents;
      entry.last_document = document_;
    }
  }
}

void DocumentCounter::make_room(size_t num_more) {
  // Three quarters full at most.
  while ((num_used_ + num_more) * 4 > table_.size() * 3) {
    if (table_.size() * 2 <= max_places_) {
      grow();
      continue;
    }
    const size_t before = num_used_;
    spill();
    // One document alone may fill the table; then there is no way but to let it grow.
    if (num_used_ == before) grow();
  }
}

void DocumentCounter::grow() {
  std::vector<Entry> old(table_.size() * 2);
  old.swap(table_);
  for (const Entry& entry : old) {
    if (entry.num_documents != 0) place_of(entry.hash) = entry;
  }
}

void DocumentCounter::spill() {
  std::vector<Entry> current;
  size_t num_old = 0;
  for (const Entry& entry : table_) {
    if (entry.num_documents == 0) continue;
    if (entry.last_document == document_) {
      current.push_back(entry);
    } else {
      table_[num_old++] = entry;
    }
  }
  if (num_old > 0) {
    const auto end = table_.begin() + static_cast<std::ptrdiff_t>(num_old);
    std::sort(table_.begin(), end, [](const Entry& a, const Entry& b) { return a.hash < b.hash; });
    auto run = std::make_unique<ScratchFile>(scratch_);
    for (size_t i = 0; i < num_old; ++i) {
      write(*run, {.hash = table_[i].hash, .num_documents = table_[i].num_documents});
    }
    runs_.push_back({.file = std::move(run)});
    ++num_spills_;
  }
  std::fill(table_.begin(), table_.end(), Entry{});
  num_used_ = current.size();
  for (const Entry& entry : current) place_of(entry.hash) = entry;
  merge_full_levels();
}

void DocumentCounter::merge_full_levels() {
  while (runs_.size() >= kMaxRuns && runs_[runs_.size() - kMaxRuns].level == runs_.back().level) {
    std::vector<ScratchFile*> files;
    for (size_t i = runs_.size() - kMaxRuns; i < runs_.size(); ++i) {
      files.push_back(runs_[i].file.get());
    }
    auto merged = std::make_unique<ScratchFile>(scratch_);
    merge(files, [&](const RunEntry& entry) { write(*merged, entry); });
    const int level = runs_.back().level + 1;
    runs_.resize(runs_.size() - kMaxRuns);
    runs_.push_back({.file = std::move(merged), .level = level});
  }
}

std::vector<uint64_t> DocumentCounter::finish(int64_t min_documents) {
  std::vector<uint64_t> frequent;
  const auto wanted = static_cast<uint64_t>(std::max<int64_t>(min_documents, 1));
  if (runs_.empty()) {
    for (const Entry& entry : table_) {
      if (entry.num_documents >= wanted) frequent.push_back(entry.hash);
    }
    std::sort(frequent.begin(), frequent.end());
    return frequent;
  }
  ++document_;  // so that nothing is of the document that is being read
  spill();
  table_.clear();
  table_.shrink_to_fit();
  std::vector<ScratchFile*> files;
  files.reserve(runs_.size());
  for (const Run& run : runs_) files.push_back(run.file.get());
  merge(files, [&](const RunEntry& entry) {
    if (entry.num_documents >= wanted) frequent.push_back(entry.hash);
  });
  return frequent;
}

}  // namespace stratagram::grams
