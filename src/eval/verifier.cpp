#include "eval/verifier.h"

#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "core/digest.h"
#include "core/error.h"
#include "reward/equivalence.h"

namespace stratagram::eval {
namespace {

using nlohmann::json;

// Gold answer and response, one for each kind of answer and of trouble.
constexpr std::array kProbes = std::to_array<std::pair<const char*, const char*>>({
    {"2", "So it is \\boxed{2}."},
    {"2", "So it is \\boxed{3}."},
    {"2", "The answer is 2."},
    {"2", "<answer>2</answer>"},
    {"2", "#### 2"},
    {"2", "2 and no more"},
    {"2", "It is 2 or 3."},
    {"2", "none"},
    {"025", "\\boxed{25}"},
    {"1,234", "\\boxed{1234}"},
    {"\\frac{1}{2}", "\\boxed{0.5}"},
    {"\\frac12", "\\boxed{\\dfrac{2}{4}}"},
    {"1/3", "\\boxed{0.333}"},
    {"3.14", "\\boxed{\\pi}"},
    {"50\\%", "\\boxed{0.5}"},
    {"50\\%", "\\boxed{50}"},
    {"\\sqrt{8}", "\\boxed{2\\sqrt{2}}"},
    {"2^{10}", "\\boxed{1024}"},
    {"4.5e33", "\\boxed{4.5 \\times 10^{33}}"},
    {"x+1", "\\boxed{1+x}"},
    {"(x+1)^2", "\\boxed{x^2+2x+1}"},
    {"x=5", "\\boxed{5}"},
    {"(1,2)", "\\boxed{(1, 2)}"},
    {"(1,2)", "\\boxed{(2, 1)}"},
    {"\\{1,2\\}", "\\boxed{\\{2,1\\}}"},
    {"[0,1)", "\\boxed{[0,1]}"},
    {"(-\\infty, 2]", "\\boxed{x \\le 2}"},
    {"5 \\text{ cm}", "\\boxed{5}"},
    {"90^\\circ", "\\boxed{90}"},
    {"\\text{(B)}", "\\boxed{B}"},
    {"\\begin{pmatrix} 1 \\\\ 2 \\end{pmatrix}", "\\boxed{\\begin{pmatrix}1\\\\2\\end{pmatrix}}"},
    {"np.arcsin(10/13)", "\\boxed{\\arcsin(10/13)}"},
    {"\\text{even}", "\\boxed{even}"},
});

reward::RewardConfig config_of(const Judging& judging) {
  return {.extraction = judging.extraction, .relative_tolerance = judging.relative_tolerance};
}

// "$4.2$" as 4.2; none for whatever is no plain decimal number.
std::optional<double> plain_number(std::string_view text) {
  constexpr std::string_view kAround = " \t\r\n$";
  const size_t begin = text.find_first_not_of(kAround);
  if (begin == std::string_view::npos) return std::nullopt;
  text = text.substr(begin, text.find_last_not_of(kAround) + 1 - begin);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) {
    return std::nullopt;
  }
  return value;
}

}  // namespace

Verifier::Verifier(const Judging& judging) : judging_(judging), grader_(config_of(judging)) {}

Judgement Verifier::judge(const Problem& problem,
                          const text::Fields& fields,
                          std::string_view response,
                          Finish finish) const {
  const auto field = fields.find(judging_.error_field);
  if (judging_.error_field.empty() || field == fields.end()) {
    return grader_.judge(problem, response, finish);
  }
  const std::optional<double> allowed = plain_number(field->second);
  if (!allowed || *allowed < 0) {
    fail(ErrorKind::kData,
         "problem '{}': field '{}': wanted the absolute error of its answer, a number of at least "
         "0, got '{}'",
         problem.id,
         judging_.error_field,
         field->second);
  }
  return grader_.judge(problem, response, finish, allowed);
}

bool Verifier::same_answer(const std::string& a, const std::string& b) const {
  if (a == b) return true;
  return reward::compare_answers(a, b, grader_.config().equality()).verdict == Verdict::kCorrect;
}

json Verifier::identity() const {
  std::string verdicts;
  for (const auto& [gold, response] : kProbes) {
    const Judgement judgement =
        grader_.judge({.id = "probe", .answer = gold, .kind = "math"}, response, Finish::kStop);
    verdicts += fmt::format("{} {} {}\n",
                            verdict_name(judgement.verdict),
                            judgement.reason,
                            judgement.predicted.value_or(""));
  }
  json judging = to_json(judging_);
  judging.erase("groups");
  return {{"judging", std::move(judging)},
          {"version", reward::kVerifierVersion},
          {"probes", sha256(verdicts)}};
}

}  // namespace stratagram::eval
