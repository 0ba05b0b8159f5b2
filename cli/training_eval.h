// cli/training_eval.h -- benchmarks during training: what `eval` does, into the run's own folder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "cli/benchmarks.h"
#include "cli/progress.h"
#include "rollout/engine.h"
#include "rollout/policy.h"
#include "train/run_config.h"

namespace stratagram::cli {

class TrainingEval {
 public:
  /// Reads the benchmarks of `config.eval`, none while it is off; draws are keyed by the run's
  /// seed. Throws like read_benchmarks() and options_for().
  TrainingEval(const train::RunConfig& config, std::filesystem::path run_folder);

  /// Evaluates the policy as it is after `steps_done` steps into RUN/eval/STEPS_DONE, as
  /// `eval --out` does. A benchmark whose result is there is read instead, and one that was stopped
  /// goes on. Returns eval/NAME/pass@1 and eval/NAME/length of each. Throws like eval::evaluate().
  [[nodiscard]] std::vector<std::pair<std::string, double>> run(int64_t steps_done,
                                                                const rollout::Policy& policy,
                                                                rollout::Engine& engine,
                                                                Progress& progress) const;

 private:
  std::filesystem::path run_folder_;
  std::vector<Benchmark> benchmarks_;
  std::vector<eval::EvalOptions> options_;
};

}  // namespace stratagram::cli
