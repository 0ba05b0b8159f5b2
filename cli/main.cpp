// The program: finds the subcommand, runs it, turns every error into one line and an exit code.
#include <exception>
#include <iostream>
#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "cli/commands.h"
#include "core/error.h"
#include "core/interrupt.h"
#include "core/log.h"
#include "core/version.h"

namespace {

namespace cli = stratagram::cli;
using stratagram::ErrorKind;

constexpr const char* kFooter =
    "exits    0 done  2 usage or config  3 data or model file  4 device or memory\n"
    "         5 not finite or no longer learning  6 interrupted, resumable  70 a bug\n"
    "example  stratagram generate --model data/models/lab --prompt 'Use 3, 7 and 2 to make 13.'\n"
    "more     stratagram COMMAND --help";

std::string command_name(const CLI::App& app) {
  std::string name = "stratagram";
  for (const CLI::App* at = &app; !at->get_subcommands().empty();) {
    at = at->get_subcommands().front();
    name += " " + at->get_name();
  }
  return name;
}

int report(const CLI::App& app, ErrorKind kind, const std::string& message) {
  std::cerr << command_name(app) << ": " << stratagram::error_kind_name(kind) << ": " << message
            << "\n";
  return stratagram::exit_code(kind);
}

int run(CLI::App& app, int argc, char** argv) {
  try {
    // CLI11 reads the words after the program's name from the back.
    std::vector<std::string> words;
    for (int i = argc - 1; i > 0; --i) words.emplace_back(argv[i]);  // NOLINT(*.ArrayBound)
    app.parse(std::move(words));
    return 0;
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error, std::cout, std::cerr);  // --help
    app.exit(error, std::cerr, std::cerr);
    return stratagram::exit_code(ErrorKind::kConfig);
  } catch (const stratagram::Error& error) {
    return report(app, error.kind(), error.what());
  } catch (const std::bad_alloc&) {
    return report(app,
                  ErrorKind::kDevice,
                  "out of memory; lower rollout.max_sequences, train.micro_batch_tokens or the "
                  "length budget");
  } catch (const std::exception& error) {
    // libtorch throws its own types; its out-of-memory message is the one users meet.
    const std::string message = error.what();
    const bool memory = message.find("out of memory") != std::string::npos ||
                        message.find("can't allocate memory") != std::string::npos;
    return report(app, memory ? ErrorKind::kDevice : ErrorKind::kInternal, message);
  }
}

void declare(CLI::App& app) {
  app.set_version_flag("--version", stratagram::version_text());
  app.require_subcommand(1);
  app.footer(kFooter);
  app.get_formatter()->column_width(26);
  auto log_level = std::make_shared<std::string>("info");
  app.add_option("--log", *log_level, "trace, debug, info, warn, error or off")
      ->capture_default_str();
  app.parse_complete_callback([log_level] {
    stratagram::set_up_log(*log_level);
    stratagram::install_interrupt_handler();
  });
  cli::add_train(app);
  cli::add_sft(app);
  cli::add_config(app);
  cli::add_generate(app);
  cli::add_score(app);
  cli::add_tokenize(app);
  cli::add_eval(app);
  cli::add_compare(app);
  cli::add_verify(app);
  cli::add_grams(app);
  cli::add_data(app);
  cli::add_models(app);
  cli::add_doctor(app);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    CLI::App app{"stratagram - reinforce the reasoning of language models and see what was learned",
                 "stratagram"};
    declare(app);
    return run(app, argc, argv);
  } catch (const std::exception& error) {  // only a wrongly declared command gets here
    std::cerr << "stratagram: " << error.what() << "\n";
    return stratagram::exit_code(ErrorKind::kInternal);
  }
}
