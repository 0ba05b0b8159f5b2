// grams/frequent_grams.h -- which grams occur in at least so many documents, exactly, in bounded
// memory, whatever the number of different grams: two passes over the documents.
//
// The first pass counts occurrences by a few bits of the hash (FrequencyFilter), an upper bound of
// the document frequency. The second one (DocumentCounter) counts documents of the grams that the
// bound does not rule out, which are few, and writes sorted runs to disk when even they are too
// many. The bound is that of a count-min sketch with one row (Cormode and Muthukrishnan, 2005).
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "core/scratch_file.h"
#include "grams/word_hash.h"

namespace stratagram::grams {

/// Not thread-safe.
class FrequencyFilter {
 public:
  /// Takes a byte for each of 2^n slots: as many as `num_expected` occurrences are, but not more
  /// than `max_bytes`; 1,024 at least.
  FrequencyFilter(uint64_t num_expected, uint64_t max_bytes);

  /// Counts the grams of a document.
  void add(std::span<const HashedGram> grams);

  /// Keeps those grams that may occur in `min_documents` documents.
  void keep(int64_t min_documents, std::vector<HashedGram>& grams) const;

  [[nodiscard]] uint64_t num_bytes() const { return slots_.size(); }

 private:
  [[nodiscard]] uint64_t slot_of(uint64_t hash) const { return hash >> shift_; }

  std::vector<uint8_t> slots_;  ///< occurrences, 255 for more
  int shift_;
};

/// Not thread-safe.
class DocumentCounter {
 public:
  /// `max_bytes` bounds the memory, 64 KiB at least; what is more goes to files in `scratch`.
  DocumentCounter(uint64_t max_bytes, std::filesystem::path scratch);

  /// Counts a document for each of its grams, once. Throws Error(kDevice) like ScratchFile.
  void add(std::span<const HashedGram> grams);

  /// Hashes of the grams with at least `min_documents` documents, rising. Ends the counting.
  [[nodiscard]] std::vector<uint64_t> finish(int64_t min_documents);

  /// How often the memory did not suffice so far.
  [[nodiscard]] size_t num_spills() const { return num_spills_; }

 private:
  struct Entry {
    uint64_t hash = 0;
    uint32_t num_documents = 0;  ///< 0: the place is free
    uint32_t last_document = 0;
  };
  /// Of kMaxRuns runs of a level one of the next is made, so few files are open at a time, and an
  /// entry is written once a level.
  struct Run {
    std::unique_ptr<ScratchFile> file;  ///< (hash, documents), rising
    int level = 0;
  };

  void make_room(size_t num_more);
  void grow();
  void spill();
  void merge_full_levels();
  [[nodiscard]] Entry& place_of(uint64_t hash);

  std::filesystem::path scratch_;
  size_t max_places_;
  std::vector<Entry> table_;  ///< open addressing, 2^n places
  size_t num_used_ = 0;
  uint32_t document_ = 0;
  std::vector<Run> runs_;  ///< levels fall
  size_t num_spills_ = 0;
};

}  // namespace stratagram::grams
