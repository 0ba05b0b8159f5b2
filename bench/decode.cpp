// nice cmake --build --preset release --target bench_decode
// build/release/bench_decode --model M [--dtype bfloat16] [--sequences 64] [--prompt 64]
//     [--new 128]
//
// Tokens a second of reading prompts and of decoding responses that are sampled from the whole
// softmax with log-probability and entropy. Before anything is timed, those of a response are
// compared with a pass in float64 by libtorch's operators alone. Without --model a small random one
// shows that the program works.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <functional>
#include <iostream>

#include "bench/plain_pass.h"
#include "bench/run_main.h"
#include "core/stream.h"
#include "rollout/engine.h"
#include "rollout/policy.h"
#include "tests/support/tiny_model.h"

namespace stratagram::bench {
namespace {

struct Shape {
  int64_t sequences = 64;
  int64_t prompt_tokens = 64;
  int64_t new_tokens = 128;
};

std::vector<rollout::Request> random_requests(const Shape& shape, int64_t vocab_size) {
  const Stream stream({.seed = 1, .purpose = "bench prompts"});
  std::vector<rollout::Request> requests(shape.sequences);
  for (int64_t i = 0; i < shape.sequences; ++i) {
    requests[i].prompt.problem_id = std::to_string(i);
    for (int64_t t = 0; t < shape.prompt_tokens; ++t) {
      const auto draw = static_cast<uint64_t>(i * shape.prompt_tokens + t);
      requests[i].prompt.token_ids.push_back(
          static_cast<int32_t>(stream.below(static_cast<uint64_t>(vocab_size), draw)));
    }
  }
  return requests;
}

double seconds_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void run(const model::Transformer& model, const text::Tokenizer& tokenizer, const Shape& shape) {
  const std::vector<rollout::Request> requests =
      random_requests(shape, std::min(model.config().vocab_size, tokenizer.vocab_size()));
  rollout::Engine engine(model, tokenizer, {}, {.max_sequences = shape.sequences});
  const auto generate = [&](int64_t new_tokens) {
    return engine.generate(requests, {.max_new_tokens = new_tokens}, {.seed = 3});
  };
  const double worst =
      checked_difference(model, requests.front().prompt, generate(4).front().front());
  std::cout << fmt::format("largest difference to the pass in float64: {:.2g}\n", worst);

  const double reading = seconds_of([&] { (void)generate(1); });
  int64_t num_tokens = 0;
  const double all = seconds_of([&] {
    for (const auto& group : generate(shape.new_tokens)) {
      num_tokens += static_cast<int64_t>(group[0].token_ids.size());
    }
  });
  std::cout << fmt::format(
      "RESULT {} sequences, {}: prompts {:.0f} tokens/s, decode {:.0f} tokens/s\n",
      shape.sequences,
      c10::toString(model.dtype()),
      static_cast<double>(shape.sequences * shape.prompt_tokens) / reading,
      static_cast<double>(num_tokens - shape.sequences) / (all - reading));
}

int run(int argc, char** argv) {
  Shape shape;
  std::string path;
  std::string dtype = "bfloat16";
  CLI::App app("decoding speed");
  app.add_option("--model", path);
  app.add_option("--dtype", dtype);
  app.add_option("--sequences", shape.sequences);
  app.add_option("--prompt", shape.prompt_tokens);
  app.add_option("--new", shape.new_tokens);
  CLI11_PARSE(app, argc, argv);
  if (path.empty()) {
    const auto tokenizer =
        text::Tokenizer::from_json_file(STRATAGRAM_TEST_DATA "/text/qwen2/tokenizer.json");
    run(tiny_model({.vocab_size = tokenizer.vocab_size()}), tokenizer, shape);
  } else {
    const rollout::Policy policy = rollout::load_policy(path, {.dtype = dtype});
    run(policy.model, policy.tokenizer, shape);
  }
  return 0;
}

}  // namespace
}  // namespace stratagram::bench

int main(int argc, char** argv) {
  return stratagram::bench::run_main(stratagram::bench::run, argc, argv);
}
