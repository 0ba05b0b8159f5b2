// grams/tagged_page.h -- responses with their strategic grams marked, as one HTML file: no script,
// nothing from outside, for narrow and wide windows, light and dark.
#pragma once

#include <cstdint>
#include <map>
#include <ostream>
#include <string>
#include <string_view>

#include "grams/matcher.h"

namespace stratagram::grams {

/// Writes as it goes: memory holds one response. Not thread-safe; matcher and stream must outlive
/// it.
class TaggedPage {
 public:
  /// Writes the beginning of the page: title, catalogue and legend.
  TaggedPage(const Matcher& matcher, std::ostream& out);

  /// Appends a response under a heading, which is any text.
  void add(std::string_view heading, std::string_view text);

  /// Writes totals and the end of the page; nothing may be added afterwards.
  void finish();

 private:
  const Matcher& matcher_;
  std::ostream& out_;
  int64_t num_texts_ = 0;
  int64_t num_words_ = 0;
  int64_t num_planning_words_ = 0;
  std::map<Role, int64_t> occurrences_;  ///< counted ones
};

}  // namespace stratagram::grams
