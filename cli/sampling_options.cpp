#include "cli/sampling_options.h"

#include <nlohmann/json.hpp>

namespace stratagram::cli {

void add_sampling_options(CLI::App& command, const SamplingTargets& targets) {
  constexpr const char* kGroup = "sampling";
  const auto add = [&](const char* name, auto& value, const char* meaning) {
    return command.add_option(name, value, meaning)->group(kGroup)->capture_default_str();
  };
  rollout::SamplingConfig& sampling = targets.sampling;
  add("--samples", targets.num_samples, "responses of each prompt")->check(CLI::PositiveNumber);
  add("--seed", targets.seed, "keys every draw");
  add("--temperature", sampling.temperature, "divides the logits; 0 takes the likeliest token")
      ->check(CLI::Range(0.0, 100.0));
  add("--top-p", sampling.top_p, "draw from the likeliest tokens that hold this share; 1 = all")
      ->check(CLI::Range(1e-6, 1.0));
  add("--top-k", sampling.top_k, "draw from so many likeliest tokens; 0 = all")
      ->check(CLI::NonNegativeNumber);
  add("--min-p",
      sampling.min_p,
      "draw from tokens with at least this share of the likeliest one's probability; 0 = all")
      ->check(CLI::Range(0.0, 1.0));
  add("--max-new-tokens", sampling.max_new_tokens, "length budget of a response")
      ->check(CLI::PositiveNumber);
  command.add_option("--stop", sampling.stop, "a text that ends a response; may be given again")
      ->group(kGroup)
      ->take_all()
      ->expected(1);
  add("--max-sequences", targets.engine.max_sequences, "responses decoded at once")
      ->check(CLI::Range(1, 65536));
}

nlohmann::json sampling_conditions(const rollout::SamplingConfig& sampling,
                                   const rollout::EngineConfig& engine,
                                   uint64_t seed) {
  return {{"seed", seed},
          {"max_sequences", engine.max_sequences},
          {"sampling",
           {{"temperature", sampling.temperature},
            {"top_p", sampling.top_p},
            {"top_k", sampling.top_k},
            {"min_p", sampling.min_p},
            {"stop", sampling.stop},
            {"max_new_tokens", sampling.max_new_tokens}}}};
}

}  // namespace stratagram::cli
