// train/sft_config.h -- everything a supervised run is told, one struct a section of its TOML file.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "train/config.h"
#include "train/run_config.h"

namespace stratagram {
class ConfigFields;
}

namespace stratagram::train {

struct StartSection {
  std::string start = "weights";  ///< "weights", or "random": only config and tokenizer are read
  void describe(ConfigFields& fields);
};

struct SftRunSection {
  int64_t seed = 0;
  int64_t num_epochs = 1;
  int64_t sequences_per_step = 64;
  int64_t max_tokens = 2048;  ///< longer pairs are left out, and counted
  void describe(ConfigFields& fields);
};

struct PassSection {
  int64_t micro_batch_tokens = 8192;
  bool recompute_layers = false;
  int64_t kept_logits_mb = UpdateConfig{}.kept_logits_mb;
  void describe(ConfigFields& fields);
};

struct SftConfig {
  ModelSection model;
  StartSection start;
  DataSection data;
  SftRunSection run;
  OptimizerConfig optimizer;
  ScheduleConfig schedule;
  PassSection update;
  CheckpointConfig checkpoint;

  /// Binds every field under its section's name; the object must outlive `fields`.
  void describe(ConfigFields& fields);

  /// What does not fit together, one sentence each; empty for a sound configuration.
  [[nodiscard]] std::vector<std::string> problems() const;
};

}  // namespace stratagram::train
