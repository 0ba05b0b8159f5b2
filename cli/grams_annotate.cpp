// stratagram grams annotate: a judge says which candidates are strategic grams.
#include <fmt/format.h>

#include <iostream>
#include <memory>
#include <string>

#include "cli/grams.h"
#include "cli/help.h"
#include "cli/judge_options.h"
#include "core/file.h"
#include "grams/candidates.h"
#include "grams/selection.h"
#include "judge/annotate.h"

namespace stratagram::cli {
namespace {

struct AnnotateOptions {
  std::string candidates;
  std::string out;
  int64_t limit = 0;
  int64_t num_contexts = 3;
  JudgeArguments judge;
};

int64_t option_number(size_t option) {
  return static_cast<int64_t>(option);
}

int64_t strategic_or_not(size_t option) {
  return judge::is_strategic(static_cast<judge::GramKind>(option)) ? 1 : 0;
}

std::string kappa_text(const std::optional<metrics::Agreement>& agreement) {
  if (!agreement) return "undefined";
  const std::string interval =
      agreement->interval
          ? fmt::format(" [{:.2f}, {:.2f}]", agreement->interval->low, agreement->interval->high)
          : "";
  return fmt::format(
      "{:.2f}{} ({:.0f} % equal)", agreement->kappa, interval, 100 * agreement->observed);
}

void print_summary(const grams::Selection& selection, const judge::SurveyResult& result) {
  int64_t num_strategic = 0;
  int64_t num_with_role = 0;
  for (const grams::Choice& choice : selection.choices) {
    num_strategic += choice.strategic ? 1 : 0;
    num_with_role += choice.role ? 1 : 0;
  }
  std::cout << fmt::format(
      "grams                    {}\nwithout both answers     {} (left out)\n"
      "strategic                {}, of them {} with one role\n"
      "replies                  {}, of them {} unreadable\n"
      "kappa, strategic or not  {}\nkappa, five options      {}\n",
      result.items.size(),
      result.num_unanswered,
      num_strategic,
      num_with_role,
      result.num_replies,
      result.num_unreadable,
      kappa_text(judge::agreement_of(result, strategic_or_not)),
      kappa_text(judge::agreement_of(result, option_number)));
}

void annotate(const AnnotateOptions& options) {
  check_can_create(options.out);
  grams::CandidateList list = grams::CandidateList::load(options.candidates);
  if (options.limit > 0 && list.candidates.size() > static_cast<size_t>(options.limit)) {
    list.candidates.resize(options.limit);
  }
  const judge::Survey survey = judge::gram_survey(list.candidates, options.num_contexts);
  const auto result = ask_judge(options.judge, survey, options.out);
  if (!result) return;
  grams::Selection selection{.method = "judge",
                             .corpus_digest = list.corpus.digest,
                             .settings = settings_of(options.judge, survey),
                             .choices = judge::choices_of(list.candidates, *result)};
  selection.settings["contexts"] = options.num_contexts;
  selection.save(options.out);
  print_summary(selection, *result);
}

}  // namespace

void add_grams_annotate(CLI::App& grams) {
  auto options = std::make_shared<AnnotateOptions>();
  options->judge.survey.batch = 10;
  CLI::App* command =
      grams.add_subcommand("annotate", "ask a language model which candidates are strategic");
  command->add_option("CANDIDATES", options->candidates, "what `stratagram grams mine` wrote")
      ->type_name("FILE")
      ->required();
  command
      ->add_option(
          "--out", options->out, "selection to write; one that is there is never written over")
      ->type_name("FILE")
      ->required();
  command->add_option("--limit", options->limit, "the first N candidates only; 0: all")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command->add_option("--contexts", options->num_contexts, "places shown of each candidate")
      ->check(CLI::Range(0, 5))
      ->capture_default_str();
  command->add_option("--batch", options->judge.survey.batch, "candidates in a request")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  add_judge_options(*command, options->judge);
  command->footer(footer_of(
      "writes   FILE, and each exchange at once to the record, from which a stopped or spent\n"
      "         command (exit code 6) goes on and a repeated one is answered free of charge",
      {.examples = {"stratagram grams annotate data/examples/grams.jsonl --model any --dry-run "
                    "--out a.jsonl"}}));
  command->callback([options] { annotate(*options); });
}

}  // namespace stratagram::cli
