// grams/word_spool.h -- documents as numbers in a scratch file, so that passes after the first need
// not read, parse and normalise the texts again. It takes 8 bytes a word, about 1.4 times the text.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "core/scratch_file.h"
#include "grams/word_hash.h"

namespace stratagram::grams {

inline constexpr uint32_t kNoStep = UINT32_MAX;

struct SpooledDocument {
  uint64_t problem_hash = 0;  ///< of its problem's key
  uint32_t problem = 0;       ///< number of its problem, in the order of their first document
  uint32_t source = 0;        ///< number of who wrote it, likewise
  uint32_t step = kNoStep;    ///< number of the training step, likewise
  std::vector<WordHash> words{};
  /// Different words of its problem, without kBreakBit, but with kNumberBit where they hold a
  /// digit.
  std::vector<WordHash> problem_words{};
};

inline constexpr WordHash kNumberBit = 1;

/// Written once, then read as often as wanted. Not thread-safe.
class WordSpool {
 public:
  explicit WordSpool(const std::filesystem::path& scratch) : file_(scratch) {}

  /// Throws Error(kDevice) like ScratchFile.
  void write(const SpooledDocument& document);

  void rewind() { file_.rewind(); }

  /// Replaces `document` by the next one; false at the end.
  [[nodiscard]] bool read(SpooledDocument& document);

  [[nodiscard]] uint64_t num_bytes() const { return file_.num_bytes(); }

 private:
  ScratchFile file_;
};

}  // namespace stratagram::grams
