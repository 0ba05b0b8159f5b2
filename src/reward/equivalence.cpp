#include "reward/equivalence.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "reward/number.h"

namespace stratagram::reward {
namespace {

std::string form_of(const Number& number) {
  return number.exact ? number.exact->text() : fmt::format("{:.17g}", number.value);
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Spaces between two digits stay: "4 2" is not 42.
std::string without_spaces(const std::string& text) {
  std::string kept;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool between_digits =
        i > 0 && i + 1 < text.size() && is_digit(text[i - 1]) && is_digit(text[i + 1]);
    if (text[i] != ' ' || between_digits) kept += text[i];
  }
  return kept;
}

bool within(double a, double b, double relative_tolerance) {
  return std::abs(a - b) <= relative_tolerance * std::max(std::abs(a), std::abs(b));
}

}  // namespace

Comparison compare_answers(std::string_view gold,
                           std::string_view predicted,
                           double relative_tolerance) {
  Comparison result{.reason = "",
                    .gold_form = without_spaces(plain_answer(gold)),
                    .predicted_form = without_spaces(plain_answer(predicted))};
  const auto decide = [&](bool equal, const char* reason) {
    result.verdict = equal ? Verdict::kCorrect : Verdict::kWrong;
    result.reason = reason;
    return result;
  };
  if (result.gold_form.empty()) {
    result.verdict = Verdict::kError;
    result.reason = "blank_gold";
    return result;
  }
  if (result.gold_form == result.predicted_form) return decide(true, "equal_text");
  const auto a = parse_number(gold);
  const auto b = parse_number(predicted);
  if (!a || !b) return decide(false, "different_text");
  result.gold_form = form_of(*a);
  result.predicted_form = form_of(*b);
  if (a->exact && b->exact && *a->exact == *b->exact) return decide(true, "equal_exact");
  const bool rounded = a->is_decimal || b->is_decimal || !a->exact || !b->exact;
  if (rounded && within(a->value, b->value, relative_tolerance)) {
    return decide(true, "equal_within_tolerance");
  }
  return decide(false, "different_value");
}

}  // namespace stratagram::reward
