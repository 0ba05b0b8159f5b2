// train/sft.h -- the supervised start: raises the likelihood of given solutions.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "metrics/step_record.h"
#include "rollout/policy.h"
#include "train/adamw.h"
#include "train/packing.h"
#include "train/run_folder.h"
#include "train/sft_config.h"

namespace stratagram::train {

/// One prompt and its solution, Policy::turn_end_id() included.
struct SolvedPair {
  std::vector<int32_t> prompt;
  std::vector<int32_t> response;
};

struct SolvedPairs {
  std::vector<SolvedPair> pairs;
  int64_t num_without_solution = 0;
  int64_t num_too_long = 0;
};

/// Tokenizes problems that have a solution; the prompts are those that train would build. Throws
/// Error(kData) when none is left, with the counts.
[[nodiscard]] SolvedPairs solved_pairs(const rollout::Policy& policy,
                                       std::span<const Problem> problems,
                                       const SftConfig& config);

struct SftStep {
  double loss = 0.0;  ///< mean negative log-likelihood of a response token, nats
  int64_t num_tokens = 0;
  bool finite = true;
};

/// Adds the gradient of the mean over all response tokens of `pairs` to that of the weights.
/// The cut into micro-batches changes nothing but rounding.
[[nodiscard]] SftStep accumulate_sft_gradients(const model::Transformer& model,
                                               std::span<const SolvedPair* const> pairs,
                                               const PassSection& passes);

/// One supervised run in one folder. Not thread-safe.
class SftTrainer {
 public:
  struct Observer {
    std::function<void(const std::string& sentence)> on_note;
    std::function<void(const metrics::StepRecord& record, int64_t num_steps)> on_step;
  };
  SftTrainer(const SftConfig& config,
             rollout::Policy policy,
             std::vector<SolvedPair> pairs,
             RunFolder folder,
             Observer observer);

  /// As Trainer::resume().
  void resume();

  /// Trains run.num_epochs epochs. Throws Error(kInterrupted) after interrupted(), with a
  /// checkpoint written; Error(kNumeric), with the last good checkpoint left, for a loss or
  /// gradient that is not finite.
  void run();

  [[nodiscard]] int64_t steps_done() const { return steps_done_; }
  [[nodiscard]] int64_t num_steps() const { return num_epochs_ * steps_per_epoch_; }

 private:
  [[nodiscard]] std::vector<const SolvedPair*> pairs_of_step() const;
  void train_step();
  void write_checkpoint();

  SftConfig config_;
  rollout::Policy policy_;
  std::vector<SolvedPair> pairs_;
  RunFolder folder_;
  Observer observer_;
  AdamW optimizer_;
  int64_t num_epochs_;
  int64_t steps_per_epoch_;
  int64_t steps_done_ = 0;
};

}  // namespace stratagram::train
