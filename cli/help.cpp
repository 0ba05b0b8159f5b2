#include "cli/help.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <sstream>
#include <utility>
#include <vector>

#include "cli/help_layout.h"

namespace stratagram::cli {
namespace {

// What stands for an option's value. CLI11 appends the checks to the type: "INT:POSITIVE".
std::string value_name(const CLI::Option& option) {
  if (option.get_type_size() == 0) return "";
  std::string type = option.get_type_name();
  type = type.substr(0, type.find(':'));
  if (type == "INT" || type == "UINT") return "N";
  if (type == "FLOAT") return "X";
  return type;
}

bool is_repeated(const CLI::Option& option) {
  return option.get_type_size() != 0 &&
         (option.get_multi_option_policy() == CLI::MultiOptionPolicy::TakeAll ||
          option.get_expected_max() > 1);
}

// "--set KEY=VALUE" or "FILE".
std::string spelling(const CLI::Option& option) {
  if (option.get_positional()) return option.get_name(true, false);
  const std::string value = value_name(option);
  return option.get_name(false, true) + (value.empty() ? "" : " " + value);
}

std::string in_usage(const CLI::Option& option) {
  const std::string bare = spelling(option);
  return (option.get_required() ? bare : "[" + bare + "]") + (is_repeated(option) ? "..." : "");
}

std::string meaning_of(const CLI::Option& option) {
  const std::string given = option.get_default_str();
  std::string text = option.get_description();
  if (!given.empty()) text += (text.empty() ? "default " : "; default ") + given;
  return text;
}

std::vector<const CLI::Option*> options_of(const CLI::App& app) {
  return app.get_options([&](const CLI::Option* option) {
    return option != app.get_help_ptr() && !option->get_group().empty();
  });
}

std::string usage(const CLI::App& app, const std::string& name) {
  const std::string start = "usage: " + name;
  std::vector<std::string> parts;
  // Positionals first, then what must be given.
  std::vector<const CLI::Option*> options = options_of(app);
  std::stable_sort(options.begin(), options.end(), [](const auto* a, const auto* b) {
    const auto rank = [](const CLI::Option* option) {
      return option->get_positional() ? 0 : option->get_required() ? 1 : 2;
    };
    return rank(a) < rank(b);
  });
  parts.reserve(options.size());
  for (const CLI::Option* option : options) parts.push_back(in_usage(*option));
  if (app.get_require_subcommand_min() > 0) parts.emplace_back("COMMAND ...");
  if (parts.empty()) return start + "\n";
  return start + " " + wrapped(parts, start.size() + 1, 9) + "\n";
}

std::string argument_tables(const CLI::App& app) {
  std::string text;
  for (const std::string& group : app.get_groups()) {
    std::vector<Row> rows;
    for (const CLI::Option* option : options_of(app)) {
      if (option->get_group() == group) rows.emplace_back(spelling(*option), meaning_of(*option));
    }
    if (rows.empty()) continue;
    text += (group == "Options" ? "" : group + "\n") + table(rows);
  }
  return text;
}

std::string command_tables(const CLI::App& app) {
  std::vector<std::pair<std::string, std::vector<Row>>> groups;
  for (const CLI::App* command : app.get_subcommands({})) {
    const std::string group = command->get_group();
    auto place = std::find_if(
        groups.begin(), groups.end(), [&](const auto& seen) { return seen.first == group; });
    if (place == groups.end()) place = groups.insert(groups.end(), {group, {}});
    place->second.emplace_back(command->get_name(), command->get_description());
  }
  // One table, so that all meanings stand in one column.
  std::vector<Row> rows;
  for (const auto& [group, commands] : groups)
    rows.insert(rows.end(), commands.begin(), commands.end());
  std::istringstream lines(table(rows));
  std::string text;
  for (const auto& [group, commands] : groups) {
    // What a command does not set it has from its parent.
    if (group != app.get_group()) text += group + "\n";
    for (size_t i = 0; i < commands.size(); ++i) {
      std::string line;
      std::getline(lines, line);
      text += line + "\n";
    }
  }
  return text;
}

std::string footer(const std::string& files, const std::string& exits, const Examples& examples) {
  std::vector<std::string> lines;
  if (!files.empty()) lines.push_back(files);
  lines.emplace_back(
      "exits    0 done  2 usage or config  3 data or model file  4 device or memory");
  lines.push_back("         " + exits);
  for (const std::string& line : examples.first) lines.push_back("first    " + line);
  for (const std::string& line : examples.examples) lines.push_back("example  " + line);
  return fmt::format("{}", fmt::join(lines, "\n"));
}

}  // namespace

std::string HelpFormatter::make_help(const CLI::App* app,
                                     std::string name,
                                     CLI::AppFormatMode /*mode*/) const {
  const std::string title = app->get_parent() == nullptr ? "" : name + " - ";
  std::string text = title + app->get_description() + "\n" + usage(*app, name);
  text += command_tables(*app) + argument_tables(*app);
  if (const std::string footer = app->get_footer(); !footer.empty()) text += footer + "\n";
  return text;
}

std::string footer_of(const std::string& files, const Examples& examples) {
  return footer(files, "6 interrupted  70 a bug", examples);
}

std::string footer_of_run(const std::string& files,
                          const std::string& why_5,
                          const Examples& examples) {
  return footer(files, "5 " + why_5 + "  6 interrupted, resumable  70 a bug", examples);
}

}  // namespace stratagram::cli
