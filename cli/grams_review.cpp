// stratagram grams review: a person decides which candidates are strategic grams.
#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "cli/grams.h"
#include "cli/help.h"
#include "core/file.h"
#include "core/log.h"
#include "grams/candidates.h"
#include "grams/selection.h"
#include "review/carry_over.h"
#include "review/grams_page.h"
#include "review/reviewed.h"
#include "review/table.h"

namespace stratagram::cli {
namespace {

namespace fs = std::filesystem;

struct ReviewOptions {
  std::string candidates;
  std::vector<std::string> selections;
  std::string log;
  std::string earlier;
  std::string reviewer;
  review::PageAddress address;
  std::string tsv_out;
  std::string tsv_in;
  std::string out;
};

// Without the log's lock, as nothing is decided here.
review::ReviewState state_of(const ReviewOptions& options, const grams::CandidateList& candidates) {
  if (fs::exists(options.log)) return review::replay(candidates, options.log);
  return review::ReviewState(candidates.candidates);
}

void take_table(const ReviewOptions& options, const grams::CandidateList& candidates) {
  review::Desk desk(candidates, options.log, options.reviewer);
  const std::vector<review::Decision> decisions = review::decisions_of_table(
      read_file(options.tsv_in), options.tsv_in, desk.state(), options.reviewer);
  desk.decide_all(decisions, options.tsv_in);
  spdlog::info("{}: {} decisions of {} appended to {}",
               options.tsv_in,
               decisions.size(),
               options.reviewer,
               options.log);
}

void take_earlier(const ReviewOptions& options, const grams::CandidateList& candidates) {
  const review::CarriedOver carried = review::carry_over(options.earlier, candidates, options.log);
  spdlog::info("{}: {} decisions taken up in {}; {} left out, as their grams are no candidates now",
               options.earlier,
               carried.num_taken,
               options.log,
               carried.num_left_out);
}

void write_selection(const ReviewOptions& options, const grams::CandidateList& candidates) {
  const grams::Selection selection =
      review::selection_of(candidates, review::replay(candidates, options.log), options.reviewer);
  selection.save(options.out);
  spdlog::info("{}: {} grams decided, {} of them strategic; {} left out, as reviewers are even",
               options.out,
               selection.choices.size(),
               std::ranges::count(selection.choices, true, &grams::Choice::strategic),
               selection.settings.at("left_out_as_even").get<int64_t>());
}

void serve(const ReviewOptions& options,
           const grams::CandidateList& candidates,
           const review::Votes& votes) {
  review::Desk desk(candidates, options.log, options.reviewer);
  review::Board board(candidates, votes, desk);
  const review::PageServer server(review::grams_page(board), options.address);
  spdlog::info("{} grams; open {}", candidates.candidates.size(), server.url());
  spdlog::info("Ctrl-C ends it; each decision is in {} at once", options.log);
  server.serve();
}

void review_grams(const ReviewOptions& options) {
  for (const std::string& file : {options.tsv_out, options.out}) {
    if (!file.empty()) check_can_create(file);
  }
  const auto candidates = grams::CandidateList::load(options.candidates);
  std::vector<grams::Selection> selections;
  selections.reserve(options.selections.size());
  for (const std::string& file : options.selections) {
    selections.push_back(grams::Selection::load(file));
  }
  const review::Votes votes(selections, candidates);
  if (!options.earlier.empty()) take_earlier(options, candidates);
  if (!options.tsv_in.empty()) take_table(options, candidates);
  if (!options.tsv_out.empty()) {
    write_file_atomically(
        options.tsv_out,
        review::table_of(candidates, votes, state_of(options, candidates), options.reviewer));
  }
  if (!options.out.empty()) write_selection(options, candidates);
  const bool needs_page = options.tsv_in.empty() && options.tsv_out.empty() && options.out.empty();
  if (needs_page) serve(options, candidates, votes);
}

void add_page_options(CLI::App& command, ReviewOptions& options) {
  command.add_option("--port", options.address.port, "of the page; 0 takes a free one")
      ->check(CLI::Range(0, 65535))
      ->type_name("N")
      ->capture_default_str();
  command
      .add_option("--host",
                  options.address.host,
                  "address to listen on; another than the default lets other machines in")
      ->type_name("H")
      ->capture_default_str();
}

void add_files(CLI::App& command, ReviewOptions& options) {
  command.add_option("--tsv-out", options.tsv_out, "write a table to fill in, instead of the page")
      ->type_name("FILE");
  command
      .add_option("--tsv-in", options.tsv_in, "take the decisions of a table that was filled in")
      ->type_name("FILE");
  command
      .add_option("--out",
                  options.out,
                  "write what all reviewers decided as a selection; where they are even, NAME has "
                  "the say")
      ->type_name("FILE");
}

}  // namespace

void add_grams_review(CLI::App& grams) {
  auto options = std::make_shared<ReviewOptions>();
  CLI::App* command =
      grams.add_subcommand("review", "a person decides on candidates, on a page or in a table");
  command->add_option("CANDIDATES", options->candidates, "what `grams mine` wrote")->required();
  command
      ->add_option("--selection",
                   options->selections,
                   "what a method says of them; shown, and compared with the reviewer")
      ->type_name("FILE")
      ->take_all()
      ->expected(1);
  command->add_option("--log", options->log, "decisions, appended one by one; made if absent")
      ->type_name("LOG")
      ->required();
  command
      ->add_option("--earlier",
                   options->earlier,
                   "a log on candidates that were mined before; its decisions begin LOG")
      ->type_name("FILE");
  command->add_option("--reviewer", options->reviewer, "who decides")
      ->type_name("NAME")
      ->required();
  add_page_options(*command, *options);
  add_files(*command, *options);
  command->footer(footer_of(
      "writes   LOG, JSON Lines: time, reviewer, action, gram, role, merged_into. The page is at\n"
      "         the address that is printed; ? shows its keys. Read of a table are the columns\n"
      "         gram, decision (accept, reject, merge, add, undecided; empty leaves it), role, "
      "into.",
      {.examples = {"stratagram grams review candidates.jsonl --log log.jsonl --reviewer ann "
                    "--tsv-out ann.tsv"},
       .first = {"scripts/demo.sh",
                 "stratagram grams mine runs/demo/grpo --out candidates.jsonl"}}));
  command->callback([options] { review_grams(*options); });
}

}  // namespace stratagram::cli
