#include "cli/help.h"

#include <algorithm>
#include <sstream>
#include <utility>
#include <vector>

namespace stratagram::cli {
namespace {

constexpr size_t kColumns = 100;
constexpr size_t kWidestName = 24;

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

// Words after `indent` columns, broken before kColumns; `column` is where the line stands already.
std::string wrapped(const std::vector<std::string>& words, size_t column, size_t indent) {
  std::string text;
  bool fresh = true;
  for (const std::string& word : words) {
    if (!fresh && column + 1 + word.size() > kColumns) {
      text += "\n" + std::string(indent, ' ');
      column = indent;
      fresh = true;
    }
    if (!fresh) text += ' ';
    column += word.size() + (fresh ? 0 : 1);
    text += word;
    fresh = false;
  }
  return text;
}

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

using Row = std::pair<std::string, std::string>;

std::string table(const std::vector<Row>& rows) {
  size_t widest = 0;
  for (const auto& [name, meaning] : rows) {
    if (name.size() <= kWidestName) widest = std::max(widest, name.size());
  }
  const size_t indent = widest + 4;
  std::string text;
  for (const auto& [name, meaning] : rows) {
    text += "  " + name;
    if (!meaning.empty()) {
      text += name.size() > widest ? "\n" + std::string(indent, ' ')
                                   : std::string(indent - 2 - name.size(), ' ');
    }
    text += wrapped(words_of(meaning), indent, indent) + "\n";
  }
  return text;
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

std::string footer_of(const std::string& files, const std::vector<std::string>& examples) {
  std::string text = files;
  if (!text.empty() && !text.ends_with('\n')) text += '\n';
  text +=
      "exits    0 done  2 usage or config  3 data or model file  4 device or memory\n"
      "         6 interrupted  70 a bug";
  for (const std::string& example : examples) text += "\nexample  " + example;
  return text;
}

}  // namespace stratagram::cli
