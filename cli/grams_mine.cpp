// stratagram grams mine: the n-grams that many solutions share.
#include <fmt/format.h>

#include <charconv>
#include <memory>
#include <optional>
#include <string>

#include "cli/grams.h"
#include "cli/help.h"
#include "cli/progress.h"
#include "cli/solution_options.h"
#include "core/error.h"
#include "core/file.h"
#include "core/log.h"
#include "grams/miner.h"

namespace stratagram::cli {
namespace {

struct MineOptions {
  SolutionArguments solutions;
  std::string out;
  std::string lengths =
      fmt::format("{}-{}", grams::GramLengths{}.min_words, grams::GramLengths{}.max_words);
  grams::MiningOptions mining;
  std::string scratch;
};

// "3-5" or "4".
grams::GramLengths lengths_of(const std::string& text) {
  const auto number = [&](std::string_view digits) -> std::optional<size_t> {
    size_t value = 0;
    const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (fault != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    return value;
  };
  const std::string_view view = text;
  const size_t dash = view.find('-');
  const auto least = number(view.substr(0, dash));
  const auto most = dash == std::string_view::npos ? least : number(view.substr(dash + 1));
  if (!least || !most) {
    fail(ErrorKind::kConfig, "--n: wanted a number of words or a range like 3-5, got '{}'", text);
  }
  return {.min_words = *least, .max_words = *most};
}

void mine(MineOptions options) {
  options.mining.lengths = lengths_of(options.lengths);
  if (!options.scratch.empty()) options.mining.scratch = options.scratch;
  check_can_create(options.out);
  std::optional<Progress> progress;
  std::string stage;
  const grams::CandidateList list =
      grams::mine(options.solutions.paths,
                  options.solutions.options,
                  options.mining,
                  [&](std::string_view what, int64_t done, int64_t total) {
                    if (stage != what || !progress) {
                      if (progress) progress->clear();
                      stage = what;
                      progress.emplace(stage);
                    }
                    progress->update(done, total);
                  });
  if (progress) progress->clear();
  list.save(options.out);
  const grams::Corpus& corpus = list.corpus;
  if (list.candidates.empty()) {
    spdlog::warn("no gram occurs in {} solutions; mine more of them, or ask for fewer",
                 options.mining.min_documents);
  }
  spdlog::info("{}: {} grams; {} fragments of longer ones left out",
               options.out,
               list.candidates.size(),
               list.mining.at("merged").get<int64_t>());
  spdlog::info(
      "from {} solutions of {} problems, {} words; {} duplicates and {} not known to be "
      "correct left out",
      corpus.num_documents,
      corpus.num_problems,
      corpus.num_words,
      corpus.num_duplicates,
      corpus.num_wrong);
}

void add_bounds(CLI::App& command, MineOptions& options) {
  command.add_option("--n", options.lengths, "words of a gram, 1 to 6")
      ->type_name("A-B")
      ->capture_default_str();
  command.add_flag("--only-correct",
                   options.mining.only_correct,
                   "leave out solutions that are not known to be correct");
  command
      .add_option("--min-documents",
                  options.mining.min_documents,
                  "solutions that a gram must occur in, 1 or more")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command.add_option("--contexts", options.mining.max_contexts, "places of a gram that are quoted")
      ->check(CLI::Range(0, 100))
      ->capture_default_str();
  command
      .add_option("--merge",
                  options.mining.merge_share,
                  "leaves a gram out when this share of its occurrences lies inside one longer "
                  "gram; above 1 keeps all")
      ->check(CLI::PositiveNumber)
      ->type_name("SHARE")
      ->capture_default_str();
}

void add_resources(CLI::App& command, MineOptions& options) {
  command
      .add_option(
          "--memory", options.mining.memory_bytes, "for counting, like 4GiB; more goes to disk")
      ->transform(CLI::AsSizeValue(false))
      ->check(CLI::Range(uint64_t{16} << 20, uint64_t{1} << 50))
      ->type_name("SIZE")
      ->default_str(fmt::format("{}MiB", options.mining.memory_bytes >> 20));
  command
      .add_option("--scratch",
                  options.scratch,
                  "where files without a name are put, about 1.4 times the text [the system's "
                  "folder for such]")
      ->type_name("DIR");
}

}  // namespace

void add_grams_mine(CLI::App& grams) {
  auto options = std::make_shared<MineOptions>();
  CLI::App* command =
      grams.add_subcommand("mine", "all n-grams of solutions that occur in enough of them");
  add_solution_options(*command, options->solutions);
  command
      ->add_option(
          "--out", options->out, "candidates to write; a file that is there is never written over")
      ->type_name("FILE")
      ->required();
  add_bounds(*command, *options);
  add_resources(*command, *options);
  command->footer(footer_of(
      "A line of FILE is a gram: occurrences, solutions and problems that hold it, how often it\n"
      "begins a sentence or holds a name or quantity of its problem, solutions by source and by\n"
      "training step, and places. A solution that comes twice counts once.",
      {.examples = {"stratagram grams mine runs/demo/grpo --out candidates.jsonl"},
       .first = {"scripts/demo.sh"}}));
  command->callback([options] { mine(*options); });
}

}  // namespace stratagram::cli
