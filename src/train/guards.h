// train/guards.h -- nothing learns silently nothing: each way in which a step can be without effect
// has a name, is counted, and after a set number of steps in a row ends the run.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace stratagram {
class ConfigFields;
}

namespace stratagram::train {

struct GuardConfig {
  int64_t max_idle_steps = 20;       ///< steps in a row with the same fault
  int64_t max_not_finite_steps = 3;  ///< steps in a row that were skipped
  double max_first_ratio = 0.05;     ///< |mean ratio - 1| allowed on the first inner step
  void describe(ConfigFields& fields);
};

/// What one step looked like; counts of this step.
struct StepFacts {
  int64_t num_responses = 0;
  int64_t num_truncated = 0;
  int64_t num_unparseable = 0;
  int64_t num_groups = 0;
  int64_t num_zero_spread = 0;
  int64_t num_planning_tokens = 0;
  bool needs_planning = false;  ///< the credit rule acts on planning tokens only
  bool finite = true;
  double first_ratio = 1.0;  ///< mean ratio of the first inner step
};

/// Not thread-safe.
class Guards {
 public:
  explicit Guards(const GuardConfig& config) : config_(config) {}

  /// Counts this step and gives one sentence per fault that it has. Throws Error(kNumeric) when one
  /// fault was seen in as many steps in a row as the configuration allows.
  std::vector<std::string> observe(const StepFacts& facts);

  /// Steps in a row per fault, for the trainer state: a resumed run counts on.
  [[nodiscard]] nlohmann::json to_json() const;
  void read_json(const nlohmann::json& record);

 private:
  GuardConfig config_;
  std::map<std::string, int64_t> in_a_row_;
};

}  // namespace stratagram::train
