// stratagram tokenize: lines in, token ids out.
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/help.h"
#include "cli/model_option.h"
#include "core/error.h"
#include "core/interrupt.h"
#include "core/jsonl.h"

namespace stratagram::cli {
namespace {

struct Options {
  std::string model;
  bool special = false;
  bool decode = false;
};

void run(const Options& options) {
  const text::Tokenizer tokenizer = load_tokenizer(options.model);
  int64_t number = 0;
  const auto decode = [&](const std::string& line) {
    const std::string where = "stdin:" + std::to_string(number);
    const auto ids = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (ids.is_discarded()) fail(ErrorKind::kData, "{}: wanted an array of token ids", where);
    std::vector<int32_t> narrow;
    for (const int64_t id : field_of<std::vector<int64_t>>({{"ids", ids}}, "ids", where)) {
      if (id < 0 || id >= tokenizer.vocab_size()) {
        fail(ErrorKind::kData,
             "{}: id {}: wanted 0 to {}, the ids of this tokenizer",
             where,
             id,
             tokenizer.vocab_size() - 1);
      }
      narrow.push_back(static_cast<int32_t>(id));
    }
    return tokenizer.decode(narrow, false);
  };
  for (std::string line; std::getline(std::cin, line);) {
    throw_if_interrupted("stopped; run the command again");
    ++number;
    if (options.decode) {
      std::cout << to_json_line(decode(line)) << "\n";
    } else {
      std::cout << to_json_line(tokenizer.encode(line, options.special).ids) << "\n";
    }
  }
}

}  // namespace

void add_tokenize(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("tokenize", "lines in, token ids as JSON out");
  command->group("Run a model");
  command
      ->add_option(
          "--model", options->model, "folder, .gguf file, tokenizer.json or hub:owner/name")
      ->required()
      ->type_name("M");
  command->add_flag("--special", options->special, "add the tokens that begin or end a text");
  command->add_flag("--decode", options->decode, "the other way: JSON arrays of ids in, texts out");
  command->footer(footer_of(
      "reads    stdin, a text a line; with --decode an array of ids a line\n"
      "prints   an array of ids a line; with --decode a JSON string a line",
      {.examples = {"echo 'wait, let me check' | stratagram tokenize --model data/models/lab"}}));
  command->callback([options] { run(*options); });
}

}  // namespace stratagram::cli
