// reward/extraction.h -- where in a response its answer stands.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/records.h"

namespace stratagram::reward {

struct Extraction {
  std::string answer;  ///< without white space at its ends
  Range bytes;         ///< of the response
  std::string rule;    ///< that found it
};

/// The first rule of the list that finds an answer that is not blank. Each takes the last one in
/// the response:
///   boxed        \boxed{...} or \fbox{...} with nested braces, or \boxed 5
///   answer_tag   <answer>...</answer>
///   phrase       what follows "answer is" (or "answer:") up to the end of the sentence or line
///   hashes       what follows "####" on its line
///   last_number  a number with sign, separators, decimals or a fraction bar
/// Linear in the response; never throws on any text.
[[nodiscard]] std::optional<Extraction> extract(std::string_view response,
                                                const std::vector<std::string>& rules);

/// Names of the rules above, in that order.
[[nodiscard]] std::vector<std::string> extraction_rules();

}  // namespace stratagram::reward
