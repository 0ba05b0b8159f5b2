// text/normalized.h -- a text after Unicode normalisation, with the way back to the original bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/records.h"

namespace stratagram::text {

/// True for marks younger than Unicode 9, whose tables Hugging Face's `tokenizers` normalises by:
/// it leaves them where they are and combines them with nothing.
[[nodiscard]] bool is_young_mark(char32_t c);

/// Valid UTF-8 whatever came in: broken bytes became U+FFFD.
class NormalizedText {
 public:
  /// nfc: compose to NFC, else keep the characters.
  NormalizedText(std::string_view original, bool nfc);

  /// Valid as long as this object and the original text live.
  [[nodiscard]] std::string_view text() const { return changed_ ? text_ : original_; }

  /// The bytes of the original that a range of text() came from. A character that was composed from
  /// several is one unit: a range that holds a part of it gets all of it.
  [[nodiscard]] Range original(Range range) const;

 private:
  /// Bytes [begin, next unit's begin) of text_ came from the same part of the original.
  struct Unit {
    int64_t begin = 0;
    int64_t original_begin = 0;
  };
  void append(std::string_view unit, int64_t original_begin, bool nfc);

  std::string_view original_;
  bool changed_ = false;
  std::string text_;
  std::vector<Unit> units_;
};

}  // namespace stratagram::text
