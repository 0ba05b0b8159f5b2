#include "reward/config.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "core/config.h"
#include "core/error.h"
#include "reward/extraction.h"

namespace stratagram::reward {

void RewardConfig::describe(ConfigFields& fields) {
  fields.add("correct", &correct, {.meaning = "reward of a correct answer", .origin = "paper"});
  fields.add("wrong", &wrong, {.meaning = "reward of every other response", .origin = "paper"});
  fields.add("format_bonus",
             &format_bonus,
             {.meaning = "added when the response keeps the format, whatever its answer"});
  fields.add("format",
             &format,
             {.meaning = "boxed: one \\boxed{}; think_answer: <think>..</think> and then "
                         "<answer>..</answer>",
              .choices = {"boxed", "think_answer"}});
  fields.add("extraction",
             &extraction,
             {.meaning = "where an answer is sought, first to last: boxed, answer_tag, "
                         "final_answer, phrase, hashes, last_formula, last_number"});
  fields.add("relative_tolerance",
             &relative_tolerance,
             {.meaning = "numbers this close are equal; exact fractions need no tolerance",
              .min = 0,
              .max = 0.1});
  fields.add("overlong_tokens",
             &overlong_tokens,
             {.meaning = "responses longer than max_new_tokens less this lose up to 1, linearly; "
                         "0 = none",
              .unit = "tokens",
              .min = 0,
              .origin = "DAPO"});
}

void RewardConfig::check() const {
  const std::vector<std::string> known = extraction_rules();
  for (const std::string& rule : extraction) {
    if (std::find(known.begin(), known.end(), rule) == known.end()) {
      fail(ErrorKind::kConfig,
           "reward.extraction: wanted rules among {}, got '{}'",
           fmt::join(known, ", "),
           rule);
    }
  }
  if (extraction.empty()) {
    fail(ErrorKind::kConfig, "reward.extraction: wanted at least one rule, got none");
  }
}

}  // namespace stratagram::reward
