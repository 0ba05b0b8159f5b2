// stratagram generate: completions of one prompt or of a problem set.
#include <fmt/format.h>

#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/help.h"
#include "cli/model_option.h"
#include "cli/progress.h"
#include "cli/sampling_options.h"
#include "core/error.h"
#include "core/file.h"
#include "core/jsonl.h"
#include "core/log.h"
#include "rollout/engine.h"
#include "text/problem_sets.h"
#include "text/problems.h"

namespace stratagram::cli {
namespace {

using nlohmann::json;

struct Options {
  ModelOption model;
  std::string prompt;
  std::string problems;
  std::string system;
  std::string prompt_template = "{problem}";
  std::string out;
  int64_t samples = 1;
  uint64_t seed = 0;
  rollout::SamplingConfig sampling;
  rollout::EngineConfig engine{.max_sequences = 16};
};

std::vector<rollout::Request> requests_of(const Options& options, const rollout::Policy& policy) {
  std::vector<rollout::Request> requests;
  const auto add = [&](const std::string& id, const std::string& text) {
    requests.push_back(
        {.prompt = policy.prompt(id, options.system, text), .num_samples = options.samples});
  };
  if (options.problems.empty()) {
    add("prompt", options.prompt);
    return requests;
  }
  for (const Problem& problem :
       text::read_problems(text::find_problem_set(options.problems), {.skip_blank_answers = true})
           .problems) {
    add(problem.id, text::fill_prompt(options.prompt_template, problem));
  }
  return requests;
}

json row_of(const rollout::Request& request, const Completion& completion) {
  const auto rounded = [](const std::vector<float>& values) {
    json list = json::array();
    for (const float value : values) list.push_back(round_significant(value));
    return list;
  };
  return {{"problem_id", request.prompt.problem_id},
          {"sample", completion.sample},
          {"prompt", request.prompt.text},
          {"response", completion.text},
          {"token_ids", completion.token_ids},
          {"logprobs", rounded(completion.logprobs)},
          {"entropies", rounded(completion.entropies)},
          {"finish", finish_name(completion.finish)},
          {"seed", completion.seed}};
}

void run(const Options& options) {
  if (!options.out.empty()) check_can_create(options.out);
  const rollout::Policy policy = options.model.load();
  const std::vector<rollout::Request> requests = requests_of(options, policy);
  rollout::Engine engine(policy.model, policy.tokenizer, policy.end_token_ids, options.engine);
  spdlog::info("memory: {}", engine.plan(requests, options.sampling).text());
  const rollout::RolloutKey key{.seed = options.seed};
  const auto total = static_cast<int64_t>(requests.size()) * options.samples;

  rollout::Callbacks callbacks;
  Progress progress("tokens");
  const bool stream = options.out.empty() && total == 1;
  if (stream) {
    callbacks.on_text = [](int64_t, int64_t, std::string_view bytes) {
      std::cout << bytes << std::flush;
    };
  } else {
    callbacks.on_step = [&](int64_t tokens, int64_t responses) {
      progress.update(tokens, 0, fmt::format("{} of {} responses", responses, total));
    };
  }
  const auto completions = engine.generate(requests, options.sampling, key, callbacks);
  progress.finish();
  if (stream) {
    std::cout << "\n";
    return;
  }
  const auto write = [&](std::ostream& out) {
    for (size_t i = 0; i < requests.size(); ++i) {
      for (const Completion& completion : completions[i]) {
        out << to_json_line(row_of(requests[i], completion)) << "\n";
      }
    }
  };
  if (options.out.empty()) {
    write(std::cout);
  } else {
    write_file_atomically(options.out, write);
  }
}

}  // namespace

void add_generate(CLI::App& app) {
  constexpr const char* kPrompts = "prompts";
  auto options = std::make_shared<Options>();
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
      "         entropies finish seed; a single --prompt with one sample streams its text instead",
      {"stratagram generate --model data/models/lab --prompt 'Make 24 from 3, 8, 4 and 2.'",
       "stratagram generate --model data/models/lab --problems puzzles.jsonl --out rows.jsonl"}));
  command->callback([options, command] {
    if ((command->count("--prompt") > 0) == (command->count("--problems") > 0)) {
      fail(ErrorKind::kConfig, "wanted either --prompt TEXT or --problems FILE");
    }
    run(*options);
  });
}

}  // namespace stratagram::cli
