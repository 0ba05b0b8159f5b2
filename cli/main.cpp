// The program: finds the subcommand, runs it, turns every error into one line and an exit code.
#include <c10/util/Exception.h>

#include <csignal>
#include <exception>
#include <iostream>
#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "cli/commands.h"
#include "cli/help.h"
#include "cli/usage.h"
#include "core/error.h"
#include "core/interrupt.h"
#include "core/log.h"
#include "core/version.h"
#include "model/tensor_pages.h"

namespace {

namespace cli = stratagram::cli;
using stratagram::ErrorKind;

constexpr const char* kFooter =
    "exits    0 done  2 usage or config  3 data or model file  4 device or memory\n"
    "         5 not finite or no longer learning  6 interrupted, resumable  70 a bug\n"
    "example  stratagram generate --model data/models/lab --prompt 'Make 24 from 3, 8, 4 and 2.'\n"
    "more     stratagram COMMAND --help";

constexpr const char* kInterruptNotice =
    "\nstopping as soon as nothing is lost by it; a second Ctrl-C stops at once\n";

int report(const CLI::App& app, const char* what, ErrorKind kind, const std::string& message) {
  std::cerr << cli::command_name(app) << ": " << what << ": " << message << "\n";
  return stratagram::exit_code(kind);
}

int report(const CLI::App& app, ErrorKind kind, const std::string& message) {
  return report(app, stratagram::error_kind_name(kind), kind, message);
}

// What other libraries throw. Of libtorch's errors a user meets the one about memory; anything else
// is a fault of this program.
int report_foreign(const CLI::App& app, const std::string& message) {
  for (const char* sign : {"out of memory", "can't allocate memory", "not enough memory"}) {
    if (message.find(sign) == std::string::npos) continue;
    return report(app,
                  ErrorKind::kDevice,
                  message +
                      "; lower rollout.max_sequences, update.micro_batch_tokens or the length "
                      "budget");
  }
  return report(app, ErrorKind::kInternal, message + "; this is a bug, please report it");
}

int report_usage(const CLI::App& app, const CLI::ParseError& error, bool is_bare) {
  if (error.get_exit_code() == 0) {  // --help or --version
    const bool is_help = error.get_name() == "CallForHelp";
    std::cout << (is_help ? app.help() : std::string(error.what()) + "\n") << std::flush;
    return 0;
  }
  if (is_bare) std::cerr << app.help() << "\n";
  return report(app, "usage error", ErrorKind::kConfig, cli::usage_message(app, error));
}

// Results that were lost are no success, and only a flush shows that they were.
void check_results_written() {
  std::cout.flush();
  if (!std::cout) {
    stratagram::fail(ErrorKind::kDevice,
                     "stdout: writing failed, results are lost; is the disk full?");
  }
}

int run(CLI::App& app, int argc, char** argv) {
  try {
    // CLI11 reads the words after the program's name from the back.
    std::vector<std::string> words;
    for (int i = argc - 1; i > 0; --i) words.emplace_back(argv[i]);  // NOLINT(*.ArrayBound)
    app.parse(std::move(words));
    check_results_written();
    return 0;
  } catch (const CLI::ParseError& error) {
    return report_usage(app, error, argc < 2);
  } catch (const stratagram::Error& error) {
    return report(app, error.kind(), error.what());
  } catch (const c10::Error& error) {
    return report_foreign(app, error.what_without_backtrace());
  } catch (const std::bad_alloc&) {
    return report_foreign(app, "out of memory");
  } catch (const std::exception& error) {
    return report_foreign(app, error.what());
  }
}

void declare(CLI::App& app) {
  app.set_version_flag("--version", stratagram::version_text(), "print the version of this build");
  app.require_subcommand(1);
  app.formatter(std::make_shared<cli::HelpFormatter>());
  app.fallthrough();  // --log may stand after the command too
  auto log_level = std::make_shared<std::string>("info");
  app.add_option(
         "--log", *log_level, "how much to say on stderr: trace, debug, info, warn, error or off")
      ->type_name("LEVEL")
      ->capture_default_str();
  app.parse_complete_callback([log_level] {
    stratagram::set_up_log(*log_level);
    stratagram::install_interrupt_handler(kInterruptNotice);
    std::signal(SIGXFSZ, SIG_IGN);  // a file beyond the limit is a failed write, which is reported
  });
  cli::add_train(app);
  cli::add_sft(app);
  cli::add_config(app);
  cli::add_generate(app);
  cli::add_score(app);
  cli::add_tokenize(app);
  cli::add_eval(app);
  cli::add_compare(app);
  cli::add_analyze(app);
  cli::add_verify(app);
  cli::add_errors(app);
  cli::add_grams(app);
  cli::add_data(app);
  cli::add_models(app);
  cli::add_doctor(app);
  cli::add_bench(app);
  app.footer(kFooter);  // last, or the commands would have it too
}

}  // namespace

int main(int argc, char** argv) {
  try {
    stratagram::model::use_tensor_pages();
    CLI::App app{"stratagram - reinforce the reasoning of language models and see what was learned",
                 "stratagram"};
    declare(app);
    return run(app, argc, argv);
  } catch (const std::exception& error) {  // only a wrongly declared command gets here
    std::cerr << "stratagram: " << error.what() << "\n";
    return stratagram::exit_code(ErrorKind::kInternal);
  }
}
