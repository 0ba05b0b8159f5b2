// grams/tag.h -- which tokens of a response are planning tokens.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/records.h"
#include "grams/matcher.h"

namespace stratagram::grams {

struct Tagging {
  std::vector<uint8_t> mask;        ///< 1 on planning tokens; one a token
  std::vector<PlanningSpan> spans;  ///< counted occurrences, in tokens, left to right
};

/// A token is planning when its byte range shares a byte that is no white space with an occurrence
/// (definitions, section 2). byte_ranges tile `text`.
[[nodiscard]] Tagging tag(const Matcher& matcher,
                          std::string_view text,
                          const std::vector<Range>& byte_ranges);

/// The mask alone, of occurrences that were found before.
[[nodiscard]] std::vector<uint8_t> planning_mask(std::span<const Occurrence> all,
                                                 std::string_view text,
                                                 const std::vector<Range>& byte_ranges);

}  // namespace stratagram::grams
