// stratagram grams tag: which parts of texts are strategic grams.
#include <fmt/format.h>

#include <filesystem>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/grams.h"
#include "cli/help.h"
#include "cli/solution_options.h"
#include "core/error.h"
#include "core/file.h"
#include "core/interrupt.h"
#include "core/jsonl.h"
#include "grams/matcher.h"
#include "grams/render.h"
#include "grams/tagged_page.h"

namespace stratagram::cli {
namespace {

using nlohmann::json;

struct TagOptions {
  SolutionArguments solutions;
  std::string catalogue = "paper-v3";
  std::string format = "jsonl";
  std::string out;
  bool plain = false;
  int64_t limit = 0;
};

// A text with the row that it came in and what to call it.
struct Item {
  json row;
  std::string heading;
  std::string text;
};

using Visit = std::function<void(const Item&)>;

json spans_of(const grams::Matcher& matcher, const std::string& text) {
  json spans = json::array();
  for (const grams::Occurrence& occurrence : matcher.find(text).counted) {
    const grams::Gram& gram = matcher.catalogue().grams.at(occurrence.gram);
    spans.push_back({{"begin", occurrence.bytes.begin},
                     {"end", occurrence.bytes.end},
                     {"gram", gram.text},
                     {"role", grams::role_name(gram.role)}});
  }
  return spans;
}

std::string heading_of(const text::Solution& solution) {
  std::string heading = solution.source;
  if (solution.step) heading += fmt::format(", step {}", *solution.step);
  if (!solution.problem_id.empty()) heading += ", problem " + solution.problem_id;
  if (solution.correct) heading += *solution.correct ? ", correct" : ", wrong";
  return heading;
}

void visit_files(const TagOptions& options, const Visit& visit) {
  int64_t num_read = 0;
  for (const std::filesystem::path& path : options.solutions.paths) {
    if (options.limit > 0 && num_read == options.limit) break;
    ++num_read;
    const std::string text = read_file(path);
    visit({.row = {{"file", path.filename().string()}, {"response", text}},
           .heading = path.filename().string(),
           .text = text});
  }
}

void visit_responses(const TagOptions& options, const Visit& visit) {
  text::SolutionReader reader(options.solutions.paths, options.solutions.options);
  int64_t num_read = 0;
  while (options.limit == 0 || num_read < options.limit) {
    throw_if_interrupted("stopped; run the command again");
    const auto solution = reader.next();
    if (!solution) break;
    ++num_read;
    visit({.row = options.format == "jsonl" ? reader.row() : json::object(),
           .heading = heading_of(*solution),
           .text = solution->response});
  }
}

void tag(const TagOptions& options) {
  if (options.plain &&
      !(options.solutions.options.preset.empty() && options.solutions.options.changes.empty())) {
    fail(ErrorKind::kConfig, "--plain: a plain text has no fields; leave out --preset and --field");
  }
  if (!options.out.empty()) check_can_create(options.out);
  const grams::Matcher matcher(load_catalogue(options.catalogue));
  const auto write = [&](std::ostream& out) {
    std::optional<grams::TaggedPage> page;
    if (options.format == "html") page.emplace(matcher, out);
    const Visit visit = [&](const Item& item) {
      if (page) {
        page->add(item.heading, item.text);
      } else if (options.format == "ansi") {
        out << grams::render_ansi(matcher, item.text) << "\n\n";
      } else {
        json row = item.row;
        row["grams"] = spans_of(matcher, item.text);
        out << to_json_line(row) << "\n";
      }
    };
    options.plain ? visit_files(options, visit) : visit_responses(options, visit);
    if (page) page->finish();
  };
  options.out.empty() ? write(std::cout) : write_file_atomically(options.out, write);
}

}  // namespace

void add_grams_tag(CLI::App& grams) {
  auto options = std::make_shared<TagOptions>();
  CLI::App* command = grams.add_subcommand("tag", "mark the strategic grams of responses");
  add_solution_options(*command, options->solutions);
  command->add_flag("--plain", options->plain, "ROLLOUTS are plain texts, a file each")
      ->group("responses");
  command->add_option("--catalogue", options->catalogue, "a file, or the name of one of ours")
      ->type_name("NAME")
      ->capture_default_str();
  command
      ->add_option("--format",
                   options->format,
                   "jsonl: the rows with their grams (byte spans); html: a page; ansi: colours")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"jsonl", "html", "ansi"}))
      ->capture_default_str();
  command->add_option("--limit", options->limit, "responses to mark, the first ones; 0: all")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command->add_option("--out", options->out, "write here instead of to stdout")->type_name("FILE");
  command->footer(footer_of(
      "A page is one file without script or outside resource, and grows with the responses.",
      {.examples = {"stratagram grams tag rows.jsonl --format ansi"},
       .first = {"stratagram generate --model data/models/lab --prompt 'Make "
                 "24 from 8, 3.' --out rows.jsonl"}}));
  command->callback([options] { tag(*options); });
}

}  // namespace stratagram::cli
