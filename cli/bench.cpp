// stratagram bench: how fast this program is on this machine, a line for each part of its work.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/bench_lines.h"
#include "cli/bench_table.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/model_option.h"
#include "core/config.h"
#include "core/error.h"
#include "core/interrupt.h"
#include "core/log.h"
#include "core/share.h"
#include "model/weights.h"
#include "speed/machine.h"
#include "speed/subject.h"
#include "text/problem_sets.h"

namespace stratagram::cli {
namespace {

struct Options {
  std::vector<std::string> lines;
  std::string model;
  std::string problems;
  std::string dtype = "auto";
  BenchSizes sizes;
  bool json = false;
};

// In the order in which they are timed, each once.
std::vector<std::string> lines_of(const Options& options) {
  const std::vector<std::string> known = bench_line_names();
  for (const std::string& line : options.lines) {
    if (std::ranges::find(known, line) != known.end()) continue;
    fail(ErrorKind::kConfig,
         "unknown line '{}'; did you mean '{}'? Lines: {}",
         line,
         nearest_name(line, known),
         fmt::join(known, ", "));
  }
  if (options.lines.empty()) return default_bench_lines();
  std::vector<std::string> wanted;
  for (const std::string& line : known) {
    if (std::ranges::find(options.lines, line) != options.lines.end()) wanted.push_back(line);
  }
  return wanted;
}

rollout::Policy load(const Options& options, at::ScalarType dtype) {
  if (options.model.empty()) {
    return speed::random_policy(share_folder() / "models" / "lab" / "tokenizer.json", dtype);
  }
  return rollout::load_policy(model_path(options.model),
                              {.dtype = model::dtype_name(dtype), .device = "cpu"});
}

void print_machine(const speed::Machine& machine,
                   const BenchSubject& subject,
                   const Options& options,
                   BenchTable& table) {
  const std::string dtype = model::dtype_name(subject.policy.model.dtype());
  table.print_facts(
      "machine",
      {{"processor", machine.processor},
       {"threads", machine.threads},
       {"vectors", machine.vectors},
       {"fast bfloat16", machine.fast_bfloat16},
       {"AMX", machine.amx},
       {"float32 GFLOPS", subject.peaks.float32 / 1e9},
       {"bfloat16 GFLOPS", subject.peaks.bfloat16 / 1e9},
       {"copies GB/s", speed::copy_bandwidth() / 1e9},
       {"model", options.model.empty() ? "random, of SmolLM2-135M's size" : options.model},
       {"parameters", subject.policy.model.num_parameters()},
       {"dtype", options.dtype == "auto" && !options.json ? dtype + ", the faster one" : dtype}});
}

void run(const Options& options) {
  const std::vector<std::string> lines = lines_of(options);
  // Before anything takes time.
  const std::string problems =
      options.problems.empty() ? "" : text::find_problem_set(options.problems).string();
  const speed::Peaks peaks = speed::gemm_peaks();
  const at::ScalarType dtype =
      options.dtype == "auto" ? peaks.faster() : model::dtype_of_name(options.dtype);
  rollout::Policy policy = load(options, dtype);
  const BenchSizes& sizes = options.sizes;
  std::vector<Prompt> prompts =
      problems.empty() ? speed::random_prompts(policy, sizes.prompts, sizes.prompt_tokens)
                       : speed::problem_prompts(policy, problems, sizes.prompts);
  BenchSubject subject{.policy = std::move(policy),
                       .prompts = std::move(prompts),
                       .made_up = problems.empty(),
                       .sizes = sizes,
                       .peaks = peaks};
  BenchTable table(options.json);
  print_machine(speed::describe_machine(), subject, options, table);
  for (const std::string& line : lines) {
    throw_if_interrupted("stopped; run the command again");
    run_bench_line_(line, subject, table);
  }
}

void add_sizes(CLI::App& command, BenchSizes& sizes) {
  constexpr const char* kGroup = "sizes";
  command.add_option("--sequences", sizes.sequences, "decoded at once, a row each")
      ->type_name("N[,N]")
      ->delimiter(',')
      ->check(CLI::Range(1, 65536))
      ->group(kGroup)
      ->default_str("64,8,1");
  const auto add = [&](const char* name, int64_t& value, const char* meaning) {
    return command.add_option(name, value, meaning)->group(kGroup)->capture_default_str();
  };
  constexpr int64_t kMost = 1 << 20;
  add("--prompt", sizes.prompt_tokens, "tokens of a made-up prompt")
      ->check(CLI::Range(int64_t{1}, kMost));
  add("--new", sizes.new_tokens, "tokens decoded of each sequence")
      ->check(CLI::Range(int64_t{2}, kMost));
  add("--prompts", sizes.prompts, "of a GRPO step")->check(CLI::Range(int64_t{1}, kMost));
  add("--group", sizes.group, "responses of each of them")->check(CLI::Range(int64_t{2}, kMost));
  add("--tokens", sizes.tokens, "of each response of a step or pass")
      ->check(CLI::Range(int64_t{1}, kMost));
  add("--micro", sizes.micro_batch_tokens, "packed tokens of a micro-batch")
      ->check(CLI::Range(int64_t{1}, kMost));
  add("--kept-logits", sizes.kept_logits_mb, "MB of logits kept for the backward pass")
      ->check(CLI::Range(int64_t{0}, kMost));
  command
      .add_flag("--state-on-disk",
                sizes.state_on_disk,
                "GRPO steps with optimizer.state_on_disk, in the folder for temporary files")
      ->group(kGroup);
  command
      .add_flag(
          "--recompute-layers", sizes.recompute_layers, "GRPO steps with update.recompute_layers")
      ->group(kGroup);
  add("--steps", sizes.steps, "GRPO steps, of which the fastest counts")
      ->check(CLI::Range(int64_t{1}, kMost));
}

}  // namespace

void add_bench(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("bench", "how fast the program is on this machine");
  command->group("Look up");
  command->add_option("LINE",
                      options->lines,
                      fmt::format("{}; without any all but growth, which takes long",
                                  fmt::join(bench_line_names(), ", ")));
  command
      ->add_option("--model",
                   options->model,
                   "Hugging Face folder, .gguf file or hub:owner/name (default: random weights of "
                   "SmolLM2-135M's size)")
      ->type_name("M");
  command
      ->add_option("--problems",
                   options->problems,
                   "a problem set, by file or by name, for the prompts of steps and passes "
                   "(default: random tokens)")
      ->type_name("FILE");
  command
      ->add_option("--dtype",
                   options->dtype,
                   "float32, bfloat16, or auto: the one whose matrix products are faster here")
      ->type_name("TYPE")
      ->check(CLI::IsMember({"auto", "float32", "bfloat16"}))
      ->capture_default_str();
  command->add_flag("--json", options->json, "an object a line instead of a table");
  add_sizes(*command, options->sizes);
  command->footer(footer_of(
      "prints   the machine and what its matrix products reach, then a row a figure; what is "
      "timed\n"
      "         is compared with float64 or a plain search first, and nothing is printed of it "
      "when\n"
      "         they differ. Figures count only where nothing else runs; only the CPU is timed",
      {.examples = {"stratagram bench decode host --model data/models/lab --sequences 8"}}));
  command->callback([options] { run(*options); });
}

}  // namespace stratagram::cli
