#include "reward/equivalence.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "core/utf8.h"
#include "math/parse.h"
#include "reward/characters.h"
#include "reward/extraction.h"

namespace stratagram::reward {
namespace {

constexpr size_t kMaxFormBytes = 400;

std::string_view without_spaces(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::string cut(std::string_view text) {
  if (text.size() <= kMaxFormBytes) return std::string(text);
  return std::string(text.substr(0, kMaxFormBytes)) + "...";
}

std::string form_of(const math::Parsed& parsed, std::string_view text) {
  return cut(parsed.readings.empty() ? std::string(text) : math::to_text(parsed.readings.front()));
}

// A gold answer may come as a worked solution: what it marks as its answer is meant.
std::string stated(std::string_view gold) {
  for (const std::string_view mark : {"\\boxed", "\\fbox", "<answer>", "inal answer is", "####"}) {
    if (gold.find(mark) == std::string_view::npos) continue;
    const auto found = extract(gold, {"boxed", "answer_tag", "hashes", "final_answer"});
    // Boxes among words, "\\boxed{1} cup and \\boxed{2} plates", are read as they stand.
    if (found && (found->nearby.empty() || found->parts.size() > 1)) return found->answer;
  }
  return std::string(gold);
}

// 3,5 with a point, whatever frame it stands in. None where the comma may part thousands, 3,500,
// or is not the only one.
std::optional<std::string> with_decimal_point(std::string_view text) {
  const size_t comma = text.find(',');
  if (comma == std::string_view::npos || text.find(',', comma + 1) != std::string_view::npos) {
    return std::nullopt;
  }
  size_t begin = comma;
  while (begin > 0 && is_digit(text[begin - 1])) --begin;
  size_t end = comma + 1;
  while (end < text.size() && is_digit(text[end])) ++end;
  const size_t decimals = end - comma - 1;
  const bool is_zero = comma == begin + 1 && text[begin] == '0';
  if (begin == comma || decimals == 0 || (decimals == 3 && !is_zero)) return std::nullopt;
  std::string result(text);
  result[comma] = '.';
  return result;
}

bool is_pair(const math::Answer& answer) {
  return answer.kind == math::AnswerKind::kSet && answer.parts.size() == 2;
}

bool is_decimal(const math::Answer& answer) {
  return answer.kind == math::AnswerKind::kValue && answer.precision &&
         answer.precision->is_decimal;
}

// A letter of a choice may be answered in any spelling, but a gold answer that is a symbol or a
// product first (`a`, `AC`) is no choice.
math::Parsed gold_of(math::Parsed gold) {
  if (gold.readings.size() < 2) return gold;
  const auto is_choice = [](const math::Answer& reading) {
    return reading.kind == math::AnswerKind::kChoice;
  };
  gold.readings.erase(std::remove_if(gold.readings.begin() + 1, gold.readings.end(), is_choice),
                      gold.readings.end());
  return gold;
}

Verdict verdict_of_sameness(math::Sameness sameness) {
  switch (sameness) {
    case math::Sameness::kSame:
      return Verdict::kCorrect;
    case math::Sameness::kDifferent:
      return Verdict::kWrong;
    case math::Sameness::kUnknown:
      return Verdict::kTimeout;
  }
  return Verdict::kError;
}

}  // namespace

Comparison compare_answers(std::string_view gold,
                           std::string_view predicted,
                           const math::EqualityOptions& options) {
  predicted = without_spaces(predicted);
  const std::string meant = without_spaces(gold) == predicted ? std::string() : stated(gold);
  gold = without_spaces(meant.empty() ? gold : meant);
  Comparison result;
  const auto decide = [&](Verdict verdict, std::string reason) {
    result.verdict = verdict;
    result.reason = std::move(reason);
    return result;
  };
  if (gold == predicted && !gold.empty()) {
    result.gold_form = result.predicted_form = cut(gold);
    return decide(Verdict::kCorrect, "equal_text");
  }
  if (!is_valid_utf8(gold)) return decide(Verdict::kError, "unreadable_gold");
  if (!is_valid_utf8(predicted)) return decide(Verdict::kUnparseable, "not_utf8");
  const math::Parsed wanted = gold_of(math::parse_answer(gold));
  const math::Parsed got = math::parse_answer(predicted);
  result.gold_form = form_of(wanted, gold);
  result.predicted_form = form_of(got, predicted);
  if (wanted.readings.empty()) {
    return decide(Verdict::kError, wanted.fault == "empty" ? "blank_gold" : "unreadable_gold");
  }
  if (got.readings.empty()) {
    if (got.fault == "empty") return decide(Verdict::kWrong, "blank_answer");
    return decide(Verdict::kUnparseable, got.fault);
  }
  math::Equality equality = math::compare(wanted.readings, got.readings, options);
  if (equality.sameness != math::Sameness::kSame && is_decimal(wanted.readings.front()) &&
      is_pair(got.readings.front())) {
    // 3,5 is two numbers, but beside 3.5 it is that.
    if (const auto pointed = with_decimal_point(predicted)) {
      math::Equality other =
          math::compare(wanted.readings, math::parse_answer(*pointed).readings, options);
      if (other.sameness == math::Sameness::kSame) equality = std::move(other);
    }
  }
  result.gold_form = cut(equality.a_form);
  result.predicted_form = cut(equality.b_form);
  result.steps = equality.steps;
  return decide(verdict_of_sameness(equality.sameness), std::move(equality.reason));
}

bool lists_values(std::string_view gold) {
  const math::Parsed parsed = math::parse_answer(stated(gold));
  if (parsed.readings.empty()) return false;
  const math::Answer& best = parsed.readings.front();
  const bool is_list = best.kind == math::AnswerKind::kSet || best.kind == math::AnswerKind::kTuple;
  return is_list && best.parts.size() > 1;
}

}  // namespace stratagram::reward
