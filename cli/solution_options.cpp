#include "cli/solution_options.h"

namespace stratagram::cli {

void add_solution_options(CLI::App& command, SolutionArguments& target) {
  constexpr const char* kGroup = "responses";
  command
      .add_option("ROLLOUTS",
                  target.paths,
                  "JSON Lines, a run folder or a folder of eval; any trainer's rollouts")
      ->group(kGroup)
      ->required();
  command
      .add_option(
          "--preset",
          target.options.preset,
          "what the rows call things: " + CLI::detail::join(text::solution_presets(), ", ") +
              "; default: told by each file's first row")
      ->group(kGroup)
      ->type_name("NAME")
      ->check(CLI::IsMember(text::solution_presets()));
  command
      .add_option("--field",
                  target.options.changes,
                  "another field for one thing: NAME is id, problem, response, correct, gold, "
                  "step or source, FIELD a field or a JSON pointer; may be given again")
      ->group(kGroup)
      ->type_name("NAME=FIELD")
      ->take_all()
      ->expected(1);
}

}  // namespace stratagram::cli
