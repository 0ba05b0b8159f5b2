// reward/equivalence.h -- whether an answer means what the gold answer means: equal texts, exact
// fractions, numbers within a tolerance. Expressions with variables are compared as texts.
#pragma once

#include <string>
#include <string_view>

#include "core/records.h"

namespace stratagram::reward {

struct Comparison {
  Verdict verdict = Verdict::kWrong;
  /// "equal_text", "equal_exact", "equal_within_tolerance", "different_value", "different_text",
  /// "blank_gold".
  std::string reason;
  std::string gold_form;  ///< what was compared
  std::string predicted_form;
};

/// Symmetric in its texts but for blank ones. A tolerance is used only where one side was written
/// as a decimal; two exact numbers are equal or not. Units are compared only where both sides have
/// one, and only for "%" against another. Never throws on any text.
[[nodiscard]] Comparison compare_answers(std::string_view gold,
                                         std::string_view predicted,
                                         double relative_tolerance);

}  // namespace stratagram::reward
