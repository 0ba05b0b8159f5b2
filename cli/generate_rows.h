// cli/generate_rows.h -- the responses of `generate` as rows, in a file or on stdout.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/model_option.h"
#include "core/records.h"
#include "rollout/config.h"
#include "rollout/policy.h"

namespace stratagram::cli {

struct GenerateOptions {
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

/// Samples every prompt and writes a row a response, by prompt and sample, to options.out or, when
/// that is empty, to stdout. A file's rows are kept beside it as they come; what a stopped call
/// left there is taken up. Throws like SampleRows and rollout::collect().
void generate_rows(const GenerateOptions& options,
                   const rollout::Policy& policy,
                   const std::vector<Prompt>& prompts);

}  // namespace stratagram::cli
