// stratagram tokenize: lines in, token ids out.
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/model_option.h"
#include "core/file.h"
#include "core/interrupt.h"
#include "core/jsonl.h"
#include "model/gguf.h"

namespace stratagram::cli {
namespace {

struct Options {
  std::string model;
  bool special = false;
  bool decode = false;
};

text::Tokenizer load_tokenizer(const std::string& model) {
  const std::filesystem::path path = model_path(model);
  if (std::filesystem::is_directory(path)) {
    return text::Tokenizer::from_json_file(path / "tokenizer.json");
  }
  if (path.extension() == ".json") return text::Tokenizer::from_json_file(path);
  const MappedFile file(path);
  return text::Tokenizer::from_gguf(model::parse_gguf(file.bytes(), path.string()).metadata,
                                    path.string());
}

void run(const Options& options) {
  const text::Tokenizer tokenizer = load_tokenizer(options.model);
  int64_t number = 0;
  for (std::string line; std::getline(std::cin, line);) {
    throw_if_interrupted("tokenize was stopped");
    ++number;
    if (options.decode) {
      const auto ids = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
      const nlohmann::json row = {{"ids", ids}};
      const auto list =
          field_of<std::vector<int64_t>>(row, "ids", "stdin:" + std::to_string(number));
      const std::vector<int32_t> narrow(list.begin(), list.end());
      std::cout << to_json_line(tokenizer.decode(narrow, false)) << "\n";
    } else {
      std::cout << to_json_line(tokenizer.encode(line, options.special).ids) << "\n";
    }
  }
}

}  // namespace

void add_tokenize(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("tokenize", "lines in, token ids as JSON out");
  command->group("Look at models and text");
  command->add_option("--model", options->model, "folder, .gguf file or tokenizer.json")
      ->required()
      ->type_name("M");
  command->add_flag("--special", options->special, "add the tokens that begin or end a text");
  command->add_flag("--decode", options->decode, "the other way: JSON arrays of ids in, texts out");
  command->footer(
      "example  echo 'wait, let me check' | stratagram tokenize --model data/models/lab");
  command->callback([options] { run(*options); });
}

}  // namespace stratagram::cli
