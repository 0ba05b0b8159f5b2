// cli/sampling_options.h -- the options of every command that samples responses.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>

#include "rollout/config.h"

namespace stratagram::cli {

/// Where the options go; the values that are there are the defaults.
struct SamplingTargets {
  rollout::SamplingConfig& sampling;
  rollout::EngineConfig& engine;
  int64_t& num_samples;
  uint64_t& seed;
};

/// Declares --samples, --seed, --temperature, --top-p, --top-k, --min-p, --max-new-tokens, --stop
/// and --max-sequences with their ranges. The targets must outlive the parsing.
void add_sampling_options(CLI::App& command, const SamplingTargets& targets);

/// The values of those options under their names, but for the number of samples.
[[nodiscard]] nlohmann::json sampling_conditions(const rollout::SamplingConfig& sampling,
                                                 const rollout::EngineConfig& engine,
                                                 uint64_t seed);

}  // namespace stratagram::cli
