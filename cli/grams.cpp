// stratagram grams: strategic grams in texts, and the catalogues they come from.
#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/help.h"
#include "core/error.h"
#include "core/file.h"
#include "core/interrupt.h"
#include "core/jsonl.h"
#include "core/log.h"
#include "core/share.h"
#include "grams/matcher.h"
#include "grams/placebo.h"
#include "grams/render.h"

namespace stratagram::cli {
namespace {

using nlohmann::json;

struct Options {
  std::string catalogue = "paper-v3";
  std::vector<std::string> files;
  std::string format = "jsonl";
  std::string field = "response";
  std::string out;
};

grams::Catalogue load(const std::string& name) {
  return grams::Catalogue::load(find_shared_json("catalogues", name));
}

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

void tag(const Options& options) {
  const grams::Matcher matcher(load(options.catalogue));
  std::vector<std::string> fragments;
  const auto write = [&](std::ostream& out) {
    for (const std::string& file : options.files) {
      JsonlReader reader(file);
      for (auto row = reader.next(); row; row = reader.next()) {
        throw_if_interrupted("stopped; run the command again");
        const auto text = field_of<std::string>(*row, options.field, reader.where());
        if (options.format == "html") {
          fragments.push_back(grams::render_html(matcher, text));
        } else if (options.format == "ansi") {
          out << grams::render_ansi(matcher, text) << "\n\n";
        } else {
          (*row)["grams"] = spans_of(matcher, text);
          out << to_json_line(*row) << "\n";
        }
      }
    }
    if (options.format == "html") {
      out << grams::html_page("Strategic grams: " + matcher.catalogue().name, fragments);
    }
  };
  if (options.out.empty()) {
    write(std::cout);
  } else {
    write_file_atomically(options.out, write);
  }
}

void show(const std::string& name) {
  const grams::Catalogue catalogue = load(name);
  std::cout << fmt::format(
      "{}: {} grams\nsource  {}\ndigest  {}\n\n{:<12} {:<10} {:>9} {:>9}  gram\n",
      catalogue.name,
      catalogue.grams.size(),
      catalogue.source,
      catalogue.digest(),
      "role",
      "origin",
      "count",
      "documents");
  std::vector<grams::Gram> sorted = catalogue.grams;
  std::ranges::stable_sort(sorted, {}, &grams::Gram::role);
  for (const grams::Gram& gram : sorted) {
    std::cout << fmt::format(
        "{:<12} {:<10} {:>9} {:>9}  {}\n",
        grams::role_name(gram.role),
        gram.origin,
        gram.count > 0 ? std::to_string(gram.count) : "-",
        gram.document_frequency > 0 ? std::to_string(gram.document_frequency) : "-",
        gram.text);
  }
}

struct PlaceboOptions {
  std::string catalogue = "paper-v3";
  std::vector<std::string> files;
  std::string field = "response";
  std::string out;
  uint64_t seed = 0;
};

void placebo(const PlaceboOptions& options) {
  if (std::filesystem::exists(options.out)) {
    fail(ErrorKind::kConfig,
         "{}: is there already; a catalogue is never overwritten, choose another --out",
         options.out);
  }
  check_can_create(options.out);
  std::vector<std::string> texts;
  for (const std::string& file : options.files) {
    JsonlReader reader(file);
    for (auto row = reader.next(); row; row = reader.next()) {
      throw_if_interrupted("stopped; nothing was written, so run the command again");
      texts.push_back(field_of<std::string>(*row, options.field, reader.where()));
    }
  }
  const grams::Placebo made =
      grams::make_placebo(grams::Matcher(load(options.catalogue)), texts, options.seed);
  made.catalogue.save(options.out);
  spdlog::info("{}: partners of the {} grams that occur in {} texts; {} occurrences for {}",
               options.out,
               made.num_matched,
               texts.size(),
               made.placebo_count,
               made.original_count);
}

void add_placebo(CLI::App& grams) {
  auto options = std::make_shared<PlaceboOptions>();
  CLI::App* command = grams.add_subcommand(
      "placebo", "random grams matched to a catalogue in number, length and count");
  command->add_option("FILE", options->files, "JSON Lines with texts of the policy, e.g. rollouts")
      ->required();
  command
      ->add_option(
          "--out", options->out, "catalogue to write; one that is there is never written over")
      ->type_name("FILE")
      ->required();
  command->add_option("--catalogue", options->catalogue, "a file, or the name of one of ours")
      ->type_name("NAME")
      ->capture_default_str();
  command->add_option("--field", options->field, "field that holds the text")
      ->type_name("NAME")
      ->capture_default_str();
  command->add_option("--seed", options->seed, "keys the choice")->capture_default_str();
  command->footer(
      footer_of("The control of a rule on strategic grams: train with credit.rule=placebo and\n"
                "credit.placebo_catalogue=FILE.",
                {"stratagram grams placebo runs/demo/rollouts/000000.jsonl --out placebo.json"}));
  command->callback([options] { placebo(*options); });
}

}  // namespace

void add_grams(CLI::App& app) {
  CLI::App* command = app.add_subcommand("grams", "strategic grams in texts, and catalogues");
  command->group("Measure");
  command->require_subcommand(1);
  command->footer(footer_of("", {"stratagram grams show paper-v3"}) +
                  "\nmore     stratagram grams COMMAND --help");

  auto options = std::make_shared<Options>();
  CLI::App* tagging = command->add_subcommand("tag", "mark the strategic grams of responses");
  tagging->add_option("FILE", options->files, "JSON Lines, e.g. rollouts of a run")->required();
  tagging->add_option("--catalogue", options->catalogue, "a file, or the name of one of ours")
      ->type_name("NAME")
      ->capture_default_str();
  tagging
      ->add_option("--format",
                   options->format,
                   "jsonl: the rows with their grams (byte spans); html: a page; ansi: colours")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"jsonl", "html", "ansi"}))
      ->capture_default_str();
  tagging->add_option("--field", options->field, "field that holds the text")
      ->type_name("NAME")
      ->capture_default_str();
  tagging->add_option("--out", options->out, "write here instead of to stdout")->type_name("FILE");
  tagging->footer(
      footer_of("", {"stratagram grams tag runs/demo/rollouts/000000.jsonl --format ansi"}));
  tagging->callback([options] { tag(*options); });

  auto name = std::make_shared<std::string>("paper-v3");
  CLI::App* showing = command->add_subcommand("show", "the grams of a catalogue");
  showing->add_option("CATALOGUE", *name, "a file, or the name of one of ours")
      ->capture_default_str();
  showing->footer(footer_of("", {"stratagram grams show paper-v3"}));
  showing->callback([name] { show(*name); });
  add_placebo(*command);
}

}  // namespace stratagram::cli
