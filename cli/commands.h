// cli/commands.h -- one function a subcommand: it declares its options and sets the callback that
// runs them. Parsing, calling and printing only; the work is in src/.
#pragma once

#include <CLI/CLI.hpp>

namespace stratagram::cli {

void add_train(CLI::App& app);
void add_sft(CLI::App& app);
void add_config(CLI::App& app);
void add_verify(CLI::App& app);
void add_generate(CLI::App& app);
void add_score(CLI::App& app);
void add_tokenize(CLI::App& app);
void add_eval(CLI::App& app);
void add_compare(CLI::App& app);
void add_analyze(CLI::App& app);
void add_errors(CLI::App& app);
void add_grams(CLI::App& app);
void add_data(CLI::App& app);
void add_models(CLI::App& app);
void add_doctor(CLI::App& app);
void add_bench(CLI::App& app);

}  // namespace stratagram::cli
