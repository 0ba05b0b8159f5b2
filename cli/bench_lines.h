// cli/bench_lines.h -- the lines of `stratagram bench`: each measures and prints its rows.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/bench_table.h"
#include "rollout/policy.h"
#include "speed/grpo_step.h"
#include "speed/machine.h"
#include "train/config.h"

namespace stratagram::cli {

/// What the options ask for; every number is at least 1, of groups and new tokens 2.
struct BenchSizes {
  std::vector<int64_t> sequences{64, 8, 1};
  int64_t prompt_tokens = 64;
  int64_t new_tokens = 128;
  int64_t prompts = 8;
  int64_t group = 8;
  int64_t tokens = 128;
  int64_t micro_batch_tokens = 2048;
  int64_t kept_logits_mb = train::UpdateConfig{}.kept_logits_mb;  ///< may be 0
  int64_t steps = 2;
  bool state_on_disk = false;
  bool recompute_layers = false;
};

/// What the lines share. Lines that train change the policy's weights.
struct BenchSubject {
  rollout::Policy policy;
  std::vector<Prompt> prompts;  ///< of a step
  bool made_up = true;          ///< the prompts are no problems, but random tokens
  BenchSizes sizes;
  speed::Peaks peaks;
  std::optional<speed::StepSpeed> step{};  ///< once grpo_step was timed
};

/// The names that LINE may have, in the order in which they are timed.
[[nodiscard]] std::vector<std::string> bench_line_names();

/// Throws Error(kConfig) with the nearest name for a line that does not exist, and what the line
/// throws.
void run_bench_line_(const std::string& name, BenchSubject& subject, BenchTable& table);

/// Those that are timed when none is named: all that take minutes at most.
[[nodiscard]] std::vector<std::string> default_bench_lines();

}  // namespace stratagram::cli
