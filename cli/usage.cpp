#include "cli/usage.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

#include "core/config.h"

namespace stratagram::cli {
namespace {

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* at = &app; at != nullptr; at = at->get_parent()) {
    for (const CLI::Option* option : at->get_options()) {
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    }
  }
  return names;
}

std::vector<std::string> subcommand_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
  return names;
}

std::string what_is_wrong(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App& command = chosen_command(app);
  const std::vector<std::string> left = app.remaining(true);
  const std::vector<std::string> commands = subcommand_names(command);
  if (!left.empty() && left.front().starts_with('-')) {
    const std::string word = left.front().substr(0, left.front().find('='));
    return fmt::format(
        "unknown option '{}'; did you mean '{}'?", word, nearest_name(word, option_names(command)));
  }
  if (!left.empty() && !commands.empty()) {
    return fmt::format("unknown command '{}'; did you mean '{}'?",
                       left.front(),
                       nearest_name(left.front(), commands));
  }
  if (!left.empty()) return fmt::format("unexpected argument '{}'", left.front());
  if (!commands.empty() &&
      error.get_exit_code() == static_cast<int>(CLI::ExitCodes::RequiredError)) {
    return fmt::format("wanted a command: {}", fmt::join(commands, ", "));
  }
  return error.what();
}

}  // namespace

const CLI::App& chosen_command(const CLI::App& app) {
  const CLI::App* at = &app;
  while (!at->get_subcommands().empty()) at = at->get_subcommands().front();
  return *at;
}

std::string command_name(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* at = &chosen_command(app); at != nullptr; at = at->get_parent()) {
    names.push_back(at->get_name());
  }
  return fmt::format("{}", fmt::join(names.rbegin(), names.rend(), " "));
}

std::string usage_message(const CLI::App& app, const CLI::ParseError& error) {
  return fmt::format("{}; see {} --help", what_is_wrong(app, error), command_name(app));
}

}  // namespace stratagram::cli
