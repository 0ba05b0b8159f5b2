// train/run_config.h -- everything a training run is told, one struct a section of its TOML file.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "credit/config.h"
#include "metrics/config.h"
#include "reward/config.h"
#include "rollout/config.h"
#include "train/config.h"
#include "train/guards.h"

namespace stratagram::train {

struct ModelSection {
  std::string path;
  std::string dtype = "float32";
  std::string device;  ///< empty: cuda:0 if present, else cpu
  std::string chat_template = "auto";
  void describe(ConfigFields& fields);
};

struct ReferenceSection {
  std::string reference;  ///< empty: the model before its first update
  void describe(ConfigFields& fields);
};

struct DataSection {
  std::string problems;
  std::string prompt = "{problem}";
  std::string system;
  bool skip_blank_answers = false;
  void describe(ConfigFields& fields);
};

struct RunSection {
  int64_t seed = 0;
  int64_t num_steps = 100;
  int64_t prompts_per_step = 16;
  int64_t samples_per_prompt = 8;
  int64_t max_rollout_mb = 2000;
  void describe(ConfigFields& fields);
};

struct GramsSection {
  std::string catalogue = "paper-v3";
  int64_t rarefied_draws = metrics::kRarefiedDraws;
  int64_t follower_words = metrics::kFollowerWords;
  double fork_share = metrics::kForkShare;
  void describe(ConfigFields& fields);
};

/// Benchmarks during the run. The same code as `stratagram eval`, called from outside
/// (TrainObserver).
struct EvalSection {
  int64_t every = 0;  ///< steps; 0: never
  std::vector<std::string> benchmarks{};
  std::string prompt_template{};  ///< empty: each recipe's
  int64_t samples = 0;            ///< 0: each recipe's
  int64_t max_new_tokens = 0;     ///< 0: each recipe's
  int64_t limit = 0;              ///< 0: all problems
  void describe(ConfigFields& fields);
};

struct RunConfig {
  ModelSection model;
  ReferenceSection reference;
  DataSection data;
  RunSection run;
  rollout::SamplingConfig sampling;
  rollout::EngineConfig engine;
  reward::RewardConfig reward;
  GramsSection grams;
  credit::CreditConfig credit;
  LossConfig loss;
  OptimizerConfig optimizer;
  ScheduleConfig schedule;
  UpdateConfig update;
  DynamicSamplingConfig dynamic_sampling;
  EvalSection eval;
  CheckpointConfig checkpoint;
  GuardConfig guard;

  /// Binds every field under its section's name; the object must outlive `fields`.
  void describe(ConfigFields& fields);

  /// What does not fit together, one sentence each; empty for a sound configuration.
  [[nodiscard]] std::vector<std::string> problems() const;
};

}  // namespace stratagram::train
