// stratagram grams tag: which parts of texts are strategic grams.
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "cli/grams.h"
#include "cli/help.h"
#include "core/file.h"
#include "core/interrupt.h"
#include "core/jsonl.h"
#include "grams/matcher.h"
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
  if (!options.out.empty()) check_can_create(options.out);
  const grams::Matcher matcher(load_catalogue(options.catalogue));
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

}  // namespace

void add_grams_tag(CLI::App& grams) {
  auto options = std::make_shared<Options>();
  CLI::App* tagging = grams.add_subcommand("tag", "mark the strategic grams of responses");
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
  tagging->footer(footer_of("",
                            {.examples = {"stratagram grams tag rows.jsonl --format ansi"},
                             .first = {"stratagram generate --model data/models/lab --prompt 'Make "
                                       "24 from 8, 3.' --out rows.jsonl"}}));
  tagging->callback([options] { tag(*options); });
}

}  // namespace stratagram::cli
