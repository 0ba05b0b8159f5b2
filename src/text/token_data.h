// text/token_data.h -- the fields of a row that say something of tokens.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "text/solutions.h"

namespace stratagram::text {

/// Fields `token_ids`, `prompt_token_ids`, `logprobs`, `entropies`, `planning` and `finish` of a
/// rollout. Log-probabilities without entropies, or entropies alone, are others' and left out, as
/// is a word for `finish` that is none of ours. Throws Error(kData) "WHERE: ..." for another type,
/// an id below 0 or beyond 32 bits, a value that is not finite, lists of different lengths and a
/// span beyond them.
[[nodiscard]] TokenData token_data_of(const nlohmann::json& row, const std::string& where);

}  // namespace stratagram::text
