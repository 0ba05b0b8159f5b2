// stratagram data make: problems generated from a key.
#include "cli/data_make.h"

#include <memory>
#include <string>

#include "cli/help.h"
#include "core/file.h"
#include "core/log.h"
#include "text/countdown.h"

namespace stratagram::cli {
namespace {

struct MakeOptions {
  text::CountdownOptions puzzles;
  std::string kind;
  std::string split = "train";
  std::string out;
};

void make(MakeOptions options) {
  check_can_create(options.out);
  options.puzzles.is_test = options.split == "test";
  const auto puzzles = text::make_countdown(options.puzzles);
  text::write_countdown(options.out, puzzles, "countdown-" + options.split);
  int64_t easy = 0;
  int64_t hard = 0;
  for (const text::CountdownPuzzle& puzzle : puzzles) {
    const std::string grade = text::difficulty(puzzle.num_solutions);
    if (grade == "easy") ++easy;
    if (grade == "hard") ++hard;
  }
  spdlog::info("{}: {} puzzles, {} easy, {} medium, {} hard",
               options.out,
               puzzles.size(),
               easy,
               static_cast<int64_t>(puzzles.size()) - easy - hard,
               hard);
}

}  // namespace

void add_data_make(CLI::App& data) {
  auto options = std::make_shared<MakeOptions>();
  CLI::App* command = data.add_subcommand("make", "generate problems from a key");
  command->add_option("KIND", options->kind, "countdown")
      ->required()
      ->check(CLI::IsMember({"countdown"}));
  text::CountdownOptions& puzzles = options->puzzles;
  command->add_option("--out", options->out, "problem set to write (JSON Lines)")
      ->type_name("FILE")
      ->required();
  command
      ->add_option(
          "--split", options->split, "train or test: no puzzle is in both, whatever the seeds")
      ->type_name("SPLIT")
      ->check(CLI::IsMember({"train", "test"}))
      ->capture_default_str();
  command->add_option("--count", puzzles.count, "puzzles to make")->capture_default_str();
  command->add_option("--seed", puzzles.seed, "keys every draw")->capture_default_str();
  command->add_option("--min-numbers", puzzles.min_numbers, "fewest numbers given, 3 to 6")
      ->capture_default_str();
  command->add_option("--max-numbers", puzzles.max_numbers, "most numbers given, 3 to 6")
      ->capture_default_str();
  command->add_option("--max-number", puzzles.max_number, "largest number given")
      ->capture_default_str();
  command->add_option("--max-target", puzzles.max_target, "largest target")->capture_default_str();
  command->add_option("--min-solutions", puzzles.min_solutions, "ways to the target at least")
      ->capture_default_str();
  command->add_option("--max-solutions", puzzles.max_solutions, "and at most; 0 = no limit")
      ->capture_default_str();
  command->footer(footer_of(
      "writes   a puzzle a line: its problem, answer, numbers, target and number of solutions",
      {.examples = {"stratagram data make countdown --out puzzles.jsonl --count 1000 --seed 7"}}));
  command->callback([options] { make(*options); });
}

}  // namespace stratagram::cli
