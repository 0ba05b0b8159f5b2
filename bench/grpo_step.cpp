// nice cmake --build --preset release --target bench_grpo_step
// build/release/bench_grpo_step --model M --problems FILE [--dtype float32] [--prompts 8]
//     [--group 8] [--tokens 128] [--steps 2] [--micro 2048] [--recompute]
//
// Seconds of one GRPO step, rollout and optimizer included: responses of exactly so many tokens,
// and random rewards, so that every group has a spread. Peak resident memory of the process. Before
// anything is timed, a rollout is compared with a pass in float64 by libtorch's operators alone;
// every step timed must have the first ratio of equal policies, and its gap is printed. Without
// --model a small random one shows that the program works.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <iostream>

#include "bench/plain_pass.h"
#include "bench/run_main.h"
#include "core/error.h"
#include "core/stream.h"
#include "credit/credit_rule.h"
#include "rollout/engine.h"
#include "rollout/policy.h"
#include "tests/support/tiny_model.h"
#include "text/problems.h"
#include "train/clock.h"
#include "train/learn.h"

namespace stratagram::bench {
namespace {

struct Shape {
  int64_t prompts = 8;
  int64_t group = 8;
  int64_t tokens = 128;
  int64_t steps = 2;
  int64_t micro = 2048;
  bool recompute = false;
};

std::vector<Group> groups_of(const std::vector<Prompt>& prompts,
                             std::vector<std::vector<Completion>> completions,
                             int64_t step) {
  const Stream stream({.seed = 2, .purpose = "bench rewards", .step = static_cast<uint64_t>(step)});
  std::vector<Group> groups(prompts.size());
  uint64_t draw = 0;
  for (size_t i = 0; i < prompts.size(); ++i) {
    groups[i].prompt = prompts[i];
    for (Completion& completion : completions[i]) {
      Trajectory& trajectory = groups[i].trajectories.emplace_back();
      trajectory.planning_mask.assign(completion.token_ids.size(), 0);
      trajectory.judgement.reward = stream.uniform(draw++) < 0.5 ? 0.0 : 1.0;
      trajectory.completion = std::move(completion);
    }
    // Of both at least one.
    groups[i].trajectories.front().judgement.reward = 0.0;
    groups[i].trajectories.back().judgement.reward = 1.0;
  }
  credit::make_credit_rule({.rule = "grpo"})->assign(groups);
  return groups;
}

void run(const model::Transformer& model,
         const text::Tokenizer& tokenizer,
         const std::vector<Prompt>& prompts,
         const Shape& shape) {
  train::RunConfig config;
  config.sampling.max_new_tokens = shape.tokens;
  config.engine.max_sequences = shape.prompts * shape.group;
  config.update.recompute_layers = shape.recompute;
  config.update.micro_batch_tokens = shape.micro;
  rollout::Engine engine(model, tokenizer, {}, config.engine);
  train::AdamW optimizer(model.weights(), config.optimizer);
  std::vector<rollout::Request> requests;
  requests.reserve(prompts.size());
  for (const Prompt& prompt : prompts) {
    requests.push_back({.prompt = prompt, .num_samples = shape.group});
  }
  const auto sample = engine.generate({requests.front()}, {.max_new_tokens = 4}, {.seed = 3});
  std::cout << fmt::format("largest difference to the pass in float64: {:.2g}\n",
                           checked_difference(model, prompts.front(), sample[0][0]));
  for (int64_t step = 0; step < shape.steps; ++step) {
    const train::Clock whole;
    auto completions = engine.generate(
        requests, config.sampling, {.seed = 3, .step = static_cast<uint64_t>(step)});
    const double rollout = whole.seconds();
    engine.release();
    const std::vector<Group> groups = groups_of(prompts, std::move(completions), step);
    const train::UpdateSummary summary =
        train::learn_from(groups, model, nullptr, optimizer, {.config = config, .step = step});
    if (!summary.report.applied || !(std::abs(summary.first_ratio - 1) < 0.02)) {
      fail(ErrorKind::kInternal,
           "step {}: wanted an applied update with a first ratio of 1, got {}",
           step + 1,
           summary.report.applied ? fmt::format("a ratio of {}", summary.first_ratio)
                                  : std::string("no update"));
    }
    std::cout << fmt::format(
        "STEP {}: {:.1f} s, of them rollout {:.1f} s; peak {:.2f} GB; mean exp|gap| {:.5f}\n",
        step + 1,
        whole.seconds(),
        rollout,
        static_cast<double>(train::peak_memory_bytes()) / 1e9,
        summary.gap.mean_exp());
  }
}

int run(int argc, char** argv) {
  Shape shape;
  std::string path, problems;
  std::string dtype = "float32";
  CLI::App app("seconds of one GRPO step");
  app.add_option("--model", path);
  app.add_option("--problems", problems);
  app.add_option("--dtype", dtype);
  app.add_option("--prompts", shape.prompts);
  app.add_option("--group", shape.group);
  app.add_option("--tokens", shape.tokens);
  app.add_option("--steps", shape.steps);
  app.add_option("--micro", shape.micro);
  app.add_flag("--recompute", shape.recompute);
  CLI11_PARSE(app, argc, argv);
  std::vector<Prompt> prompts;
  if (path.empty()) {
    const auto tokenizer =
        text::Tokenizer::from_json_file(STRATAGRAM_TEST_DATA "/text/qwen2/tokenizer.json");
    for (int64_t i = 0; i < shape.prompts; ++i) {
      const std::string text = fmt::format("Let {} + x = 3", i);
      prompts.push_back(
          {.problem_id = text, .text = text, .token_ids = tokenizer.encode(text, false).ids});
    }
    run(tiny_model({.vocab_size = tokenizer.vocab_size()}), tokenizer, prompts, shape);
    return 0;
  }
  const rollout::Policy policy = rollout::load_policy(path, {.dtype = dtype});
  for (const Problem& problem : text::read_problems(problems).problems) {
    if (static_cast<int64_t>(prompts.size()) == shape.prompts) break;
    prompts.push_back(policy.prompt(problem.id, "", problem.text));
  }
  run(policy.model, policy.tokenizer, prompts, shape);
  return 0;
}

}  // namespace
}  // namespace stratagram::bench

int main(int argc, char** argv) {
  return stratagram::bench::run_main(stratagram::bench::run, argc, argv);
}
