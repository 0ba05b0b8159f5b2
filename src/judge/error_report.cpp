#include "judge/error_report.h"

#include <fmt/format.h>

#include "core/error.h"
#include "core/jsonl.h"
#include "metrics/share_interval.h"

namespace stratagram::judge {
namespace {

using nlohmann::ordered_json;

constexpr int kFormat = 1;

int64_t label(size_t option) {
  return static_cast<int64_t>(option);
}

std::optional<ErrorShare> share_of(double sum, int64_t num_items) {
  const double share = num_items == 0 ? 0.0 : sum / static_cast<double>(num_items);
  const auto interval = metrics::share_interval(share, num_items);
  if (!interval) return std::nullopt;
  return ErrorShare{.share = share, .interval = *interval};
}

// The answers of an item, or none when it lacks one.
std::vector<size_t> answers_of(const ItemAnswers& item, size_t num_askings) {
  std::vector<size_t> answers;
  for (size_t asking = 0; asking < num_askings; ++asking) {
    const std::optional<size_t>& answer = item.at(asking);
    if (!answer) return {};
    answers.push_back(*answer);
  }
  return answers;
}

void add_answers(const std::vector<ItemAnswers>& items, size_t num_askings, GroupErrors& errors) {
  std::array<double, kNumErrorClasses> sums{};
  double planning = 0;
  int64_t num_genuine = 0;  // failures with an answer that calls them one
  for (const ItemAnswers& item : items) {
    const std::vector<size_t> answers = answers_of(item, num_askings);
    if (answers.empty()) continue;
    ++errors.num_judged;
    int64_t num_planning = 0;
    int64_t num_errors = 0;
    for (const size_t answer : answers) {
      const auto error_class = static_cast<ErrorClass>(answer);
      ++errors.num_answers.at(answer);
      sums.at(answer) += 1.0 / static_cast<double>(num_askings);
      if (error_class != ErrorClass::kAcceptable) ++num_errors;
      if (is_planning(error_class)) ++num_planning;
    }
    if (num_errors == 0) continue;
    ++num_genuine;
    planning += static_cast<double>(num_planning) / static_cast<double>(num_errors);
  }
  for (size_t i = 0; i < kNumErrorClasses; ++i) {
    errors.shares.at(i) = share_of(sums.at(i), errors.num_judged);
  }
  errors.planning = share_of(planning, num_genuine);
}

ordered_json to_json(const std::optional<ErrorShare>& share) {
  if (!share) return nullptr;
  return {{"share", round_significant(share->share)},
          {"low", round_significant(share->interval.low)},
          {"high", round_significant(share->interval.high)}};
}

ordered_json to_json(const GroupErrors& errors) {
  const FailureGroup& group = *errors.group;
  ordered_json object;
  object["source"] = group.source;
  if (group.step) object["step"] = *group.step;
  object["responses"] = group.num_responses;
  object["failures"] = group.num_failures;
  object["failed_problems"] = group.num_failed_problems;
  object["sampled"] = group.sample.size();
  object["judged"] = errors.num_judged;
  for (size_t i = 0; i < kNumErrorClasses; ++i) {
    const char* name = error_class_name(static_cast<ErrorClass>(i));
    object["answers"][name] = errors.num_answers.at(i);
    if (errors.shares.at(i)) object["shares"][name] = to_json(errors.shares.at(i));
  }
  if (errors.planning) object["planning_strategy"] = to_json(errors.planning);
  return object;
}

ordered_json answer_name(const std::optional<size_t>& answer) {
  if (!answer) return nullptr;
  return error_class_name(static_cast<ErrorClass>(*answer));
}

int64_t num_acceptable(const ItemAnswers& answers) {
  constexpr auto kAcceptable = static_cast<size_t>(ErrorClass::kAcceptable);
  return static_cast<int64_t>(answers[0] == kAcceptable) +
         static_cast<int64_t>(answers[1] == kAcceptable);
}

ordered_json case_of(const Failure& failure, const ItemAnswers& answers) {
  ordered_json object;
  object["where"] = failure.where;
  object["problem_id"] = failure.solution.problem_id;
  if (failure.solution.step) object["step"] = *failure.solution.step;
  object["answers"] = {answer_name(answers[0]), answer_name(answers[1])};
  return object;
}

std::string cell(const std::optional<ErrorShare>& share) {
  if (!share) return fmt::format("{:>17}", "-");
  return fmt::format("{:>3.0f} % [{:>2.0f}, {:>3.0f}]",
                     100 * share->share,
                     100 * share->interval.low,
                     100 * share->interval.high);
}

std::string agreement_line(const SurveyResult& answers) {
  const auto agreement = agreement_of(answers, label);
  if (!agreement) return "agreement of the two askings: undefined\n";
  std::string line = fmt::format("agreement of the two askings: {:.0f} % of {}, kappa {:.2f}",
                                 100 * agreement->observed,
                                 agreement->num_items,
                                 agreement->kappa);
  if (agreement->interval) {
    line += fmt::format(" [{:.2f}, {:.2f}]", agreement->interval->low, agreement->interval->high);
  }
  return line + "\n";
}

}  // namespace

std::vector<const Failure*> sampled(const Failures& failures) {
  std::vector<const Failure*> all;
  for (const FailureGroup& group : failures.groups) {
    for (const Failure& failure : group.sample) all.push_back(&failure);
  }
  return all;
}

std::vector<GroupErrors> group_errors(const Failures& failures, const SurveyResult& answers) {
  std::vector<GroupErrors> all;
  size_t first = 0;
  for (const FailureGroup& group : failures.groups) {
    const size_t end = first + group.sample.size();
    STRATAGRAM_CHECK(end <= answers.items.size(), "{} of {} answers", end, answers.items.size());
    const auto begin = answers.items.begin() + static_cast<std::ptrdiff_t>(first);
    GroupErrors errors{.group = &group};
    add_answers({begin, begin + static_cast<std::ptrdiff_t>(group.sample.size())},
                answers.num_askings,
                errors);
    all.push_back(errors);
    first = end;
  }
  return all;
}

ordered_json error_report(const Failures& failures,
                          const SurveyResult& answers,
                          const nlohmann::json& settings) {
  ordered_json report;
  report["format"] = kFormat;
  report["settings"] = settings;
  report["groups"] = ordered_json::array();
  for (const GroupErrors& errors : group_errors(failures, answers)) {
    report["groups"].push_back(to_json(errors));
  }
  if (const auto agreement = agreement_of(answers, label)) {
    report["agreement"] = {{"failures", agreement->num_items},
                           {"observed", round_significant(agreement->observed)},
                           {"kappa", round_significant(agreement->kappa)}};
    if (agreement->interval) {
      report["agreement"]["low"] = round_significant(agreement->interval->low);
      report["agreement"]["high"] = round_significant(agreement->interval->high);
    }
  }
  report["replies"] = {{"all", answers.num_replies},
                       {"unreadable", answers.num_unreadable},
                       {"failures_without_answer", answers.num_unanswered}};
  report["unknown"] = failures.num_unknown;
  report["suspected_verifier_errors"] = ordered_json::array();
  report["cases"] = ordered_json::array();
  const std::vector<const Failure*> all = sampled(failures);
  for (size_t i = 0; i < all.size(); ++i) {
    report["cases"].push_back(case_of(*all[i], answers.items[i]));
    const int64_t votes = num_acceptable(answers.items[i]);
    if (votes == 0) continue;
    report["suspected_verifier_errors"].push_back({{"where", all[i]->where},
                                                   {"problem_id", all[i]->solution.problem_id},
                                                   {"gold", all[i]->solution.gold},
                                                   {"votes", votes}});
  }
  return report;
}

std::string error_table(const Failures& failures, const SurveyResult& answers) {
  std::string table =
      fmt::format("{:<20} {:>6} {:>8} {:>6}  {:>17}  {:>17}  {:>17}  {:>17}  {:>17}\n",
                  "source",
                  "step",
                  "failures",
                  "judged",
                  "A misunderstood",
                  "B slip",
                  "C strategy",
                  "D acceptable",
                  "A+C of A+B+C");
  for (const GroupErrors& errors : group_errors(failures, answers)) {
    const FailureGroup& group = *errors.group;
    table += fmt::format("{:<20} {:>6} {:>8} {:>6}",
                         group.source,
                         group.step ? std::to_string(*group.step) : "-",
                         group.num_failures,
                         errors.num_judged);
    for (const auto& share : errors.shares) table += "  " + cell(share);
    table += "  " + cell(errors.planning) + "\n";
  }
  table += agreement_line(answers);
  table += fmt::format("replies: {}, of them {} unreadable; failures without an answer: {}\n",
                       answers.num_replies,
                       answers.num_unreadable,
                       answers.num_unanswered);
  const std::vector<const Failure*> all = sampled(failures);
  for (size_t i = 0; i < all.size(); ++i) {
    if (num_acceptable(answers.items[i]) < static_cast<int64_t>(answers.num_askings)) continue;
    table += fmt::format("suspected error of the verifier: {}\n", all[i]->where);
  }
  return table;
}

}  // namespace stratagram::judge
