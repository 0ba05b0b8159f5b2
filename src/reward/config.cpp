#include "reward/config.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "core/config.h"
#include "core/error.h"
#include "math/equal.h"
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
  fields.add(
      "relative_tolerance",
      &relative_tolerance,
      {.meaning = "a number and a decimal this close are equal, the difference taken over the "
                  "right answer; for the noise of floating point only",
       .min = 0,
       .max = 0.1});
  fields.add("significant_digits",
             &significant_digits,
             {.meaning = "a decimal with as many significant digits is right when it is the right "
                         "answer rounded to its last digit",
              .unit = "digits",
              .min = 1,
              .max = 1000});
  fields.add("strict_units",
             &strict_units,
             {.meaning = "a right answer with a unit wants one; different units are always wrong"});
  fields.add("strict_names", &strict_names, {.meaning = "x = 5 is wrong where y = 5 is right"});
  fields.add("max_steps",
             &max_steps,
             {.meaning = "work on one answer before the verdict is timeout; about 20 ns each",
              .unit = "steps",
              .min = 1000,
              .max = 1e9});
  fields.add("overlong_tokens",
             &overlong_tokens,
             {.meaning = "responses longer than max_new_tokens less this lose up to 1, linearly; "
                         "0 = none",
              .unit = "tokens",
              .min = 0,
              .origin = "DAPO"});
}

math::EqualityOptions RewardConfig::equality() const {
  return {.tolerance = {.min_significant_digits = static_cast<int>(significant_digits),
                        .relative = relative_tolerance},
          .max_steps = max_steps,
          .strict_units = strict_units,
          .strict_labels = strict_names};
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
