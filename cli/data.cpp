// stratagram data: problem sets by name; generated puzzles.
#include <fmt/format.h>

#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/data_make.h"
#include "cli/help.h"
#include "cli/progress.h"
#include "core/error.h"
#include "core/log.h"
#include "text/fetch.h"
#include "text/problem_sets.h"
#include "text/registry.h"

namespace stratagram::cli {
namespace {

std::string size_text(uint64_t bytes) {
  constexpr double kKilo = 1000.0;
  constexpr uint64_t kMega = 1'000'000;
  const auto kilobytes = static_cast<double>(bytes) / kKilo;
  return bytes < kMega ? fmt::format("{:.0f} kB", kilobytes)
                       : fmt::format("{:.1f} MB", kilobytes / kKilo);
}

// Plain columns, the same on a terminal and in a pipe; the place comes last, as it may hold blanks.
void list() {
  constexpr const char* kRow = "{:<16} {:>8} {:>8}  {:<11} {}\n";
  std::cout << fmt::format(kRow, "NAME", "PROBLEMS", "SIZE", "LICENCE", "WHERE");
  for (const text::RegisteredSet& set : text::read_registry(text::registry_file())) {
    const std::optional<std::filesystem::path> place = text::locate_set(set);
    std::cout << fmt::format(kRow,
                             set.name,
                             set.num_problems,
                             size_text(set.num_bytes()),
                             set.licence,
                             place ? place->string() : "-");
  }
}

// Standard output gets the files, one a line, for scripts.
void fetch_one(const text::RegisteredSet& set, const text::FetchOptions& options) {
  std::optional<std::filesystem::path> file = text::locate_set(set);
  if (!file) {
    spdlog::info("{}: {}, {} problems, {} from {}, licence {}{}{}",
                 set.name,
                 set.title,
                 set.num_problems,
                 size_text(set.num_bytes()),
                 set.repository,
                 set.licence,
                 set.note.empty() ? "" : "; ",
                 set.note);
    Progress progress(set.name);
    file = text::fetch_set(set, options, [&](uint64_t received, std::optional<uint64_t> total) {
      progress.update(
          static_cast<int64_t>(received), static_cast<int64_t>(total.value_or(0)), "bytes");
    });
  }
  std::cout << file->string() << "\n" << std::flush;
}

struct FetchArguments {
  std::vector<std::string> names;
  bool all = false;
};

void fetch(const FetchArguments& arguments) {
  const std::vector<text::RegisteredSet> sets = text::read_registry(text::registry_file());
  const text::FetchOptions options = text::FetchOptions::from_environment();
  std::vector<const text::RegisteredSet*> wanted;
  wanted.reserve(sets.size() + arguments.names.size());
  // All names are looked up first: a wrong one costs no download.
  for (const std::string& name : arguments.names) {
    wanted.push_back(&text::find_registered(sets, name));
  }
  if (arguments.all) {
    for (const text::RegisteredSet& set : sets) wanted.push_back(&set);
  }
  for (const text::RegisteredSet* set : wanted) fetch_one(*set, options);
}

void add_fetch(CLI::App& data) {
  auto arguments = std::make_shared<FetchArguments>();
  CLI::App* command =
      data.add_subcommand("fetch", "download sets, check their digests, convert them");
  command->add_option("NAME", arguments->names, "sets of `stratagram data list`");
  command->add_flag("--all", arguments->all, "every set of the registry instead");
  command->footer(footer_of(
      "prints   the file of each set, one a line; what is there already is not asked for\n"
      "reads    STRATAGRAM_CACHE, a folder for the sets (default ~/.cache/stratagram);\n"
      "         STRATAGRAM_DATA_ENDPOINT, a mirror that serves OWNER/NAME/COMMIT/PATH",
      {.examples = {"stratagram data fetch math500 aime24"}}));
  command->callback([arguments] {
    if (arguments->names.empty() != arguments->all) {
      fail(ErrorKind::kConfig, "wanted either NAME, a set of `stratagram data list`, or --all");
    }
    fetch(*arguments);
  });
}

void add_path(CLI::App& data) {
  auto name = std::make_shared<std::string>();
  CLI::App* path = data.add_subcommand("path", "the file that a problem set's name stands for");
  path->add_option("NAME", *name, "a file, a name in the folder STRATAGRAM_DATA, or a fetched set")
      ->required();
  path->footer(
      footer_of("prints   the path, or says where it was looked for",
                {.examples = {"stratagram data path puzzles.jsonl"},
                 .first = {"stratagram data make countdown --out puzzles.jsonl --count 20"}}));
  path->callback([name] { std::cout << text::find_problem_set(*name).string() << "\n"; });
}

}  // namespace

void add_data(CLI::App& app) {
  CLI::App* command = app.add_subcommand("data", "problem sets by name; generated puzzles");
  command->group("Look up");
  command->require_subcommand(1);
  command->footer(footer_of("", {.examples = {"stratagram data list"}}) +
                  "\nmore     stratagram data COMMAND --help");
  CLI::App* table = command->add_subcommand(
      "list", "the sets that are known by name: problems, size, licence, where they are");
  table->footer(
      footer_of("prints   a table; WHERE is - for a set that `stratagram data fetch` would get",
                {.examples = {"stratagram data list"}}));
  table->callback(list);
  add_fetch(*command);
  add_path(*command);
  add_data_make(*command);
}

}  // namespace stratagram::cli
