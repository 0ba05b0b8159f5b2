// text/pretokenizer.h -- cuts a text into the words that BPE merges inside. Patterns are those of
// tokenizer.json, run by PCRE2 with JIT.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "core/records.h"

namespace stratagram::text {

/// The split pattern of GPT-2's byte-level tokenizers.
extern const char* const kGpt2Pattern;
/// As Llama 3 and Qwen 2 have it; they differ in how many digits make one word.
extern const char* const kLlama3Pattern;
extern const char* const kQwen2Pattern;

/// One step of cutting; immutable, safe to share between threads.
class Splitter {
 public:
  virtual ~Splitter() = default;
  /// Calls `piece` with each non-empty part of text[range], left to right. `text` is valid UTF-8.
  virtual void split(std::string_view text,
                     Range range,
                     const std::function<void(Range)>& piece) const = 0;

 protected:
  Splitter() = default;
  Splitter(const Splitter&) = default;
  Splitter& operator=(const Splitter&) = default;
};

/// How the matches of a pattern and the gaps between them become pieces.
enum class SplitBehavior {
  kIsolated,            ///< each match and each gap is a piece
  kRemoved,             ///< gaps only
  kMergedWithPrevious,  ///< a match belongs to the gap before it
  kMergedWithNext,      ///< a match belongs to the gap after it
  kContiguous,          ///< neighbouring matches are one piece
};

/// Throws Error(kData) naming `where` when PCRE2 refuses the pattern.
[[nodiscard]] std::unique_ptr<Splitter> make_pattern_splitter(const std::string& pattern,
                                                              SplitBehavior behavior,
                                                              const std::string& where);

/// Each digit (Unicode N) alone, or runs of them.
[[nodiscard]] std::unique_ptr<Splitter> make_digit_splitter(bool individual);

/// A pre-tokenizer as in tokenizer.json, all steps in order.
struct Pretokenizer {
  std::vector<std::unique_ptr<Splitter>> steps;

  /// The words of a text, left to right.
  [[nodiscard]] std::vector<Range> words(std::string_view text) const;
};

/// Reads `pre_tokenizer` of a tokenizer.json: Split, ByteLevel, Digits and Sequences of them.
/// Throws Error(kData) naming `where` and the type that is not supported.
[[nodiscard]] Pretokenizer parse_pretokenizer(const nlohmann::json& spec, const std::string& where);

}  // namespace stratagram::text
