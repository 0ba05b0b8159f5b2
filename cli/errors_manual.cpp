#include "cli/errors_manual.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "core/log.h"
#include "judge/error_report.h"
#include "review/cases.h"
#include "review/cases_page.h"

namespace stratagram::cli {
namespace {

review::CaseList cases_of(const judge::Failures& failures) {
  const std::vector<const judge::Failure*> all = judge::sampled(failures);
  const judge::Survey survey = judge::error_survey(all, /*max_response_bytes=*/0).survey;
  review::CaseList list{.what = "failed responses", .question = survey.question};
  for (const judge::Option& option : survey.options) {
    list.options.push_back({.name = option.name, .text = option.text});
  }
  for (const judge::Failure* failure : all) {
    const text::Solution& solution = failure->solution;
    const std::string step =
        solution.step ? fmt::format("step {}, ", *solution.step) : std::string();
    list.cases.push_back({.id = failure->where,
                          .heading = step + fmt::format("problem {}", solution.problem_id),
                          .parts = {{.title = "problem", .text = solution.problem},
                                    {.title = "reference answer", .text = solution.gold},
                                    {.title = "response", .text = solution.response}}});
  }
  return list;
}

}  // namespace

void answer_by_hand(const judge::Failures& failures, const ManualOptions& options) {
  if (options.reviewer.empty()) {
    fail(ErrorKind::kConfig, "nobody is named who answers; give --reviewer NAME with --manual");
  }
  const review::CaseList list = cases_of(failures);
  review::CaseDesk desk(list, options.log, options.reviewer);
  const review::PageServer server(review::cases_page(desk), options.address);
  spdlog::info("{} failures; open {}", list.cases.size(), server.url());
  spdlog::info("Ctrl-C ends it; each answer is in {} at once", options.log);
  server.serve();
}

judge::SurveyResult answers_by_hand(const judge::Failures& failures, const ManualOptions& options) {
  const review::CaseList list = cases_of(failures);
  const review::CaseDesk desk(list, options.log, "reader of the log");
  std::vector<std::string> readers;  // who took back everything is none
  for (const std::string& reviewer : desk.reviewers()) {
    if (readers.size() < judge::kNumAskings && !desk.answers(reviewer).empty()) {
      readers.push_back(reviewer);
    }
  }
  const size_t num_reviewers = readers.size();
  if (num_reviewers == 0) {
    fail(ErrorKind::kData,
         "{}: nobody answered yet; answer on the page first, with --manual and --reviewer and "
         "without --out",
         options.log);
  }
  judge::SurveyResult result{.items = std::vector<judge::ItemAnswers>(list.cases.size()),
                             .num_askings = num_reviewers};
  for (size_t asking = 0; asking < num_reviewers; ++asking) {
    const review::CaseAnswers& answers = desk.answers(readers[asking]);
    for (size_t i = 0; i < list.cases.size(); ++i) {
      const auto found = answers.find(list.cases[i].id);
      if (found != answers.end()) result.items[i][asking] = found->second;
    }
  }
  for (const judge::ItemAnswers& answers : result.items) {
    const bool lacks_one = !answers[0] || (num_reviewers > 1 && !answers[1]);
    if (lacks_one) ++result.num_unanswered;
  }
  return result;
}

}  // namespace stratagram::cli
