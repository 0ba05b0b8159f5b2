#include "reward/grader.h"

#include <algorithm>
#include <utility>

#include "reward/countdown_checker.h"
#include "reward/equivalence.h"
#include "reward/extraction.h"

namespace stratagram::reward {
namespace {

// A puzzle wants an expression; a stray number is none.
std::vector<std::string> without_guesses(std::vector<std::string> rules) {
  std::erase(rules, "last_formula");
  std::erase(rules, "last_number");
  return rules;
}

// The verdict on what was found, and the text that got it.
struct Read {
  Comparison comparison;
  std::string text;
};

// Several boxes that make one answer may also say the same thing each: "0.5 or 1/2".
bool each_is_correct(std::string_view gold,
                     std::string_view response,
                     const Extraction& found,
                     const math::EqualityOptions& options) {
  return std::all_of(found.parts.begin(), found.parts.end(), [&](const Range& part) {
    const std::string text = joined_texts(response, {part});
    return compare_answers(gold, text, options).verdict == Verdict::kCorrect;
  });
}

Read read_answer(std::string_view gold,
                 std::string_view response,
                 const Extraction& found,
                 const math::EqualityOptions& options) {
  Read read{.comparison = compare_answers(gold, found.answer, options), .text = found.answer};
  if (read.comparison.verdict == Verdict::kCorrect) return read;
  if (found.parts.size() > 1 && each_is_correct(gold, response, found, options)) {
    read.comparison.verdict = Verdict::kCorrect;
    read.comparison.reason = "equal_each";
  } else if (!found.nearby.empty() && lists_values(gold)) {
    const std::string all = joined_texts(response, found.nearby);
    Comparison comparison = compare_answers(gold, all, options);
    if (comparison.verdict == Verdict::kCorrect) read = {std::move(comparison), all};
  }
  return read;
}

}  // namespace

Grader::Grader(RewardConfig config) : config_(std::move(config)) {
  config_.check();
}

Judgement Grader::judge(const Problem& problem,
                        std::string_view response,
                        Finish finish,
                        std::optional<double> absolute_error) const {
  Judgement judgement;
  const bool cut_off = finish != Finish::kStop;
  const bool is_countdown = problem.kind == "countdown";
  const auto found = extract(
      response, is_countdown ? without_guesses(config_.extraction) : config_.extraction, finish);
  if (!found) {
    judgement.verdict = Verdict::kUnparseable;
    judgement.reason = cut_off ? "cut_off" : "no_answer";
  } else if (is_countdown) {
    const CountdownCheck check = check_countdown(found->answer, problem.numbers, problem.target);
    judgement.verdict = check.verdict;
    judgement.reason = check.reason;
    judgement.predicted = found->answer;
  } else {
    math::EqualityOptions options = config_.equality();
    options.tolerance.absolute = absolute_error;
    Read read = read_answer(problem.answer, response, *found, options);
    judgement.verdict = read.comparison.verdict;
    judgement.reason = std::move(read.comparison.reason);
    judgement.predicted = std::move(read.text);
  }
  judgement.reward = judgement.verdict == Verdict::kCorrect ? config_.correct : config_.wrong;
  if (config_.format_bonus != 0 && keeps_format(response)) {
    judgement.reward += config_.format_bonus;
  }
  return judgement;
}

bool Grader::keeps_format(std::string_view response) const {
  const auto once = [&](std::string_view mark) {
    const size_t at = response.find(mark);
    return at != std::string_view::npos &&
           response.find(mark, at + mark.size()) == std::string_view::npos;
  };
  if (config_.format == "boxed") {
    return once("\\boxed") && extract(response, {"boxed"}).has_value();
  }
  return once("<think>") && once("</think>") && once("<answer>") && once("</answer>") &&
         response.find("<think>") < response.find("</think>") &&
         response.find("</think>") < response.find("<answer>") &&
         response.find("<answer>") < response.find("</answer>");
}

double overlong_punishment(int64_t num_tokens, int64_t max_tokens, int64_t zone) {
  if (zone <= 0 || num_tokens <= max_tokens - zone) return 0.0;
  if (num_tokens >= max_tokens) return -1.0;
  return static_cast<double>(max_tokens - zone - num_tokens) / static_cast<double>(zone);
}

}  // namespace stratagram::reward
