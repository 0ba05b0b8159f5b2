// grams/coverage_output.h -- what a catalogue covers, for programs and for people.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>

#include "grams/coverage.h"
#include "grams/unlisted.h"

namespace stratagram::grams {

/// Every figure: `all` and `groups` (by source and step), `grams` with occurrences that count and
/// responses that hold each, `never` for those that none holds, `unlisted`. Shares are in [0, 1];
/// one without data is absent.
[[nodiscard]] nlohmann::ordered_json to_json(const Coverage& coverage,
                                             std::span<const UnlistedGram> unlisted);

/// Tables: a line a group, then grams that never occur and unlisted ones, some of them.
[[nodiscard]] std::string to_text(const Coverage& coverage, std::span<const UnlistedGram> unlisted);

}  // namespace stratagram::grams
