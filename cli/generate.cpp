// stratagram generate: completions of one prompt or of a problem set.
#include <iostream>
#include <memory>
#include <string_view>
#include <vector>

#include "cli/commands.h"
#include "cli/generate_rows.h"
#include "cli/help.h"
#include "cli/sampling_options.h"
#include "core/error.h"
#include "core/file.h"
#include "core/log.h"
#include "rollout/engine.h"
#include "text/problem_sets.h"
#include "text/problems.h"

namespace stratagram::cli {
namespace {

std::vector<Prompt> prompts_of(const GenerateOptions& options, const rollout::Policy& policy) {
  if (options.problems.empty()) return {policy.prompt("prompt", options.system, options.prompt)};
  std::vector<Prompt> prompts;
  for (const Problem& problem :
       text::read_problems(text::find_problem_set(options.problems), {.skip_blank_answers = true})
           .problems) {
    prompts.push_back(policy.prompt(
        problem.id, options.system, text::fill_prompt(options.prompt_template, problem)));
  }
  return prompts;
}

// The response appears as it is written.
void stream(const GenerateOptions& options, const rollout::Policy& policy, const Prompt& prompt) {
  rollout::Engine engine(policy.model, policy.tokenizer, policy.end_token_ids, options.engine);
  const std::vector<rollout::Request> requests = {{.prompt = prompt}};
  spdlog::info("memory: {}", engine.plan(requests, options.sampling).text());
  rollout::Callbacks callbacks;
  callbacks.on_text = [](int64_t, int64_t, std::string_view bytes) {
    std::cout << bytes << std::flush;
  };
  (void)engine.generate(requests, options.sampling, {.seed = options.seed}, callbacks);
  std::cout << "\n";
}

void run(const GenerateOptions& options) {
  if (!options.out.empty()) check_can_create(options.out);
  const rollout::Policy policy = options.model.load();
  const std::vector<Prompt> prompts = prompts_of(options, policy);
  if (options.out.empty() && prompts.size() == 1 && options.samples == 1) {
    stream(options, policy, prompts.front());
    return;
  }
  generate_rows(options, policy, prompts);
}

}  // namespace

void add_generate(CLI::App& app) {
  constexpr const char* kPrompts = "prompts";
  auto options = std::make_shared<GenerateOptions>();
  CLI::App* command = app.add_subcommand("generate", "completions of a prompt or a problem set");
  command->group("Run a model");
  options->model.add_to(*command);
  command
      ->add_option("--prompt", options->prompt, "one user message; its response streams to stdout")
      ->group(kPrompts);
  command
      ->add_option("--problems", options->problems, "or a problem set: a JSON Lines file or a name")
      ->type_name("FILE")
      ->group(kPrompts);
  command->add_option("--system", options->system, "system message")->group(kPrompts);
  command
      ->add_option("--prompt-template",
                   options->prompt_template,
                   "the user message of --problems; {problem} stands for the problem's text, "
                   "{numbers} and {target} for those of a Countdown puzzle")
      ->group(kPrompts)
      ->capture_default_str();
  command->add_option("--out", options->out, "write JSON Lines here instead of to stdout")
      ->type_name("FILE");
  add_sampling_options(*command,
                       {.sampling = options->sampling,
                        .engine = options->engine,
                        .num_samples = options->samples,
                        .seed = options->seed});
  command->footer(footer_of(
      "writes   a JSON object a response: problem_id sample prompt response token_ids logprobs\n"
      "         entropies finish seed; a single --prompt with one sample streams its text "
      "instead.\n"
      "         With --out FILE.jsonl a stopped command goes on from FILE.part.jsonl",
      {.examples =
           {"stratagram generate --model data/models/lab --prompt 'Make 24 from 3, 8, 4 and 2.'",
            "stratagram generate --model data/models/lab --problems puzzles.jsonl --out "
            "rows.jsonl"},
       .first = {"stratagram data make countdown --out puzzles.jsonl --count 20"}}));
  command->callback([options, command] {
    if ((command->count("--prompt") > 0) == (command->count("--problems") > 0)) {
      fail(ErrorKind::kConfig, "wanted either --prompt TEXT or --problems FILE");
    }
    run(*options);
  });
}

}  // namespace stratagram::cli
