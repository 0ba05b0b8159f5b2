// train/trainer.h -- the step loop: problems, rollout, verdicts, grams, credit, update, record,
// checkpoint; and again.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "credit/credit_rule.h"
#include "grams/matcher.h"
#include "metrics/step_record.h"
#include "reward/grader.h"
#include "rollout/engine.h"
#include "rollout/policy.h"
#include "train/adamw.h"
#include "train/dynamic_sampling.h"
#include "train/gradients.h"
#include "train/guards.h"
#include "train/measure.h"
#include "train/run_config.h"
#include "train/run_folder.h"

namespace stratagram::train {

/// What a run tells while it goes on; all optional.
struct TrainObserver {
  std::function<void(const std::string& sentence)> on_note;
  std::function<void(const std::string& sentence)> on_warning;
  /// Tokens and responses of the step's rollout so far.
  std::function<void(int64_t step, int64_t tokens, int64_t responses)> on_rollout;
  std::function<void(const metrics::StepRecord& record)> on_step;
  /// Evaluates the policy as it is after `steps_done` steps and returns its figures by their names
  /// in metrics.jsonl. Called at every multiple of eval.every, and again for the same number when a
  /// stopped run goes on from there.
  std::function<std::vector<std::pair<std::string, double>>(
      int64_t steps_done, const rollout::Policy& policy, rollout::Engine& engine)>
      evaluate{};
};

/// One run in one folder. Not thread-safe.
class Trainer {
 public:
  /// Loads nothing; takes what was loaded. `reference` may be null without a KL term.
  struct Parts {
    rollout::Policy policy;
    std::unique_ptr<rollout::Policy> reference;
    std::vector<Problem> problems;
    grams::Catalogue catalogue;
    std::optional<grams::Catalogue> placebo{};  ///< wanted by the credit rule "placebo" alone
    /// Operations a second of this machine's matrix products in the policy's dtype; without it no
    /// utilisation is recorded.
    std::optional<double> gemm_peak{};
  };
  Trainer(const RunConfig& config, Parts parts, RunFolder folder, TrainObserver observer);
  ~Trainer();

  /// Takes up the newest complete checkpoint of the folder and drops what came after it; without a
  /// checkpoint the run begins again. Throws Error(kData) for a damaged checkpoint.
  void resume();

  /// Trains up to run.num_steps. Writes metrics, rollouts and checkpoints, the last one at the end;
  /// none after a step that was not finite.
  /// Throws Error(kInterrupted) after interrupted(), with a checkpoint of the last complete step
  /// written; Error(kNumeric) when a guard ends the run (with a checkpoint, unless the step was not
  /// finite), or when the last step was not finite.
  void run();

  [[nodiscard]] int64_t steps_done() const { return steps_done_; }

 private:
  [[nodiscard]] DrawnStep draw_step();
  [[nodiscard]] std::vector<Group> draw_batch(int64_t batch);
  [[nodiscard]] std::vector<const Problem*> next_problems();
  void judge(Group& group);
  void train_step();
  [[nodiscard]] bool is_evaluated() const;
  void evaluate(metrics::StepRecord& record);
  void write_checkpoint();
  void finish_step(std::span<const Group> step,
                   metrics::StepRecord& record,
                   const StepFacts& facts);
  void note(const std::string& sentence) const;

  RunConfig config_;
  Parts parts_;
  RunFolder folder_;
  TrainObserver observer_;
  reward::Grader grader_;
  grams::Matcher matcher_;
  std::unique_ptr<credit::CreditRule> rule_;
  rollout::Engine engine_;
  AdamW optimizer_;
  Guards guards_;
  Baseline baseline_;
  int64_t steps_done_ = 0;
  int64_t problems_drawn_ = 0;  ///< place in the endless sequence of shuffled problem sets
  bool last_finite_ = true;     ///< false after a step with an update that was not finite
  bool planned_ = false;
  bool rollouts_full_ = false;
  double rollout_seconds_ = 0;
  double reward_seconds_ = 0;
};

}  // namespace stratagram::train
