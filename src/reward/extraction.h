// reward/extraction.h -- where in a response its answer stands.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/records.h"

namespace stratagram::reward {

struct Extraction {
  /// Without white space at its ends. Several boxes that make one answer are joined by ", ", and by
  /// " or " where the response offers them for choice.
  std::string answer{};
  Range bytes{};               ///< of the response, from the first part to the last
  std::string rule{};          ///< that found it
  std::vector<Range> parts{};  ///< of the response, one or more; each text is in `answer`
  /// Of rule "boxed": the boxes up to the last with no more than a few words between them, as in
  /// "\boxed{3} dogs and \boxed{4} cats". What to read where the gold answer lists several values;
  /// empty where that is but one box or the same as `parts`.
  std::vector<Range> nearby{};
};

/// The first rule of the list that finds an answer that is not blank. Each takes the last one:
///   boxed         \boxed{...} or \fbox{...} with nested braces, \boxed 5, \boxed\frac12; boxes
///                 that only "and", "or" or a comma part are one answer
///   answer_tag    <answer>...</answer>
///   final_answer  what "final answer is" (or "Final answer:") announces, by phrases.h
///   phrase        the same of "answer is", "Answer:"
///   hashes        what follows "####" on its line, unless that is a heading with text below it
///   last_formula  the last of $...$, \(...\), \[...\], $$...$$ when no number comes after it
///   last_number   a number with sign, separators, decimals or a fraction bar, and the expression
///                 around it: sqrt(5), 3 + 7i, (2, 3)
/// The last two find nothing where the number is denied, doubted or changed by words beside it. A
/// value that "final answer is" announces behind the last box goes before it, where the rules have
/// `final_answer`.
/// What follows the last </think> is searched first; what comes before it then, without the last
/// two rules. A response that was cut off (a finish that is not kStop) is searched without these
/// too, only after its last </think> where it has one, and an answer whose end may be missing is
/// none: of `phrase`, `final_answer`, `hashes` and `\boxed 5` at the very end, and of `boxed`
/// altogether where the last box is open.
/// Linear in the response; never throws on any text.
[[nodiscard]] std::optional<Extraction> extract(std::string_view response,
                                                const std::vector<std::string>& rules,
                                                Finish finish = Finish::kStop);

/// Names of the rules above, in that order.
[[nodiscard]] std::vector<std::string> extraction_rules();

/// The texts of those ranges, joined as the answer of several boxes is.
[[nodiscard]] std::string joined_texts(std::string_view response, const std::vector<Range>& ranges);

}  // namespace stratagram::reward
