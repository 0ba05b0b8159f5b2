// stratagram doctor: what this machine and this build can do.
#include <fmt/format.h>
#include <torch/version.h>

#include <cstdlib>
#include <iostream>

#include "cli/commands.h"
#include "cli/help.h"
#include "core/error.h"
#include "core/share.h"
#include "core/version.h"
#include "rollout/memory_plan.h"
#include "rollout/policy.h"
#include "speed/machine.h"

namespace stratagram::cli {
namespace {

void line(const char* what, const std::string& value) {
  std::cout << fmt::format("{:<18}{}\n", what, value);
}

std::string yes_or_no(bool value) {
  return value ? "yes" : "no";
}

void run() {
  line("program", version_text());
  line("libtorch", TORCH_VERSION);
  line("default device", rollout::default_device());
  const speed::Machine machine = speed::describe_machine();
  line("processor", machine.processor);
  line("threads", fmt::format("{}", machine.threads));
  line("vectors", machine.vectors);
  line("fast bfloat16", yes_or_no(machine.fast_bfloat16));
  line("AMX", yes_or_no(machine.amx));
  line("free memory", fmt::format("{} MB", rollout::available_memory() / 1'000'000));
  try {
    line("data folder", share_folder().string());
  } catch (const Error& error) {
    line("data folder", fmt::format("absent: {}", error.what()));
  }
  for (const char* name : {"STRATAGRAM_DATA", "STRATAGRAM_SHARE", "HF_HOME", "OMP_NUM_THREADS"}) {
    const char* value = std::getenv(name);
    line(name, value == nullptr ? "(not set)" : value);
  }
}

}  // namespace

void add_doctor(CLI::App& app) {
  CLI::App* command = app.add_subcommand("doctor", "what this machine and this build can do");
  command->group("Look up");
  command->footer(footer_of("", {.examples = {"stratagram doctor"}}));
  command->callback([] { run(); });
}

}  // namespace stratagram::cli
