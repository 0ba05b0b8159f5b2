// reward/equivalence.h -- whether an answer means what the gold answer means: both are read by
// math/parse.h and compared by math/equal.h. docs/verifier.md and docs/equality.md state the rules.
#pragma once

#include <string>
#include <string_view>

#include "core/records.h"
#include "math/equal.h"

namespace stratagram::reward {

/// Goes up with every change that may turn a verdict, so that results say what judged them.
inline constexpr int kVerifierVersion = 3;

struct Comparison {
  Verdict verdict = Verdict::kWrong;
  /// Of math::Equality; or "equal_text" for texts that are equal as they stand, and
  ///   blank_gold, unreadable_gold  the gold answer is no answer (error)
  ///   blank_answer                 nothing was answered (wrong)
  ///   not_utf8                     the answer is no text (unparseable)
  ///   too_long, too_deep           the answer is beyond the limits of math/parse.h (unparseable)
  ///   budget_spent, undecided      the counted work did not decide (timeout)
  std::string reason;
  std::string gold_form;  ///< in normal form; long ones are cut
  std::string predicted_form;
  int64_t steps = 0;  ///< of options.max_steps
};

/// Work is counted, never timed: the same verdict on every machine. Never throws on any text.
/// An answer that lists alternatives or hedges ("5 or 6") is not correct for a single gold answer.
/// Of a gold answer that is a worked solution, what stands in its box or answer tag, behind "####"
/// or "final answer is", is meant. Beside a gold decimal, 3,5 is read as 3.5 too.
[[nodiscard]] Comparison compare_answers(std::string_view gold,
                                         std::string_view predicted,
                                         const math::EqualityOptions& options = {});

/// Whether the gold answer is best read as several values: "1, 2", "\{1, 2\}", "(1, 2)". "1,234",
/// which may be a pair too, is not.
[[nodiscard]] bool lists_values(std::string_view gold);

}  // namespace stratagram::reward
