#include "cli/label_option.h"

namespace stratagram::cli {

void LabelOption::add_to(CLI::App& command) {
  command.add_option("--labels", file, "rows of gram and strategic, see data/labels")
      ->type_name("FILE")
      ->required();
  command.add_option("--half", halves, "only labels of this half; may be given again; default all")
      ->type_name("NAME")
      ->take_all()
      ->expected(1);
}

}  // namespace stratagram::cli
