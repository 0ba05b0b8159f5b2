// stratagram grams coverage: how much of responses a catalogue covers, and what it misses.
#include <algorithm>
#include <cmath>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "cli/grams.h"
#include "cli/help.h"
#include "cli/model_option.h"
#include "cli/progress.h"
#include "cli/solution_options.h"
#include "core/error.h"
#include "core/interrupt.h"
#include "core/log.h"
#include "grams/counted_solutions.h"
#include "grams/coverage_output.h"
#include "grams/miner.h"

namespace stratagram::cli {
namespace {

struct CoverageOptions {
  std::string catalogue;
  SolutionArguments solutions;
  std::string tokenizer;
  int64_t unlisted = 25;
  double min_share = 0.02;
  bool json = false;
};

void read(const CoverageOptions& options, grams::Coverage& coverage) {
  Progress progress("reading");
  text::SolutionReader reader(options.solutions.paths, options.solutions.options);
  int64_t num_read = 0;
  for (auto solution = reader.next(); solution; solution = reader.next()) {
    throw_if_interrupted("stopped; run the command again");
    coverage.add(*solution, reader.row(), reader.where());
    progress.update(++num_read, 0, "responses");
  }
  progress.clear();
  if (num_read == 0) {
    fail(ErrorKind::kData,
         "{}: no response in {} files; give rollouts that hold some",
         options.solutions.paths.front().string(),
         reader.files().size());
  }
  if (coverage.num_with_tokens() > 0 && options.tokenizer.empty()) {
    spdlog::info("{} rows have token ids; --tokenizer MODEL counts planning tokens too",
                 coverage.num_with_tokens());
  }
}

std::vector<grams::UnlistedGram> unlisted(const CoverageOptions& options,
                                          const grams::Coverage& coverage) {
  if (options.unlisted == 0) return {};
  Progress progress("mining");
  grams::CountedSolutions distinct(
      text::SolutionReader(options.solutions.paths, options.solutions.options),
      /*only_correct=*/false);
  while (distinct.next()) {
    throw_if_interrupted("stopped while reading; nothing was written, so run the command again");
  }
  const auto num_distinct = static_cast<double>(distinct.num_documents());
  const grams::MiningOptions mining{
      .min_documents =
          std::max<int64_t>(2, std::llround(std::ceil(options.min_share * num_distinct))),
      .max_contexts = 0};
  const grams::CandidateList list =
      grams::mine(options.solutions.paths,
                  options.solutions.options,
                  mining,
                  [&](std::string_view what, int64_t done, int64_t total) {
                    progress.update(done, total, std::string(what));
                  });
  progress.clear();
  std::vector<grams::UnlistedGram> found = grams::unlisted_grams(list, coverage.catalogue());
  if (std::ssize(found) > options.unlisted) found.resize(static_cast<size_t>(options.unlisted));
  return found;
}

void cover(const CoverageOptions& options) {
  const grams::Matcher matcher(load_catalogue(options.catalogue));
  std::optional<text::Tokenizer> tokenizer;
  if (!options.tokenizer.empty()) tokenizer = load_tokenizer(options.tokenizer);
  grams::Coverage coverage(matcher, std::move(tokenizer));
  read(options, coverage);
  const std::vector<grams::UnlistedGram> missed = unlisted(options, coverage);
  if (options.json) {
    std::cout << grams::to_json(coverage, missed)
                     .dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace)
              << "\n";
  } else {
    std::cout << grams::to_text(coverage, missed);
  }
}

void add_options(CLI::App& command, CoverageOptions& options) {
  command.add_option("CATALOGUE", options.catalogue, "a file, or the name of one of ours")
      ->required();
  add_solution_options(command, options.solutions);
  command
      .add_option("--tokenizer",
                  options.tokenizer,
                  "model that wrote the responses, to count planning tokens of rows with token ids")
      ->type_name("M");
  command
      .add_option("--unlisted",
                  options.unlisted,
                  "grams of 3 to 5 words to name that many responses hold and no gram of the "
                  "catalogue touches; 0: none, which is quicker")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command
      .add_option("--min-share", options.min_share, "of the responses that must hold such a gram")
      ->check(CLI::Range(0.0, 1.0))
      ->type_name("SHARE")
      ->capture_default_str();
  command.add_flag("--json", options.json, "every figure, for programs");
}

}  // namespace

void add_grams_coverage(CLI::App& grams) {
  auto options = std::make_shared<CoverageOptions>();
  CLI::App* command = grams.add_subcommand(
      "coverage", "how much of responses a catalogue covers, and what it misses");
  add_options(*command, *options);
  command->footer(footer_of(
      "prints   planning share, grams and roles by source and training step; grams that never\n"
      "         occur; grams that are frequent but not listed, those of late steps first",
      {.examples = {"stratagram grams coverage paper-v3 runs/demo/grpo"},
       .first = {"scripts/demo.sh"}}));
  command->callback([options] { cover(*options); });
}

}  // namespace stratagram::cli
